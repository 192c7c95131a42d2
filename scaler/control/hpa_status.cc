#include "scaler/control/hpa_status.h"

#include <cmath>
#include <nlohmann/json.hpp>

#include "common/base/time_format.h"
#include "common/kube/quantity.h"

namespace scaler {
namespace {

using Json = nlohmann::json;

std::int64_t milli(double value) { return std::llround(value * 1000.0); }

// One entry of status.currentMetrics; the policy gives one input a metric, in the order of spec.metrics.
Json current_metric(const MetricSpec& metric, const Input& input) {
  Json current;
  if (metric.utilization) {
    current["averageUtilization"] = std::llround(*input.value);
    if (input.average_milli) current["averageValue"] = kube::format_milli(*input.average_milli);
  } else {
    current["averageValue"] = kube::format_milli(milli(*input.value));
  }
  Json entry;
  switch (metric.source) {
    case MetricSpec::Source::kResource:
      entry["type"] = "Resource";
      entry["resource"] = {{"name", metric.name}, {"current", std::move(current)}};
      break;
    case MetricSpec::Source::kContainerResource:
      entry["type"] = "ContainerResource";
      entry["containerResource"] = {
          {"name", metric.name}, {"container", metric.container}, {"current", std::move(current)}};
      break;
    case MetricSpec::Source::kPods:
      entry["type"] = "Pods";
      entry["pods"]["metric"]["name"] = metric.name;
      entry["pods"]["current"] = std::move(current);
      break;
    case MetricSpec::Source::kObject:
    case MetricSpec::Source::kExternal:
    case MetricSpec::Source::kUnknown: entry["type"] = ""; break;
  }
  return entry;
}

Json current_metrics(const HpaSpec& spec, const Decision& decision) {
  // The slot of a metric that failed stays, so that the others keep their places.
  static const Json kNoMetric = {{"type", ""}};
  Json metrics = Json::array();
  for (std::size_t i = 0; i < spec.metrics.size() && i < decision.inputs.size(); ++i) {
    const Input& input = decision.inputs[i];
    metrics.push_back(input.value ? current_metric(spec.metrics[i], input) : kNoMetric);
  }
  return metrics;
}

struct Condition {
  std::string type;
  bool is_true;
  std::string reason;
  std::string message;
};

Condition able_to_scale(const Decision& decision, bool scale_read) {
  if (!scale_read) return {"AbleToScale", false, "FailedGetScale", decision.error};
  if (decision.final != decision.current) {
    if (!decision.applied.ok) return {"AbleToScale", false, "FailedUpdateScale", decision.applied.status};
    return {"AbleToScale", true, "SucceededRescale",
            "the new size is " + std::to_string(decision.final) + " (" + decision.applied.status + ")"};
  }
  for (const Step& step : decision.steps) {
    if (step.rule.find("tabilization") == std::string::npos) continue;
    const char* reason = step.after > step.before ? "ScaleDownStabilized" : "ScaleUpStabilized";
    return {"AbleToScale", true, reason, step.why};
  }
  if (!decision.raw) return {"AbleToScale", true, "SucceededGetScale", "the target's scale was read"};
  return {"AbleToScale", true, "ReadyForNewScale", "the recommended size is the current one"};
}

Condition scaling_active(const HpaSpec& spec, const Decision& decision) {
  if (decision.current == 0) return {"ScalingActive", false, "ScalingDisabled", decision.note};
  if (decision.raw) {
    return {"ScalingActive", true, "ValidMetricFound", "the replica count was computed from " + decision.selected};
  }
  if (decision.inputs.empty()) return {"ScalingActive", false, "InvalidSelector", decision.error};
  std::string reason = "FailedGetResourceMetric";
  for (std::size_t i = 0; i < spec.metrics.size() && i < decision.inputs.size(); ++i) {
    if (decision.inputs[i].wants) continue;
    if (spec.metrics[i].source == MetricSpec::Source::kPods) reason = "FailedGetPodsMetric";
    if (spec.metrics[i].source == MetricSpec::Source::kContainerResource) reason = "FailedGetContainerResourceMetric";
    break;
  }
  return {"ScalingActive", false, reason, decision.error};
}

Condition scaling_limited(const Decision& decision) {
  const Step* last = decision.steps.empty() ? nullptr : &decision.steps.back();
  const bool by_limit = last != nullptr && last->after == decision.final &&
                        last->rule.find("tabilization") == std::string::npos && last->rule != "tolerance";
  if (!by_limit) {
    return {"ScalingLimited", false, "DesiredWithinRange", "the desired count is within the acceptable range"};
  }
  if (last->rule == "maxReplicas") return {"ScalingLimited", true, "TooManyReplicas", last->why};
  if (last->rule == "minReplicas") return {"ScalingLimited", true, "TooFewReplicas", last->why};
  const char* reason = last->after < last->before ? "ScaleUpLimit" : "ScaleDownLimit";
  return {"ScalingLimited", true, reason, last->why};
}

// Null if there is none: others write to a status too, and not always what its schema says.
const Json& member(const Json& object, const char* key) {
  static const Json kNull;
  if (!object.is_object()) return kNull;
  const auto found = object.find(key);
  return found == object.end() ? kNull : *found;
}

// Messages quote what came from outside, which may be cut inside a character.
std::string dump(const Json& value) { return value.dump(-1, ' ', false, Json::error_handler_t::replace); }

// Sets the condition in `conditions`; its transition time moves only when its status does.
void set_condition(Json& conditions, const Condition& condition, base::Time now) {
  const char* status = condition.is_true ? "True" : "False";
  Json* found = nullptr;
  for (Json& existing : conditions) {
    if (member(existing, "type") == condition.type) found = &existing;
  }
  if (found == nullptr) {
    conditions.push_back(Json::object());
    found = &conditions.back();
    (*found)["type"] = condition.type;
  }
  if (member(*found, "status") != status) (*found)["lastTransitionTime"] = base::format_rfc3339(now);
  (*found)["status"] = status;
  (*found)["reason"] = condition.reason;
  (*found)["message"] = condition.message;
}

// A jump into [min, max] reads no metrics and leaves two of the three conditions as they were.
bool computed(const Decision& decision) {
  return decision.raw.has_value() || !decision.error.empty() || decision.current == 0;
}

}  // namespace

std::optional<std::string> HpaStatusWriter::patch(const PolicyObject& hpa, const Decision& decision, bool scale_read) {
  const HpaSpec& spec = std::get<HpaSpec>(spec_.rules);
  const auto& document = *hpa.document;
  Json status = document.contains("status") && document["status"].is_object() ? document["status"] : Json::object();
  if (!last_.empty()) status = Json::parse(last_);  // newer than the cache, which hears of it by the watch
  const std::string before = dump(status);
  if (!status.contains("conditions") || !status["conditions"].is_array()) status["conditions"] = Json::array();

  set_condition(status["conditions"], able_to_scale(decision, scale_read), decision.at);
  if (scale_read) {
    const bool rescaled = decision.final != decision.current && decision.applied.status == "patched";
    const bool decided = decision.raw || decision.error.empty();
    status["currentReplicas"] = decision.current;
    if (decided && (decision.final == decision.current || decision.applied.ok)) {
      status["desiredReplicas"] = decision.current == 0 ? 0 : decision.final;
    } else if (!status.contains("desiredReplicas")) {
      status["desiredReplicas"] = 0;
    }
    status["currentMetrics"] = current_metrics(spec, decision);
    if (rescaled) status["lastScaleTime"] = base::format_rfc3339(decision.at);
    if (decided) status["observedGeneration"] = hpa.meta.generation;
    if (computed(decision)) set_condition(status["conditions"], scaling_active(spec, decision), decision.at);
    if (decision.raw) set_condition(status["conditions"], scaling_limited(decision), decision.at);
  }
  last_ = dump(status);
  if (last_ == before) return std::nullopt;
  Json patch;
  patch["status"] = std::move(status);
  return dump(patch);
}

}  // namespace scaler
