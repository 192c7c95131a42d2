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
  if (!metric.utilization) return static_cast<double>(metric.average_milli.value_or(0)) / 1000.0;
  auto requests = pod_requests(observation.pods, metric.name, metric.container, options.pod_level_resources);
  if (!requests) return requests.error();
  double sum = 0;
  for (const auto& [pod, request] : *requests) sum += static_cast<double>(request) / 1000.0;
  if (sum <= 0.0) return unavailable("the pods request nothing");
  return sum / static_cast<double>(requests->size()) * *metric.utilization / 100.0;
}

bool is_established(const PodObservation& pod, base::Time now) {
  return pod.phase == PodPhase::kRunning && pod.ready == ConditionStatus::kTrue &&
         pod.ready_transition + kEstablished <= now;
}

}  // namespace

base::Result<Demand> demand_of(const MetricSpec& metric, const Observation& observation,
                               const ControllerOptions& options) {
  auto samples = read_samples(metric, observation);
  if (!samples) return samples.error();
  auto per_pod = per_pod_target(metric, observation, options);
  if (!per_pod) return per_pod.error();

  Demand demand{.per_pod = *per_pod};
  double established = 0;
  int established_with = 0;
  int established_without = 0;
  bool any = false;
  for (const PodObservation& pod : observation.pods) {
    if (pod.deleting || pod.phase == PodPhase::kFailed || pod.phase == PodPhase::kSucceeded) continue;
    const auto sample = samples->find(pod.name);
    if (sample == samples->end()) {
      established_without += is_established(pod, observation.now) ? 1 : 0;
      continue;
    }
    const double value = static_cast<double>(sample->second.value_milli) / 1000.0;
    demand.total += value;
    demand.at = any ? std::max(demand.at, sample->second.timestamp) : sample->second.timestamp;
    any = true;
    if (is_established(pod, observation.now)) {
      established += value;
      ++established_with;
    }
  }
  if (!any) return unavailable("no pod has a value");
  if (established_without > 0 && established_with == 0) return unavailable("no pod that is ready for long has a value");
  if (established_without > 0) demand.total += established / established_with * established_without;
  return demand;
}

}  // namespace scaler
