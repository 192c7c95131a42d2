#include "fake-apiserver/api/validation.h"

#include <algorithm>

#include "fake-apiserver/kinds/kind_rules.h"
#include "fake-apiserver/kinds/names.h"
#include "fake-apiserver/kinds/type_check.h"
#include "fake-apiserver/schema/schema.h"

namespace fakeapi {
namespace {

bool is_object(const Json& value) { return value.is_object(); }
bool is_string(const Json& value) { return value.is_string(); }
bool is_string_map(const Json& value) {
  return value.is_object() && std::all_of(value.begin(), value.end(), [](const Json& v) { return v.is_string(); });
}
bool is_string_list(const Json& value) {
  return value.is_array() && std::all_of(value.begin(), value.end(), [](const Json& v) { return v.is_string(); });
}
bool is_object_list(const Json& value) {
  return value.is_array() && std::all_of(value.begin(), value.end(), [](const Json& v) { return v.is_object(); });
}

struct FieldShape {
  const char* parent;  // null is the object itself
  const char* field;
  bool (*holds)(const Json&);
  const char* type;
};

// Of any kind, those without a table of types included.
constexpr FieldShape kShapes[] = {{nullptr, "metadata", is_object, "an object"},
                                  {"metadata", "name", is_string, "a string"},
                                  {"metadata", "namespace", is_string, "a string"},
                                  {"metadata", "generateName", is_string, "a string"},
                                  {"metadata", "uid", is_string, "a string"},
                                  {"metadata", "resourceVersion", is_string, "a string"},
                                  {"metadata", "labels", is_string_map, "a map of strings"},
                                  {"metadata", "annotations", is_string_map, "a map of strings"},
                                  {"metadata", "finalizers", is_string_list, "a list of strings"},
                                  {"metadata", "ownerReferences", is_object_list, "a list of objects"},
                                  {nullptr, "spec", is_object, "an object"}};

}  // namespace

bool is_dns_subdomain(std::string_view name) { return dns_subdomain_problems(name).empty(); }

std::optional<StatusError> check_shape(const ResourceInfo& info, const std::string& version, Json& object) {
  if (!object.is_object()) return bad_request("the body must be an object");
  const SchemaType* type = info.custom ? nullptr : Schema::builtin().of_kind(info.served_group(), version, info.kind);
  if (type) return check_types(*type, info.kind, version, object);
  for (const FieldShape& shape : kShapes) {
    const Json& value = member(shape.parent ? member(object, shape.parent) : object, shape.field);
    if (value.is_null() || shape.holds(value)) continue;
    const std::string field = shape.parent ? std::string(shape.parent) + "." + shape.field : shape.field;
    return bad_request(info.kind + " in version \"" + version + "\" cannot be handled as a " + info.kind + ": " +
                       field + " must be " + shape.type);
  }
  const auto metadata = object.find("metadata");
  const SchemaType* meta = Schema::builtin().type("io.k8s.apimachinery.pkg.apis.meta.v1.ObjectMeta");
  if (!meta || metadata == object.end() || metadata->is_null()) return std::nullopt;
  return check_types(*meta, info.kind, version, *metadata);
}

std::optional<StatusError> check_values(const ResourceInfo& info, const Json& object, const Json* before) {
  const std::vector<FieldError> errors = check_kind(info, object, before);
  if (errors.empty()) return std::nullopt;
  std::string name = text_at(object, {"metadata", "name"});
  if (name.empty()) name = text_at(object, {"metadata", "generateName"});
  return invalid_object(info.resource.group, info.kind, name, errors);
}

}  // namespace fakeapi
