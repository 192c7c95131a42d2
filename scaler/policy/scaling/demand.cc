#include "scaler/policy/scaling/demand.h"

#include <algorithm>

#include "scaler/policy/hpa/metric_proposals.h"

namespace scaler {
namespace {

constexpr base::Duration kEstablished = std::chrono::minutes(2);

base::Error unavailable(const char* what) { return {base::ErrorCode::kUnavailable, what}; }

// A percentage of the request is a different load on pods of different requests: the mean request stands for a pod.
base::Result<double> per_pod_target(const MetricSpec& metric, const Observation& observation,
                                    const ControllerOptions& options) {
  if (metric.average_milli) return static_cast<double>(*metric.average_milli) / 1000.0;
  if (!metric.utilization) return unavailable("its target is no average, which is all that tells what one pod carries");
  auto requests = pod_requests(observation.pods, metric.name, metric.container, options.pod_level_resources);
  if (!requests) return requests.error();
  double sum = 0;
  for (const std::int64_t request : *requests) sum += static_cast<double>(request) / 1000.0;
  if (sum <= 0.0) return unavailable("the pods request nothing");
  return sum / static_cast<double>(requests->size()) * *metric.utilization / 100.0;
}

bool is_established(const PodObservation& pod, base::Time now) {
  return pod.phase == PodPhase::kRunning && pod.ready == ConditionStatus::kTrue &&
         pod.ready_transition + kEstablished <= now;
}

base::Result<Total> total_over_pods(const MetricSpec& metric, const Observation& observation) {
  auto samples = read_samples(metric, observation);
  if (!samples) return samples.error();
  Total total;
  double established = 0;
  int established_with = 0;
  int established_without = 0;
  bool any = false;
  for (std::size_t i = 0; i < observation.pods.size(); ++i) {
    const PodObservation& pod = observation.pods[i];
    if (pod.deleting || pod.phase == PodPhase::kFailed || pod.phase == PodPhase::kSucceeded) continue;
    const auto& sample = samples->of_pods[i];
    if (!sample) {
      established_without += is_established(pod, observation.now) ? 1 : 0;
      continue;
    }
    const double value = static_cast<double>(sample->value_milli) / 1000.0;
    total.total += value;
    total.at = any ? std::max(total.at, sample->timestamp) : sample->timestamp;
    any = true;
    if (is_established(pod, observation.now)) {
      established += value;
      ++established_with;
    }
  }
  if (!any) return unavailable("no pod has a value");
  if (established_without > 0 && established_with == 0) return unavailable("no pod that is ready for long has a value");
  if (established_without > 0) total.total += established / established_with * established_without;
  return total;
}

base::Result<Total> total_of_values(const MetricSpec& metric, const Observation& observation) {
  const auto values = read_values(metric, observation);
  if (!values) return values.error();
  Total sum{.total = 0, .at = values->front().timestamp};
  for (const MetricValue& value : *values) {
    sum.total += static_cast<double>(value.value_milli) / 1000.0;
    sum.at = std::max(sum.at, value.timestamp);
  }
  return sum;
}

}  // namespace

bool is_total(const MetricSpec& metric) {
  return metric.source == MetricSpec::Source::kObject || metric.source == MetricSpec::Source::kExternal;
}

base::Result<Total> total_of(const MetricSpec& metric, const Observation& observation) {
  return is_total(metric) ? total_of_values(metric, observation) : total_over_pods(metric, observation);
}

base::Result<Demand> demand_of(const MetricSpec& metric, const Observation& observation,
                               const ControllerOptions& options) {
  const auto total = total_of(metric, observation);
  if (!total) return total.error();
  const auto per_pod = per_pod_target(metric, observation, options);
  if (!per_pod) return per_pod.error();
  return Demand{.total = total->total, .per_pod = *per_pod, .at = total->at};
}

}  // namespace scaler
