#include "fake-apiserver/custom/custom_resource.h"

#include <limits>

#include "fake-apiserver/api/field_validation.h"
#include "fake-apiserver/api/scale.h"
#include "fake-apiserver/api/validation.h"
#include "fake-apiserver/custom/custom_definition.h"
#include "fake-apiserver/custom/definitions.h"
#include "fake-apiserver/store/json_access.h"

namespace fakeapi {
namespace {

constexpr const char* kServiceGroup = "apiregistration.k8s.io";

ApiResult<> refused(const ResourceInfo& info, const Json& object, const std::vector<FieldError>& errors) {
  std::string name = text_at(object, {"metadata", "name"});
  if (name.empty()) name = text_at(object, {"metadata", "generateName"});
  return invalid_object(info.resource.group, info.kind, name, errors);
}

ApiResult<> prepare_definition(const ApiRequest& request, Json& object, const Json* before) {
  if (request.subresource == "status") return {};
  default_definition(object);
  const DefinitionProblems problems = check_definition(object, before);
  if (!problems.errors.empty()) return refused(*request.info, object, problems.errors);
  for (const std::string& warning : problems.warnings) request.warn(warning);
  return {};
}

ApiResult<> prepare_service(const ApiRequest& request, Json& object) {
  if (request.subresource == "status") return {};
  const Json& spec = member(object, "spec");
  const std::string name = text_at(spec, {"version"}) + "." + text_at(spec, {"group"});
  std::vector<FieldError> errors;
  if (text_at(object, {"metadata", "name"}) != name) {
    errors.push_back({"metadata.name", "FieldValueInvalid",
                      "Invalid value: " + to_text(text_at(object, {"metadata", "name"})) +
                          ": must be `spec.version+\".\"+spec.group`: " + to_text(name)});
  }
  if (text_at(spec, {"version"}).empty()) errors.push_back({"spec.version", "FieldValueRequired", "Required value"});
  for (const char* key : {"groupPriorityMinimum", "versionPriority"}) {
    const auto value = integer_at(spec, {key});
    const std::int64_t most = key[0] == 'g' ? 20'000 : 1'000;
    if (value && *value > 0 && *value <= most) continue;
    errors.push_back({std::string("spec.") + key, "FieldValueInvalid",
                      "Invalid value: " + std::to_string(value.value_or(0)) + ": must be positive and less than " +
                          std::to_string(most)});
  }
  if (!errors.empty()) return refused(*request.info, object, errors);
  Json& service = object["spec"]["service"];
  if (service.is_object() && !integer_at(service, {"port"})) service["port"] = 443;
  if (service.is_null()) object["spec"].erase("service");
  return {};
}

void take_status(const Json& from, Json& to) {
  const auto status = from.find("status");
  if (status == from.end()) {
    to.erase("status");
  } else {
    to["status"] = *status;
  }
}

// The object as it will be stored: one part of it is the stored one's.
Json outcome(const ApiRequest& request, const CustomVersion& version, const Json& object, const Json* before) {
  if (!version.has_status) return object;
  if (before && request.subresource == "status") {
    Json whole = *before;
    take_status(object, whole);
    return whole;
  }
  Json whole = object;
  take_status(before ? *before : Json::object(), whole);
  return whole;
}

const Json& at_names(const Json& object, const std::vector<std::string>& names) {
  const Json* value = &object;
  for (const std::string& name : names) value = &member(*value, name);
  return *value;
}

std::string dotted(const std::vector<std::string>& names) {
  std::string text;
  for (const std::string& name : names) text += "." + name;
  return text;
}

// What the scale shows is an int32 there.
void check_count(const Json& object, const std::vector<std::string>& names, std::vector<FieldError>& errors) {
  const Json& count = at_names(object, names);
  if (!count.is_number_integer()) return;
  constexpr std::int64_t kMost = std::numeric_limits<std::int32_t>::max();
  const bool unsigned_above = count.is_number_unsigned() && count.get<std::uint64_t>() > std::uint64_t{kMost};
  std::string rule;
  if (unsigned_above || count.get<std::int64_t>() > kMost) {
    rule = "should be less than or equal to " + std::to_string(kMost);
  } else if (count.get<std::int64_t>() < 0) {
    rule = "should be a non-negative integer";
  }
  if (rule.empty()) return;
  errors.push_back({dotted(names), "FieldValueInvalid", "Invalid value: " + to_text(count) + ": " + rule});
}

ApiResult<> prepare_custom(const ApiRequest& request, const CustomVersion& version, Json& object, const Json* before) {
  const ResourceInfo& info = *request.info;
  std::vector<std::string> complaints;
  for (const std::string& field : prune(*version.schema, object)) {
    complaints.push_back("unknown field \"" + field + "\"");
  }
  const SchemaKind kind{info.resource.group, version.name, info.kind};
  if (auto reported = report_fields(request, kind, complaints); !reported) return reported;
  apply_schema_defaults(*version.schema, object);
  const Json whole = outcome(request, version, object, before);
  auto errors = validate(*version.schema, whole);
  if (version.scale) {
    check_count(whole, version.scale->spec_replicas, errors);
    check_count(whole, version.scale->status_replicas, errors);
  }
  if (!errors.empty()) return refused(info, before ? *before : object, errors);
  return {};
}

const ScalePaths* paths_of(const ResourceInfo& info, const std::string& version) {
  const CustomVersion* found = info.definition ? info.definition->version(version) : nullptr;
  return found && found->scale ? &*found->scale : nullptr;
}

}  // namespace

bool is_extension(const ResourceInfo& info) {
  return info.custom || info.resource == kDefinitionResource || info.resource.group == kServiceGroup;
}

ApiResult<> prepare_extension(const ApiRequest& request, Json& object, const Json* before) {
  const ResourceInfo& info = *request.info;
  if (request.subresource.empty()) {
    if (auto wrong = check_values(info, object, before)) return *wrong;
  }
  if (info.resource == kDefinitionResource) return prepare_definition(request, object, before);
  if (info.resource.group == kServiceGroup) return prepare_service(request, object);
  if (!info.definition) return {};
  if (!before && info.definition->terminating()) {
    StatusError error = method_not_allowed();
    error.message = "create not allowed while custom resource definition is terminating";
    return error;
  }
  const CustomVersion* version = info.definition->version(request.version);
  if (!version) return unknown_resource();
  return prepare_custom(request, *version, object, before);
}

ApiResult<Json> scale_of_resource(const ResourceInfo& info, const std::string& version, const Json& object) {
  if (!info.definition) return scale_of(object);
  const ScalePaths* paths = paths_of(info, version);
  if (!paths) return unknown_resource();
  const Json& replicas = at_names(object, paths->spec_replicas);
  if (!replicas.is_number_integer()) {
    return internal_error("the spec replicas field " + to_text(dotted(paths->spec_replicas)) + " does not exist");
  }
  Json scale = scale_of(object);
  const Json& running = at_names(object, paths->status_replicas);
  scale["spec"]["replicas"] = replicas;
  scale["status"] = {{"replicas", running.is_number_integer() ? running : Json(0)}};
  if (!paths->selector.empty()) scale["status"]["selector"] = text_of(at_names(object, paths->selector));
  return scale;
}

ApiResult<> apply_resource_scale(const ResourceInfo& info, const std::string& version, Json& object,
                                 const Json& scale) {
  if (!info.definition) return apply_scale(object, scale);
  const ScalePaths* paths = paths_of(info, version);
  if (!paths) return unknown_resource();
  // The rules of a Scale are those of every other workload; only the place of its number differs.
  Json plain = {{"metadata", member(object, "metadata")}};
  if (auto applied = apply_scale(plain, scale); !applied) return applied;
  Json changed = object;
  Json* place = &changed;
  for (const std::string& name : paths->spec_replicas) {
    if (!place->is_object() && !place->is_null()) {
      return bad_request("the spec replicas field " + to_text(dotted(paths->spec_replicas)) + " can't be set");
    }
    place = &(*place)[name];
  }
  *place = at_path(plain, {"spec", "replicas"});
  changed["metadata"] = member(plain, "metadata");
  if (const CustomVersion* found = info.definition->version(version)) {
    const auto errors = validate(*found->schema, changed);
    if (!errors.empty()) return refused(info, changed, errors);
  }
  object = std::move(changed);
  return {};
}

void install_extension_hooks(ServerHooks& hooks) {
  hooks.prepare_custom = prepare_extension;
  hooks.custom_type = [](const ResourceInfo& info, const std::string& version) {
    return info.definition ? type_of(info, version) : nullptr;
  };
}

}  // namespace fakeapi
