// Which pods count, as the HPA controller sorts them, and what they request.
#pragma once

#include <map>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "common/base/result.h"
#include "scaler/model/observation.h"

namespace scaler {

struct MetricSample {
  std::int64_t value_milli = 0;
  base::Time timestamp{};
  base::Duration window{};
};

using MetricSamples = std::map<std::string, MetricSample, std::less<>>;  // by pod
using Requests = std::map<std::string, std::int64_t, std::less<>>;       // by pod, in thousandths

struct PodGroups {
  int ready = 0;
  std::set<std::string> unready;  // pending, or a CPU reading that says nothing yet
  std::set<std::string> missing;  // without a value
  std::set<std::string> ignored;  // ending or ended
};

struct ReadinessOptions {
  base::Duration cpu_initialization_period{};
  base::Duration initial_readiness_delay{};
};

// `resource` is "cpu", "memory", or empty for a custom metric; only CPU looks at readiness.
PodGroups group_pods(const std::vector<PodObservation>& pods, const MetricSamples& samples, std::string_view resource,
                     const ReadinessOptions& options, base::Time now);

// The sum over a pod's containers and sidecars, or the named container's alone. One container without a request fails
// all. `pod_level`: requests of the pod as a whole replace the sum.
base::Result<Requests> pod_requests(const std::vector<PodObservation>& pods, std::string_view resource,
                                    std::string_view container, bool pod_level);

}  // namespace scaler
