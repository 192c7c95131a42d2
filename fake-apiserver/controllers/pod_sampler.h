// What a kubelet learns from the kernel and from the application: usage for the metrics-server, answers to probes.
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
  // What the application tells as it is at the moment, e.g. "requests_in_flight".
  std::map<std::string, double> gauges{};
};

// How long the application would take to answer a probe that is sent now; nullopt: it refuses, or never answers.
struct ProbeAnswer {
  std::optional<base::Duration> after = base::Duration::zero();
};

class PodSampler {
 public:
  virtual ~PodSampler() = default;
  // nullopt if the pod does not run. `at` is now.
  virtual std::optional<PodSample> sample(const std::string& ns, const std::string& pod, base::Time at) = 0;
  // Called for pods whose container runs and whose application is up, Ready or not, at each of their probes that does
  // work. `at` is now.
  virtual ProbeAnswer probe(const std::string& /*ns*/, const std::string& /*pod*/, base::Time /*at*/) { return {}; }
  // Whether a pod that is being deleted has finished what it held. Asked after the termination delay, then every second
  // until the grace period is over.
  virtual bool drained(const std::string& /*ns*/, const std::string& /*pod*/, base::Time /*at*/) { return true; }
};

}  // namespace fakeapi
