// Where the metrics-server gets its numbers: what a kubelet would read from the kernel and from the application.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>

#include "common/base/time.h"

namespace fakeapi {

// Counters since the start of the pod.
struct PodSample {
  std::uint64_t cpu_nanoseconds = 0;  // core time used
  std::uint64_t memory_bytes = 0;     // in use now
  // Counters of the application by the name of the metric that is their rate per second, e.g. "requests_per_second".
  std::map<std::string, double> rates;
};

class PodSampler {
 public:
  virtual ~PodSampler() = default;
  // nullopt if the pod does not run. `at` is now.
  virtual std::optional<PodSample> sample(const std::string& ns, const std::string& pod, base::Time at) = 0;
};

}  // namespace fakeapi
