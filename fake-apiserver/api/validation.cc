#include "fake-apiserver/api/validation.h"

#include <algorithm>

#include "fake-apiserver/api/selector.h"
#include "fake-apiserver/store/json_access.h"

namespace fakeapi {
namespace {

constexpr std::size_t kLongestName = 253;

bool is_object(const Json& value) { return value.is_object(); }
bool is_array(const Json& value) { return value.is_array(); }
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
bool is_integer(const Json& value) { return value.is_number_integer(); }

struct Shape {
  const char* field;  // with dots
  bool (*holds)(const Json&);
  const char* type;
};

constexpr Shape kAnyObject[] = {{"metadata", is_object, "an object"},
                                {"metadata.name", is_string, "a string"},
                                {"metadata.namespace", is_string, "a string"},
                                {"metadata.generateName", is_string, "a string"},
                                {"metadata.uid", is_string, "a string"},
                                {"metadata.resourceVersion", is_string, "a string"},
                                {"metadata.labels", is_string_map, "a map of strings"},
                                {"metadata.annotations", is_string_map, "a map of strings"},
                                {"metadata.finalizers", is_string_list, "a list of strings"},
                                {"metadata.ownerReferences", is_object_list, "a list of objects"},
                                {"spec", is_object, "an object"}};
constexpr Shape kBuiltIn[] = {{"status", is_object, "an object"},
                              {"spec.containers", is_object_list, "a list of objects"},
                              {"spec.terminationGracePeriodSeconds", is_integer, "an integer"},
                              {"spec.minReplicas", is_integer, "an integer"},
                              {"spec.maxReplicas", is_integer, "an integer"},
                              {"spec.metrics", is_object_list, "a list of objects"},
                              {"spec.taints", is_object_list, "a list of objects"},
                              {"spec.ports", is_array, "a list"}};
constexpr Shape kWorkload[] = {{"spec.replicas", is_integer, "an integer"},
                               {"spec.minReadySeconds", is_integer, "an integer"},
                               {"spec.progressDeadlineSeconds", is_integer, "an integer"},
                               {"spec.revisionHistoryLimit", is_integer, "an integer"},
                               {"spec.selector", is_object, "an object"},
                               {"spec.selector.matchLabels", is_string_map, "a map of strings"},
                               {"spec.selector.matchExpressions", is_object_list, "a list of objects"},
                               {"spec.template", is_object, "an object"},
                               {"spec.template.metadata", is_object, "an object"},
                               {"spec.template.metadata.labels", is_string_map, "a map of strings"},
                               {"spec.template.metadata.annotations", is_string_map, "a map of strings"},
                               {"spec.template.spec", is_object, "an object"},
                               {"spec.template.spec.containers", is_object_list, "a list of objects"}};

const Json& at_field(const Json& object, std::string_view field) {
  const Json* value = &object;
  for (;;) {
    const std::size_t dot = field.find('.');
    value = &member(*value, field.substr(0, dot));
    if (dot == std::string_view::npos) return *value;
    field.remove_prefix(dot + 1);
  }
}

template <std::size_t N>
std::optional<StatusError> check(const ResourceInfo& info, const Json& object, const Shape (&shapes)[N]) {
  for (const Shape& shape : shapes) {
    const Json& value = at_field(object, shape.field);
    if (value.is_null() || shape.holds(value)) continue;
    return bad_request(info.kind + " in version \"" + info.versions.front() + "\" cannot be handled as a " + info.kind +
                       ": " + shape.field + " must be " + shape.type);
  }
  return std::nullopt;
}

bool has_pod_template(const ResourceInfo& info) {
  return info.resource.group == "apps" && info.resource.plural != "controllerrevisions";
}

using Errors = std::vector<FieldError>;

void require(Errors& errors, const std::string& field) {
  errors.push_back({field, "FieldValueRequired", "Required value"});
}

void refuse(Errors& errors, const std::string& field, const Json& value, const std::string& why) {
  errors.push_back({field, "FieldValueInvalid", "Invalid value: " + to_text(value) + ": " + why});
}

void check_not_negative(Errors& errors, const Json& object, std::initializer_list<std::string_view> path,
                        const std::string& field) {
  const auto value = integer_at(object, path);
  if (value && *value < 0) refuse(errors, field, *value, "must be greater than or equal to 0");
}

void check_containers(Errors& errors, const Json& pod_spec, const std::string& field) {
  const Json& containers = member(pod_spec, "containers");
  if (!containers.is_array() || containers.empty()) return require(errors, field + ".containers");
  for (std::size_t i = 0; i < containers.size(); ++i) {
    const std::string item = field + ".containers[" + std::to_string(i) + "]";
    if (text_at(containers[i], {"name"}).empty()) require(errors, item + ".name");
    if (text_at(containers[i], {"image"}).empty()) require(errors, item + ".image");
  }
}

void check_workload(Errors& errors, const Json& object, const Json* before) {
  const Json& selector = at_path(object, {"spec", "selector"});
  const Json& labels = at_path(object, {"spec", "template", "metadata", "labels"});
  check_not_negative(errors, object, {"spec", "replicas"}, "spec.replicas");
  if (!selector.is_object()) {
    require(errors, "spec.selector");
  } else {
    const auto parsed = LabelSelector::parse(selector_text(selector));
    if (!parsed || parsed->empty()) {
      refuse(errors, "spec.selector", selector, "empty or unusable selector");
    } else if (!parsed->matches_labels(labels)) {
      refuse(errors, "spec.template.metadata.labels", labels, "`selector` does not match template `labels`");
    }
  }
  if (before && at_path(*before, {"spec", "selector"}) != selector) {
    refuse(errors, "spec.selector", selector, "field is immutable");
  }
  check_containers(errors, at_path(object, {"spec", "template", "spec"}), "spec.template.spec");
}

void check_autoscaler(Errors& errors, const Json& object) {
  const Json& spec = member(object, "spec");
  const auto most = integer_at(spec, {"maxReplicas"});
  const auto least = integer_at(spec, {"minReplicas"});
  if (!most || *most < 1) {
    refuse(errors, "spec.maxReplicas", member(spec, "maxReplicas"), "must be greater than 0");
  } else if (least && *most < *least) {
    refuse(errors, "spec.maxReplicas", *most, "must be greater than or equal to `minReplicas`");
  }
  if (least && *least < 0) refuse(errors, "spec.minReplicas", *least, "must be greater than or equal to 0");
  if (text_at(spec, {"scaleTargetRef", "kind"}).empty()) require(errors, "spec.scaleTargetRef.kind");
  if (text_at(spec, {"scaleTargetRef", "name"}).empty()) require(errors, "spec.scaleTargetRef.name");
}

void check_name(Errors& errors, const ResourceInfo& info, const std::string& name) {
  // Names of RBAC objects are path segments, without the rules of DNS.
  const bool free_form = info.resource.group == "rbac.authorization.k8s.io";
  const bool ok =
      free_form ? name.find('/') == std::string::npos && name.find('%') == std::string::npos : is_dns_subdomain(name);
  if (!ok)
    refuse(errors, "metadata.name", name,
           "a lowercase RFC 1123 subdomain must consist of lower case "
           "alphanumeric characters, '-' or '.', and must start and end with an alphanumeric character");
}

}  // namespace

bool is_dns_subdomain(std::string_view name) {
  const auto alphanumeric = [](char c) { return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9'); };
  if (name.empty() || name.size() > kLongestName) return false;
  for (std::size_t i = 0; i < name.size(); ++i) {
    if (alphanumeric(name[i])) continue;
    if (name[i] != '-' && name[i] != '.') return false;
    // A label begins and ends with a letter or digit.
    if (i == 0 || i + 1 == name.size()) return false;
    if (name[i] == '.' && (!alphanumeric(name[i - 1]) || !alphanumeric(name[i + 1]))) return false;
  }
  return true;
}

std::optional<StatusError> check_shape(const ResourceInfo& info, const Json& object) {
  if (!object.is_object()) return bad_request("the body must be an object");
  if (auto wrong = check(info, object, kAnyObject)) return wrong;
  if (info.custom) return std::nullopt;
  if (auto wrong = check(info, object, kBuiltIn)) return wrong;
  return has_pod_template(info) ? check(info, object, kWorkload) : std::nullopt;
}

std::optional<StatusError> check_values(const ResourceInfo& info, const Json& object, const Json* before) {
  Errors errors;
  std::string name = text_at(object, {"metadata", "name"});
  const std::string stem = text_at(object, {"metadata", "generateName"});
  if (name.empty() && stem.empty()) {
    errors.push_back({"metadata.name", "FieldValueRequired", "Required value: name or generateName is required"});
  } else if (!before) {
    check_name(errors, info, name.empty() ? stem + "x" : name);
  }
  const std::string& plural = info.resource.plural;
  if (has_pod_template(info)) check_workload(errors, object, before);
  if (plural == "horizontalpodautoscalers") check_autoscaler(errors, object);
  if (plural == "pods") check_containers(errors, member(object, "spec"), "spec");
  if (errors.empty()) return std::nullopt;
  if (name.empty()) name = stem;
  return invalid_object(info.resource.group, info.kind, name, errors);
}

}  // namespace fakeapi
