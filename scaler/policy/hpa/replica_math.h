// The HPA's arithmetic: from measured values to a proposed replica count.
//
// Pure functions. The order of operations is upstream's, because it shows: integer divisions cut towards zero, only the
// last division is done in double.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "common/base/result.h"
#include "scaler/model/decision.h"
#include "scaler/model/observation.h"
#include "scaler/policy/hpa/hpa_spec.h"
#include "scaler/policy/hpa/pod_groups.h"

namespace scaler {

bool within(const Tolerance& tolerance, double ratio);

struct Usage {
  double ratio = 0;                // measured / target
  std::int64_t average_milli = 0;  // a pod
  std::optional<int> utilization;  // percent of the request
};

// Sums over the listed pods that have a value. Fails if nothing is requested.
base::Result<Usage> utilization_ratio(const MetricSamples& samples, const Requests& requests, int target_percent);
// REQUIRES: samples is not empty.
Usage average_ratio(const MetricSamples& samples, std::int64_t target_milli);

struct Proposal {
  int replicas = 0;
  int raw = 0;                                // before tolerance and the filling in of pods without a value
  std::vector<Step> steps;                    // from raw to replicas
  Usage usage;                                // as first measured
  std::optional<std::int64_t> value_milli{};  // of a Value target, which has no usage of a pod
};

// A metric that is known for each pod, and all that its proposal depends on.
struct PodMetricCase {
  int current_replicas = 0;  // spec.replicas of the scale
  const std::vector<PodObservation>& pods;
  std::string_view resource;  // "cpu", "memory", or empty for a custom metric
  std::string_view container;
  MetricSamples samples;
  std::optional<int> target_utilization;  // percent; without it:
  std::int64_t target_average_milli = 0;
  Tolerance tolerance;
  ReadinessOptions readiness;
  bool pod_level_resources = true;
  base::Time now{};
};

// Resource, ContainerResource and Pods metrics.
base::Result<Proposal> propose_from_pods(PodMetricCase metric);

// Object and External metrics with a Value target: by the pods that are running and ready.
base::Result<Proposal> propose_from_value(std::int64_t usage_milli, std::int64_t target_milli, int current_replicas,
                                          const std::vector<PodObservation>& pods, const Tolerance& tolerance);
// Object and External metrics with an AverageValue target: by status.replicas.
Proposal propose_from_total(std::int64_t usage_milli, std::int64_t target_milli, int status_replicas,
                            const Tolerance& tolerance);
// What External metrics with several values are first made into.
std::int64_t sum_for_value(const std::vector<std::int64_t>& values_milli);
std::int64_t sum_for_average(const std::vector<std::int64_t>& values_milli);

// usage / replicas, rounded up; 0 for no replicas.
std::int64_t usage_per_pod(std::int64_t usage_milli, int status_replicas);

}  // namespace scaler
