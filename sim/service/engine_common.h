// What the engines share: the part of a run that is measured, the core time of a pod, the digest of results. Values.
#pragma once

#include <algorithm>
#include <bit>
#include <cstdint>
#include <vector>

#include "sim/service/engine_options.h"
#include "sim/service/interval.h"
#include "sim/service/results.h"
#include "sim/traffic/ticks.h"
#include "sim/traffic/xoshiro.h"

namespace sim {

// Seconds are the grain of the measurement.
constexpr Ticks whole_second_from(Ticks t) { return step_of(t + kSecond - 1, kSecond) * kSecond; }

constexpr Interval measured_part(Ticks start, Ticks warmup, Ticks duration) {
  return {.begin = std::min(whole_second_from(start + warmup), start + duration), .end = start + duration};
}

// Turns what a pod did into the core time that a metrics-server would read; see Usage::cpu. One a pod.
class CpuMeter {
 public:
  explicit CpuMeter(Ticks added) : added_(added), sampled_(added) {}

  struct Done {
    Ticks work = 0;  // worker time
    std::uint64_t rejected = 0;
    Ticks lived_until = 0;  // idling ends there
  };
  // Core time since the pod was added. REQUIRES: `at` never goes back.
  Ticks read(const CpuOptions& cpu, Ticks mean_service, std::uint32_t workers, const Done& done, Ticks at);

 private:
  Ticks added_;
  Ticks sampled_;  // by the last read()
  Ticks raw_ = 0;  // until then, not clipped
  Ticks used_ = 0;
};

class Digest {
 public:
  void add(std::uint64_t value) { hash_ = mix64(hash_ ^ value) + 0x9e3779b97f4a7c15ULL; }
  void add(Ticks value) { add(static_cast<std::uint64_t>(value)); }
  void add(double value) { add(std::bit_cast<std::uint64_t>(value)); }
  void add(const std::vector<SecondResult>& seconds, const Totals& totals);
  std::uint64_t value() const { return hash_; }

 private:
  std::uint64_t hash_ = 0;
};

}  // namespace sim
