#include "scaler/policy/vectors/vector_values.h"

#include <map>

namespace scaler::vectors {
namespace {

PodPhase phase_of(const Json& pod) {
  static const std::map<std::string, PodPhase> kPhases = {{"Pending", PodPhase::kPending},
                                                          {"Running", PodPhase::kRunning},
                                                          {"Succeeded", PodPhase::kSucceeded},
                                                          {"Failed", PodPhase::kFailed}};
  if (!pod.contains("phase") || !pod["phase"].is_string()) return PodPhase::kUnknown;
  const auto found = kPhases.find(pod["phase"].get<std::string>());
  return found == kPhases.end() ? PodPhase::kUnknown : found->second;
}

bool has(const Json& object, const char* key) { return object.contains(key) && !object[key].is_null(); }

std::optional<std::int64_t> milli(const Json& object, const char* key) {
  if (!has(object, key)) return std::nullopt;
  return object[key].get<std::int64_t>();
}

void add_containers(const Json& list, bool sidecars, PodObservation& pod) {
  for (const Json& entry : list) {
    // Init containers that end before the others start request nothing that lasts.
    if (sidecars && !entry.value("restartPolicyAlways", false)) continue;
    ContainerObservation container;
    container.name = entry.at("name").get<std::string>();
    container.cpu_request_milli = milli(entry, "cpuRequestMilli");
    container.sidecar = sidecars;
    pod.containers.push_back(std::move(container));
  }
}

}  // namespace

base::Time time_of_age(const Json& age_seconds) { return kNow - std::chrono::seconds(age_seconds.get<std::int64_t>()); }

base::Duration seconds_of(const Json& object, const char* key) {
  return std::chrono::seconds(object.at(key).get<std::int64_t>());
}

std::vector<PodObservation> pods_of(const Json& pods) {
  std::vector<PodObservation> observed;
  for (const Json& entry : pods) {
    PodObservation pod;
    pod.name = entry.at("name").get<std::string>();
    pod.phase = phase_of(entry);
    pod.deleting = entry.value("deleting", false);
    if (has(entry, "ready")) {
      pod.ready = entry["ready"] == "True" ? ConditionStatus::kTrue : ConditionStatus::kFalse;
    }
    if (has(entry, "readyTransitionAgeSeconds")) pod.ready_transition = time_of_age(entry["readyTransitionAgeSeconds"]);
    if (has(entry, "startAgeSeconds")) pod.start_time = time_of_age(entry["startAgeSeconds"]);
    add_containers(entry.at("containers"), false, pod);
    if (has(entry, "initContainers")) add_containers(entry["initContainers"], true, pod);
    pod.pod_cpu_request_milli = milli(entry, "podLevelCpuRequestMilli");
    observed.push_back(std::move(pod));
  }
  return observed;
}

std::vector<PodUsage> usage_of(const Json& resource_metrics) {
  std::vector<PodUsage> usage;
  for (const Json& entry : resource_metrics) {
    PodUsage pod;
    pod.pod = entry.at("pod").get<std::string>();
    pod.timestamp = time_of_age(entry.at("ageSeconds"));
    pod.window = seconds_of(entry, "windowSeconds");
    for (const Json& item : entry.at("containers")) {
      ContainerUsage container;
      container.name = item.at("name").get<std::string>();
      container.cpu_milli = milli(item, "cpuMilli");
      pod.containers.push_back(std::move(container));
    }
    usage.push_back(std::move(pod));
  }
  return usage;
}

std::vector<PodMetricValue> custom_of(const Json& metrics) {
  std::vector<PodMetricValue> values;
  for (const Json& entry : metrics) {
    PodMetricValue value;
    value.pod = entry.at("pod").get<std::string>();
    value.value_milli = entry.at("valueMilli").get<std::int64_t>();
    value.timestamp = time_of_age(entry.at("ageSeconds"));
    values.push_back(std::move(value));
  }
  return values;
}

MetricSamples samples_of(const Json& metrics) {
  MetricSamples samples;
  for (const Json& entry : metrics) {
    samples[entry.at("pod").get<std::string>()] = {entry.at("valueMilli").get<std::int64_t>(),
                                                   time_of_age(entry.at("ageSeconds")),
                                                   seconds_of(entry, "windowSeconds")};
  }
  return samples;
}

Tolerance tolerance_of(const Json& tolerance) {
  return {.scale_down = tolerance.at("scaleDown").get<double>(), .scale_up = tolerance.at("scaleUp").get<double>()};
}

ReadinessOptions readiness_of(const Json& input) {
  return {.cpu_initialization_period = seconds_of(input, "cpuInitializationPeriodSeconds"),
          .initial_readiness_delay = seconds_of(input, "initialReadinessDelaySeconds")};
}

std::vector<ScaleEvent> events_of(const Json& events) {
  std::vector<ScaleEvent> stored;
  for (const Json& entry : events) {
    stored.push_back({entry.at("replicaChange").get<int>(), time_of_age(entry.at("ageSeconds")), false});
  }
  return stored;
}

std::vector<Recommendation> recommendations_of(const Json& recommendations) {
  std::vector<Recommendation> stored;
  for (const Json& entry : recommendations) {
    stored.push_back({entry.at("replicas").get<int>(), time_of_age(entry.at("ageSeconds"))});
  }
  return stored;
}

ScalingRules rules_of(const Json& rules, const ScalingRules& defaults) {
  if (rules.is_null()) return defaults;
  ScalingRules read = defaults;
  const std::string select = rules.value("selectPolicy", "Max");
  read.select = select == "Max" ? SelectPolicy::kMax : select == "Min" ? SelectPolicy::kMin : SelectPolicy::kDisabled;
  if (!has(rules, "policies")) return read;
  read.policies.clear();
  for (const Json& entry : rules["policies"]) {
    read.policies.push_back({entry.at("type") == "Pods" ? RatePolicy::Type::kPods : RatePolicy::Type::kPercent,
                             entry.at("value").get<int>(), seconds_of(entry, "periodSeconds")});
  }
  return read;
}

}  // namespace scaler::vectors
