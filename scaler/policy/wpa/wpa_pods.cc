#include "scaler/policy/wpa/wpa_pods.h"

#include <fmt/format.h>

#include <algorithm>
#include <set>

#include "common/base/number_format.h"
#include "scaler/policy/hpa/saturate.h"

namespace scaler {
namespace {

using base::Error;
using base::ErrorCode;
using base::Result;

Error unusable(std::string message) { return {ErrorCode::kUnavailable, std::move(message)}; }

std::optional<Error> too_few_available(const WpaSpec& spec, int ready, int counted) {
  const int share = static_cast<int>(std::int64_t{100} * ready / counted);
  if (share >= spec.min_available_percentage) return std::nullopt;
  return unusable(fmt::format("{} % of the pods are ready, minAvailableReplicaPercentage is {}", share,
                              spec.min_available_percentage));
}

Result<WpaUsage> read_external(const WpaSpec& spec, const WpaMetric& metric, const Observation& observation) {
  const auto ready = count_ready_pods(spec, observation);
  if (!ready) return ready.error();
  const auto found = observation.external_metrics.find(MetricNeed{metric.name, metric.selector, {}});
  if (found == observation.external_metrics.end()) return unusable("was not read");
  if (!found->second) return found->second.error();
  WpaUsage usage;
  usage.ready = *ready;
  for (const MetricValue& value : *found->second) {
    if (value.value_milli < 0) {
      return unusable("a negative value, " + base::format_number(static_cast<double>(value.value_milli) / 1000));
    }
    usage.sum_milli = saturating_add(usage.sum_milli, value.value_milli);
    usage.oldest = std::min(usage.oldest.value_or(value.timestamp), value.timestamp);
  }
  if (!usage.oldest) return unusable("no series of " + (metric.selector.empty() ? "it" : metric.selector));
  return usage;
}

std::optional<std::int64_t> used_by(const PodUsage& pod, const std::string& resource) {
  std::optional<std::int64_t> sum;
  for (const ContainerUsage& container : pod.containers) {
    const auto used = resource == "cpu" ? container.cpu_milli : container.memory_milli;
    if (!used) return std::nullopt;
    sum = saturating_add(sum.value_or(0), *used);
  }
  return sum;
}

// Of pods that have a value: those that are not ready yet do not count for cpu, which starting burns.
bool is_unready(const PodObservation& pod, base::Duration readiness_delay) {
  if (!pod.ready || !pod.start_time) return true;
  return pod.ready == ConditionStatus::kFalse || *pod.start_time + readiness_delay > pod.ready_transition;
}

Result<WpaUsage> read_resource(const WpaSpec& spec, const WpaMetric& metric, const Observation& observation) {
  if (!observation.resource_metrics) return observation.resource_metrics.error();
  if (observation.pods.empty()) return unusable("no pods match the target's selector");
  std::map<std::string, std::pair<std::int64_t, base::Time>> values;
  for (const PodUsage& pod : *observation.resource_metrics) {
    const auto used = used_by(pod, metric.name);
    if (used) values[pod.pod] = {*used, pod.timestamp};
  }
  int ready = 0;
  int ignored = 0;
  for (const PodObservation& pod : observation.pods) {
    const auto value = values.find(pod.name);
    if (pod.phase == PodPhase::kFailed || pod.phase == PodPhase::kPending) {
      ++ignored;
      if (value != values.end()) values.erase(value);
    } else if (value != values.end()) {
      const bool unready = metric.name == "cpu" && is_unready(pod, spec.readiness_delay);
      (unready ? ignored : ready) += 1;
      if (unready) values.erase(value);
    }
  }
  const int counted = static_cast<int>(observation.pods.size()) - ignored;
  if (counted <= 0) return unusable("none of the pods counts: all are failed, pending or not ready");
  if (auto few = too_few_available(spec, ready, counted)) return *few;
  if (values.empty() || ready == 0) return unusable("no values of ready pods");
  WpaUsage usage;
  usage.ready = ready;
  for (const auto& [pod, value] : values) {
    if (value.first < 0) return unusable("a negative value of the pod " + pod);
    usage.sum_milli = saturating_add(usage.sum_milli, value.first);
    usage.oldest = std::min(usage.oldest.value_or(value.second), value.second);
  }
  return usage;
}

}  // namespace

Result<int> count_ready_pods(const WpaSpec& spec, const Observation& observation) {
  if (observation.pods.empty()) return unusable("no pods match the target's selector");
  int ready = 0;
  int finished = 0;
  for (const PodObservation& pod : observation.pods) {
    if (pod.phase == PodPhase::kFailed || pod.phase == PodPhase::kSucceeded) {
      ++finished;
      continue;
    }
    if (!pod.ready || !pod.start_time || pod.deleting) continue;
    const bool running = pod.phase == PodPhase::kRunning && pod.ready == ConditionStatus::kTrue;
    const bool starting =
        pod.phase == PodPhase::kPending && observation.now - pod.ready_transition < spec.readiness_delay;
    if (running || starting) ++ready;
  }
  if (ready == 0) return unusable(fmt::format("none of {} pods is ready", observation.pods.size()));
  ready = std::min(ready, observation.scale.status_replicas);
  const int counted = static_cast<int>(observation.pods.size()) - finished;
  if (auto few = too_few_available(spec, ready, counted)) return *few;
  return ready;
}

Result<WpaUsage> read_wpa_metric(const WpaSpec& spec, const WpaMetric& metric, const Observation& observation) {
  return metric.source == WpaMetric::Source::kExternal ? read_external(spec, metric, observation)
                                                       : read_resource(spec, metric, observation);
}

}  // namespace scaler
