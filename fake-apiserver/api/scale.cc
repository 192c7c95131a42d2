#include "fake-apiserver/api/scale.h"

#include <limits>

#include "fake-apiserver/api/selector.h"
#include "fake-apiserver/store/json_access.h"

namespace fakeapi {
namespace {

// A string here, unlike everywhere else; that of a replication controller is a plain map.
std::string selector_of(const Json& workload) {
  const Json& selector = at_path(workload, {"spec", "selector"});
  const bool plain =
      selector.is_object() && !selector.contains("matchLabels") && !selector.contains("matchExpressions");
  return selector_text(plain ? Json{{"matchLabels", selector}} : selector);
}

}  // namespace

Json scale_of(const Json& workload) {
  Json metadata = Json::object();
  for (const char* key : {"name", "namespace", "uid", "resourceVersion", "creationTimestamp"}) {
    const Json& value = at_path(workload, {"metadata", key});
    if (!value.is_null()) metadata[key] = value;
  }
  return {
      {"kind", "Scale"},
      {"apiVersion", "autoscaling/v1"},
      {"metadata", metadata},
      {"spec", {{"replicas", integer_at(workload, {"spec", "replicas"}).value_or(0)}}},
      {"status",
       {{"replicas", integer_at(workload, {"status", "replicas"}).value_or(0)}, {"selector", selector_of(workload)}}}};
}

ApiResult<> apply_scale(Json& workload, const Json& scale) {
  const std::string name = text_at(workload, {"metadata", "name"});
  const Json& value = at_path(scale, {"spec", "replicas"});
  if (!scale.is_object() || (!value.is_null() && !value.is_number_integer())) {
    return bad_request("Scale in version \"v1\" cannot be handled as a Scale: spec.replicas must be an integer");
  }
  const std::int64_t replicas = value.is_null() ? 0 : integer_at(scale, {"spec", "replicas"}).value_or(-1);
  if (replicas < 0 || replicas > std::numeric_limits<std::int32_t>::max()) {
    return invalid_object("autoscaling", "Scale", name,
                          {FieldError{"spec.replicas", "FieldValueInvalid",
                                      "Invalid value: " + to_text(value) + ": must be greater than or equal to 0"}});
  }
  const std::string written = text_at(scale, {"metadata", "name"});
  if (!written.empty() && written != name) {
    return bad_request("the name of the object (" + written + ") does not match the name on the URL (" + name + ")");
  }
  workload["spec"]["replicas"] = replicas;
  const Json& version = at_path(scale, {"metadata", "resourceVersion"});
  if (version.is_string()) workload["metadata"]["resourceVersion"] = version;
  return {};
}

}  // namespace fakeapi
