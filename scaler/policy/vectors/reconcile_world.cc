#include "scaler/policy/vectors/reconcile_world.h"

#include <algorithm>
#include <map>

#include "common/kube/quantity.h"
#include "scaler/informer/label_selector.h"
#include "scaler/policy/hpa/hpa_json.h"
#include "scaler/policy/vectors/vector_values.h"

namespace scaler::vectors {
namespace {

using Labels = std::map<std::string, std::string>;

std::optional<std::int64_t> milli_if(const Json& object, const char* key) {
  if (!has(object, key)) return std::nullopt;
  const auto quantity = kube::Quantity::parse(text(object, key));
  if (!quantity) throw MalformedCase(std::string(key) + " is no quantity");
  return quantity->milli();
}

// One of status.currentMetrics.
HpaMetricStatus metric_status_of(const Json& entry) {
  static const std::map<std::string, const char*> kBodies = {{"Resource", "resource"},
                                                             {"ContainerResource", "containerResource"},
                                                             {"Pods", "pods"},
                                                             {"Object", "object"},
                                                             {"External", "external"}};
  HpaMetricStatus status;
  status.type = text(entry, "type");
  if (status.type.empty()) return status;
  const auto body_name = kBodies.find(status.type);
  if (body_name == kBodies.end()) throw MalformedCase("currentMetrics holds a metric of type \"" + status.type + '"');
  const Json& body = entry.at(body_name->second);
  const Json& named = body.contains("metric") ? body["metric"] : body;
  status.name = text(named, "name");
  status.container = body.value("container", "");
  if (has(named, "selector")) status.selector = selector_text(named["selector"]).text;
  if (has(body, "describedObject")) {
    const Json& object = body["describedObject"];
    status.object = {object.value("apiVersion", ""), object.value("kind", ""), object.value("name", "")};
  }
  const Json& current = body.at("current");
  if (has(current, "averageUtilization")) status.average_utilization = count(current, "averageUtilization");
  status.average_value_milli = milli_if(current, "averageValue");
  status.value_milli = milli_if(current, "value");
  return status;
}

HpaCondition condition_of(const Json& entry) {
  HpaCondition condition;
  condition.type = text(entry, "type");
  const std::string status = text(entry, "status");
  condition.status = status == "True"    ? ConditionStatus::kTrue
                     : status == "False" ? ConditionStatus::kFalse
                                         : ConditionStatus::kUnknown;
  condition.reason = entry.value("reason", "");
  condition.message = entry.value("message", "");
  if (has(entry, "lastTransitionAgeSeconds"))
    condition.last_transition = time_of_age(entry, "lastTransitionAgeSeconds");
  return condition;
}

Labels labels_of(const Json& pod) { return has(pod, "labels") ? pod["labels"].get<Labels>() : Labels{}; }

bool has_all(const Labels& labels, const Labels& wanted) {
  return std::all_of(wanted.begin(), wanted.end(), [&](const auto& label) {
    const auto found = labels.find(label.first);
    return found != labels.end() && found->second == label.second;
  });
}

// Pods whose labels the case does not tell are those that the selector matches.
Json selected(const Json& pods, const LabelSelector& selector) {
  Json matching = Json::array();
  for (const Json& pod : pods) {
    if (!has(pod, "labels") || selector.matches(labels_of(pod))) matching.push_back(pod);
  }
  return matching;
}

void observe_pods(const Json& in, Observation& observation) {
  const auto selector = LabelSelector::parse(observation.scale.selector);
  if (!selector) {
    observation.selector_problem = SelectorProblem::kUnparsable;
    observation.selector_message = "\"" + observation.scale.selector + "\" is no selector";
    return;
  }
  const Json matching = selected(list(in, "pods"), *selector);
  for (const Json& other : list(in, "otherHPASelectors")) {
    const Labels wanted = other.at("selector").get<Labels>();
    for (const Json& pod : matching) {
      if (has_all(labels_of(pod), wanted)) observation.selector_problem = SelectorProblem::kAmbiguous;
    }
  }
  observation.pods = pods_of(matching);
}

bool fails_to_answer(const Json& in, const char* api) {
  bool found = false;
  for (const Json& failure : list(in, "metricFailures")) {
    const std::string name = failure.get<std::string>();
    if (name != "resource" && name != "custom" && name != "external") {
      throw MalformedCase("metricFailures names \"" + name + '"');
    }
    found = found || name == api;
  }
  return found;
}

void observe_metrics(const Json& in, const MetricNeeds& needs, Observation& observation) {
  const base::Error down{base::ErrorCode::kUnavailable, "something went wrong"};
  observation.resource_metrics = down;
  if (!fails_to_answer(in, "resource")) observation.resource_metrics = usage_of(in.at("resourceMetrics"));
  const bool custom_down = fails_to_answer(in, "custom");
  const std::vector<PodMetricValue> customs = custom_of(in.at("customPodMetrics"));
  for (const MetricNeed& need : needs.pods) {
    base::Result<std::vector<PodMetricValue>> values = down;
    if (!custom_down) values = customs;
    observation.pod_metrics.emplace(need, std::move(values));
  }
  base::Result<MetricValue> object = down;
  if (has(in, "objectMetricMilli")) object = MetricValue{integer(in, "objectMetricMilli"), kNow};
  for (const MetricNeed& need : needs.objects) {
    base::Result<MetricValue> value = down;
    if (!custom_down) value = object;
    observation.object_metrics.emplace(need, std::move(value));
  }
  std::vector<MetricValue> externals;
  if (has(in, "externalMetricsMilli")) {
    for (const std::int64_t value : integers_of(list(in, "externalMetricsMilli"))) externals.push_back({value, kNow});
  }
  const bool external_down = fails_to_answer(in, "external");
  for (const MetricNeed& need : needs.externals) {
    base::Result<std::vector<MetricValue>> values = down;
    if (!external_down) values = externals;
    observation.external_metrics.emplace(need, std::move(values));
  }
}

}  // namespace

PolicySpec hpa_spec_of(const Json& in) {
  const Json& hpa = in.at("hpa");
  count(hpa, "maxReplicas");
  list(hpa, "metrics");
  PolicySpec policy;
  policy.ns = "test-namespace";
  policy.name = "test-hpa";
  const Json& target = hpa.at("scaleTargetRef");
  policy.target = {target.value("apiVersion", ""), text(target, "kind"), text(target, "name")};
  policy.rules = decode_hpa_spec(hpa);
  return policy;
}

ControllerOptions controller_of(const Json& in) {
  const Json& controller = in.at("controller");
  ControllerOptions options;
  const double tolerance = number(controller, "tolerance");
  options.tolerance = {.scale_down = tolerance, .scale_up = tolerance};
  options.cpu_initialization_period = seconds_of(controller, "cpuInitializationPeriodSeconds");
  options.initial_readiness_delay = seconds_of(controller, "initialReadinessDelaySeconds");
  options.downscale_stabilization = seconds_of(controller, "downscaleStabilizationSeconds");
  options.scale_up_limit_factor = number(controller, "scaleUpLimitFactor");
  options.scale_up_limit_minimum = count(controller, "scaleUpLimitMinimum");
  options.configurable_tolerance = gate(in, "HPAConfigurableTolerance", options.configurable_tolerance);
  options.scale_to_zero = gate(in, "HPAScaleToZero", options.scale_to_zero);
  options.generation = gate(in, "HPAGeneration", options.generation);
  options.pod_level_resources = gate(in, "PodLevelResources", options.pod_level_resources);
  return options;
}

std::optional<HpaPolicy::History> history_of(const Json& in) {
  ScaleHistory events{events_of(in.at("scaleUpEvents")), events_of(in.at("scaleDownEvents"))};
  if (!in.at("recommendations").is_null()) {
    return HpaPolicy::History{Stabilizer(recommendations_of(in["recommendations"])), std::move(events)};
  }
  if (events.up.empty() && events.down.empty()) return std::nullopt;
  // Never seen, and yet with events: the recommendation of the first sight stands already.
  return HpaPolicy::History{Stabilizer({{count(in.at("scale"), "specReplicas"), kNow}}), std::move(events)};
}

HpaObjectState object_of(const Json& in) {
  const Json& json = in.at("hpa").at("status");
  HpaObjectState object;
  HpaStatus& status = object.status;
  if (has(json, "generation")) object.generation = integer(json, "generation");
  if (has(json, "observedGeneration")) status.observed_generation = integer(json, "observedGeneration");
  if (has(json, "lastScaleTimeAgeSeconds")) status.last_scale_time = time_of_age(json, "lastScaleTimeAgeSeconds");
  status.current_replicas = count(json, "currentReplicas");
  status.desired_replicas = count(json, "desiredReplicas");
  if (has(json, "currentMetrics")) {
    status.current_metrics.emplace();
    for (const Json& entry : list(json, "currentMetrics")) status.current_metrics->push_back(metric_status_of(entry));
  }
  for (const Json& entry : list(json, "conditions")) status.conditions.push_back(condition_of(entry));
  return object;
}

Observation observation_of(const Json& in, const MetricNeeds& needs) {
  Observation observation;
  observation.now = kNow;
  const Json& scale = in.at("scale");
  observation.scale = {count(scale, "specReplicas"), count(scale, "statusReplicas"), text(scale, "selector")};
  observe_pods(in, observation);
  observe_metrics(in, needs, observation);
  observation.hpa_object = object_of(in);
  return observation;
}

}  // namespace scaler::vectors
