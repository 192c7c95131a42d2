#include "fake-apiserver/api/conversion.h"

#include "fake-apiserver/api/body.h"
#include "fake-apiserver/store/json_access.h"

namespace fakeapi {
namespace {

// autoscaling/v1 knows one metric, the CPU utilisation; what else a v2 object says travels in annotations.
constexpr const char* kMetrics = "autoscaling.alpha.kubernetes.io/metrics";
constexpr const char* kBehavior = "autoscaling.alpha.kubernetes.io/behavior";
constexpr const char* kCurrentMetrics = "autoscaling.alpha.kubernetes.io/current-metrics";
constexpr const char* kConditions = "autoscaling.alpha.kubernetes.io/conditions";

bool is_autoscaler(const ResourceInfo& info) { return info.resource.plural == "horizontalpodautoscalers"; }

bool is_cpu_utilization(const Json& metric, const char* side) {
  return text_at(metric, {"type"}) == "Resource" && text_at(metric, {"resource", "name"}) == "cpu" &&
         at_path(metric, {"resource", side, "averageUtilization"}).is_number();
}

// Moves object[part][key] into an annotation.
void annotate(Json& object, const char* part, const char* key, const char* annotation) {
  if (member(member(object, part), key).is_null()) return;
  Json& from = object[part];
  object["metadata"]["annotations"][annotation] = to_text(from[key]);
  from.erase(key);
}

// The reverse. An annotation that does not parse is left where it is.
void restore(Json& object, const char* part, const char* key, const char* annotation) {
  const Json& text = at_path(object, {"metadata", "annotations", annotation});
  if (!text.is_string()) return;
  auto value = parse_json(text.get_ref<const std::string&>());
  if (!value) return;
  object[part][key] = std::move(*value);
  Json& annotations = object["metadata"]["annotations"];
  annotations.erase(annotation);
  if (annotations.empty()) object["metadata"].erase("annotations");
}

// Takes the CPU utilisation out of a list of metrics.
std::optional<Json> take_cpu(Json& object, const char* part, const char* list, const char* side) {
  if (!member(member(object, part), list).is_array()) return std::nullopt;
  Json& metrics = object[part][list];
  for (std::size_t i = 0; i < metrics.size(); ++i) {
    if (!is_cpu_utilization(metrics[i], side)) continue;
    Json value = at_path(metrics[i], {"resource", side, "averageUtilization"});
    metrics.erase(i);
    if (metrics.empty()) object[part].erase(list);
    return value;
  }
  if (metrics.empty()) object[part].erase(list);
  return std::nullopt;
}

void put_cpu(Json& object, const char* part, const char* list, const char* side, const Json& value) {
  Json& metrics = object[part][list];
  if (!metrics.is_array()) metrics = Json::array();
  Json metric = {{"type", "Resource"}, {"resource", {{"name", "cpu"}}}};
  metric["resource"][side] = {{"averageUtilization", value}};
  if (std::string_view(side) == "target") metric["resource"][side]["type"] = "Utilization";
  metrics.insert(metrics.begin(), std::move(metric));
}

void autoscaler_to_v1(Json& object) {
  if (auto cpu = take_cpu(object, "spec", "metrics", "target")) {
    object["spec"]["targetCPUUtilizationPercentage"] = std::move(*cpu);
  }
  if (auto cpu = take_cpu(object, "status", "currentMetrics", "current")) {
    object["status"]["currentCPUUtilizationPercentage"] = std::move(*cpu);
  }
  annotate(object, "spec", "metrics", kMetrics);
  annotate(object, "spec", "behavior", kBehavior);
  annotate(object, "status", "currentMetrics", kCurrentMetrics);
  annotate(object, "status", "conditions", kConditions);
}

void autoscaler_from_v1(Json& object) {
  restore(object, "spec", "metrics", kMetrics);
  restore(object, "spec", "behavior", kBehavior);
  restore(object, "status", "currentMetrics", kCurrentMetrics);
  restore(object, "status", "conditions", kConditions);
  const Json target = at_path(object, {"spec", "targetCPUUtilizationPercentage"});
  if (!target.is_null()) {
    object["spec"].erase("targetCPUUtilizationPercentage");
    put_cpu(object, "spec", "metrics", "target", target);
  }
  const Json current = at_path(object, {"status", "currentCPUUtilizationPercentage"});
  if (!current.is_null()) {
    object["status"].erase("currentCPUUtilizationPercentage");
    put_cpu(object, "status", "currentMetrics", "current", current);
  }
}

}  // namespace

ObjectPtr to_version(const ObjectPtr& object, const ResourceInfo& info, const std::string& version) {
  const std::string api_version = info.api_version(version);
  if (text_at(*object, {"apiVersion"}) == api_version && text_at(*object, {"kind"}) == info.kind) return object;
  auto converted = std::make_shared<Json>(*object);
  (*converted)["apiVersion"] = api_version;
  (*converted)["kind"] = info.kind;
  if (is_autoscaler(info) && version == "v1") autoscaler_to_v1(*converted);
  return converted;
}

void to_stored(Json& object, const ResourceInfo& info, const std::string& version) {
  object["apiVersion"] = info.stored_api_version();
  object["kind"] = info.kind;
  if (is_autoscaler(info) && version == "v1") autoscaler_from_v1(object);
}

}  // namespace fakeapi
