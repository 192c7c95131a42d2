#include "scaler/policy/vectors/vector_values.h"

#include <algorithm>
#include <limits>
#include <map>

namespace scaler::vectors {
namespace {

// About 95 years, which neither reaches the ends of base::Time nor is reached by a true age.
constexpr std::int64_t kMostSeconds = 3'000'000'000;

template <class T>
T choice(const Json& object, const char* key, const std::map<std::string, T>& choices) {
  const std::string chosen = text(object, key);
  const auto found = choices.find(chosen);
  if (found == choices.end()) throw MalformedCase(fmt::format("{} is \"{}\"", key, chosen));
  return found->second;
}

PodPhase phase_of(const Json& pod) {
  if (!has(pod, "phase")) return PodPhase::kUnknown;
  return choice<PodPhase>(pod, "phase",
                          {{"", PodPhase::kUnknown},
                           {"Unknown", PodPhase::kUnknown},
                           {"Pending", PodPhase::kPending},
                           {"Running", PodPhase::kRunning},
                           {"Succeeded", PodPhase::kSucceeded},
                           {"Failed", PodPhase::kFailed}});
}

std::optional<ConditionStatus> ready_of(const Json& pod) {
  if (!has(pod, "ready")) return std::nullopt;
  return choice<ConditionStatus>(
      pod, "ready",
      {{"True", ConditionStatus::kTrue}, {"False", ConditionStatus::kFalse}, {"Unknown", ConditionStatus::kUnknown}});
}

std::optional<std::int64_t> milli(const Json& object, const char* key) {
  if (!has(object, key)) return std::nullopt;
  return integer(object, key);
}

void add_containers(const Json& containers, bool init, PodObservation& pod) {
  for (const Json& entry : containers) {
    // Init containers that end before the others start request nothing that lasts.
    const bool sidecar = init && has(entry, "restartPolicyAlways") && flag(entry, "restartPolicyAlways");
    if (init && !sidecar) continue;
    ContainerObservation container;
    container.name = text(entry, "name");
    container.cpu_request_milli = milli(entry, "cpuRequestMilli");
    container.memory_request_milli = milli(entry, "memoryRequestMilli");
    container.sidecar = sidecar;
    pod.containers.push_back(std::move(container));
  }
}

PodObservation pod_of(const Json& entry) {
  PodObservation pod;
  pod.name = text(entry, "name");
  pod.phase = phase_of(entry);
  pod.deleting = has(entry, "deleting") && flag(entry, "deleting");
  pod.ready = ready_of(entry);
  if (has(entry, "readyTransitionAgeSeconds")) pod.ready_transition = time_of_age(entry, "readyTransitionAgeSeconds");
  if (has(entry, "startAgeSeconds")) pod.start_time = time_of_age(entry, "startAgeSeconds");
  add_containers(list(entry, "containers"), false, pod);
  if (has(entry, "initContainers")) add_containers(list(entry, "initContainers"), true, pod);
  pod.pod_cpu_request_milli = milli(entry, "podLevelCpuRequestMilli");
  pod.pod_memory_request_milli = milli(entry, "podLevelMemoryRequestMilli");
  return pod;
}

PodUsage pod_usage_of(const Json& entry) {
  PodUsage pod;
  pod.pod = text(entry, "pod");
  pod.timestamp = time_of_age(entry, "ageSeconds");
  pod.window = seconds_of(entry, "windowSeconds");
  for (const Json& item : list(entry, "containers")) {
    ContainerUsage container;
    container.name = text(item, "name");
    container.cpu_milli = milli(item, "cpuMilli");
    container.memory_milli = milli(item, "memoryMilli");
    pod.containers.push_back(std::move(container));
  }
  return pod;
}

RatePolicy rate_policy_of(const Json& entry) {
  RatePolicy policy;
  policy.type = choice<RatePolicy::Type>(entry, "type",
                                         {{"Pods", RatePolicy::Type::kPods}, {"Percent", RatePolicy::Type::kPercent}});
  policy.value = count(entry, "value");
  policy.period = seconds_of(entry, "periodSeconds");
  return policy;
}

}  // namespace

bool has(const Json& object, const char* key) {
  const auto found = object.find(key);
  return found != object.end() && !found->is_null();
}

bool gate(const Json& input, const char* name, bool otherwise) {
  if (!has(input, "featureGates")) return otherwise;
  const Json& gates = input["featureGates"];
  if (!gates.is_object()) throw MalformedCase("featureGates is no object");
  return has(gates, name) ? flag(gates, name) : otherwise;
}

std::int64_t integer(const Json& object, const char* key) {
  const Json& value = object.at(key);
  const bool too_big =
      value.is_number_unsigned() &&
      value.get<std::uint64_t>() > static_cast<std::uint64_t>(std::numeric_limits<std::int64_t>::max());
  if (!value.is_number_integer() || too_big) throw MalformedCase(std::string(key) + " is no whole number of 64 bits");
  return value.get<std::int64_t>();
}

int count(const Json& object, const char* key) {
  const std::int64_t value = integer(object, key);
  if (value < std::numeric_limits<int>::min() || value > std::numeric_limits<int>::max()) {
    throw MalformedCase(std::string(key) + " is no whole number of 32 bits");
  }
  return static_cast<int>(value);
}

double number(const Json& object, const char* key) {
  const Json& value = object.at(key);
  if (!value.is_number()) throw MalformedCase(std::string(key) + " is no number");
  return value.get<double>();
}

bool flag(const Json& object, const char* key) { return object.at(key).get<bool>(); }

std::string text(const Json& object, const char* key) { return object.at(key).get<std::string>(); }

const Json& list(const Json& object, const char* key) {
  const Json& value = object.at(key);
  if (!value.is_array()) throw MalformedCase(std::string(key) + " is no list");
  return value;
}

base::Time time_of_age(const Json& object, const char* key) { return kNow - seconds_of(object, key); }

base::Duration seconds_of(const Json& object, const char* key) {
  return std::chrono::seconds(std::clamp(integer(object, key), -kMostSeconds, kMostSeconds));
}

std::vector<std::int64_t> integers_of(const Json& values) {
  std::vector<std::int64_t> read;
  for (const Json& value : values) {
    const Json wrapped = {{"value", value}};
    read.push_back(integer(wrapped, "value"));
  }
  return read;
}

std::vector<PodObservation> pods_of(const Json& pods) {
  if (!pods.is_array()) throw MalformedCase("pods is no list");
  std::vector<PodObservation> observed;
  for (const Json& entry : pods) observed.push_back(pod_of(entry));
  std::sort(observed.begin(), observed.end(), [](const auto& a, const auto& b) { return a.name < b.name; });
  return observed;
}

std::vector<PodUsage> usage_of(const Json& resource_metrics) {
  if (!resource_metrics.is_array()) throw MalformedCase("the resource metrics are no list");
  std::vector<PodUsage> usage;
  for (const Json& entry : resource_metrics) usage.push_back(pod_usage_of(entry));
  return usage;
}

std::vector<PodMetricValue> custom_of(const Json& metrics) {
  if (!metrics.is_array()) throw MalformedCase("the custom metrics are no list");
  std::vector<PodMetricValue> values;
  for (const Json& entry : metrics) {
    PodMetricValue value;
    value.pod = text(entry, "pod");
    value.value_milli = integer(entry, "valueMilli");
    value.timestamp = time_of_age(entry, "ageSeconds");
    if (has(entry, "windowSeconds")) value.window = seconds_of(entry, "windowSeconds");
    values.push_back(std::move(value));
  }
  return values;
}

MetricSamples samples_of(const Json& metrics, const std::vector<PodObservation>& pods) {
  if (!metrics.is_array()) throw MalformedCase("the metrics are no list");
  SampleCollector samples(pods);
  for (const Json& entry : metrics) {
    MetricSample sample{integer(entry, "valueMilli"), time_of_age(entry, "ageSeconds"), std::chrono::seconds(60)};
    if (has(entry, "windowSeconds")) sample.window = seconds_of(entry, "windowSeconds");
    samples.add(entry.at("pod").get_ref<const std::string&>(), sample);
  }
  return samples.take();
}

Tolerance tolerance_of(const Json& tolerance) {
  return {.scale_down = number(tolerance, "scaleDown"), .scale_up = number(tolerance, "scaleUp")};
}

ReadinessOptions readiness_of(const Json& input) {
  return {.cpu_initialization_period = seconds_of(input, "cpuInitializationPeriodSeconds"),
          .initial_readiness_delay = seconds_of(input, "initialReadinessDelaySeconds")};
}

std::vector<ScaleEvent> events_of(const Json& events) {
  if (!events.is_array()) throw MalformedCase("the scale events are no list");
  std::vector<ScaleEvent> stored;
  for (const Json& entry : events) {
    const bool outdated = has(entry, "outdated") && flag(entry, "outdated");
    stored.push_back({count(entry, "replicaChange"), time_of_age(entry, "ageSeconds"), outdated});
  }
  return stored;
}

std::vector<Recommendation> recommendations_of(const Json& recommendations) {
  if (!recommendations.is_array()) throw MalformedCase("the recommendations are no list");
  std::vector<Recommendation> stored;
  for (const Json& entry : recommendations) {
    stored.push_back({count(entry, "replicas"), time_of_age(entry, "ageSeconds")});
  }
  return stored;
}

ScalingRules rules_of(const Json& rules, const ScalingRules& defaults) {
  if (rules.is_null()) return defaults;
  if (!rules.is_object()) throw MalformedCase("the rules are no object");
  ScalingRules read = defaults;
  if (has(rules, "selectPolicy")) {
    read.select = choice<SelectPolicy>(
        rules, "selectPolicy",
        {{"Max", SelectPolicy::kMax}, {"Min", SelectPolicy::kMin}, {"Disabled", SelectPolicy::kDisabled}});
  }
  if (has(rules, "stabilizationWindowSeconds")) {
    read.stabilization_window = seconds_of(rules, "stabilizationWindowSeconds");
  }
  if (!has(rules, "policies")) return read;
  read.policies.clear();
  for (const Json& entry : list(rules, "policies")) read.policies.push_back(rate_policy_of(entry));
  return read;
}

}  // namespace scaler::vectors
