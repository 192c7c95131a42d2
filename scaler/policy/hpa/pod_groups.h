// Which pods count, as the HPA controller sorts them, and what they request.
//
// Pure functions. Whatever is known of each pod stands in a vector beside the pods, which are sorted by name, so that a
// round over a thousand pods looks no name up twice.
#pragma once

#include <cstdint>
#include <optional>
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

// The values of one metric. REQUIRES: what they were read from outlives them.
struct MetricSamples {
  struct Stranger {
    std::string_view pod;
    std::int64_t value_milli = 0;
  };

  std::vector<std::optional<MetricSample>> of_pods;  // beside the pods; nullopt: without a value
  std::vector<Stranger> strangers;                   // of pods that are not listed; upstream lets them count
  std::optional<base::Time> oldest;                  // of all values

  std::size_t size() const;
};

// Puts values beside the pods that they are of. Of two values for one pod the later counts.
class SampleCollector {
 public:
  // REQUIRES: `pods` is sorted by name and outlives this object.
  explicit SampleCollector(const std::vector<PodObservation>& pods);
  void add(std::string_view pod, const MetricSample& sample);
  MetricSamples take() { return std::move(samples_); }

 private:
  void add_stranger(std::string_view pod, const MetricSample& sample);

  const std::vector<PodObservation>& pods_;
  std::size_t next_ = 0;  // the pod whose value comes next if the values are sorted too
  MetricSamples samples_;
};

using Requests = std::vector<std::int64_t>;  // beside the pods, in thousandths

enum class PodGroup : std::uint8_t {
  kReady,
  kUnready,  // pending, or a CPU reading that says nothing yet
  kMissing,  // without a value
  kIgnored,  // ending or ended
};

struct PodGroups {
  int ready = 0;
  int unready = 0;
  int missing = 0;
  int ignored = 0;
  std::vector<PodGroup> of_pods;  // beside the pods
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
