// What the exact engines share: the part of a run that is measured, and the digest of its results. Values.
#pragma once

#include <algorithm>
#include <bit>
#include <cstdint>

#include "sim/service/interval.h"
#include "sim/traffic/ticks.h"
#include "sim/traffic/xoshiro.h"

namespace sim {

// Seconds are the grain of the measurement.
constexpr Ticks whole_second_from(Ticks t) { return step_of(t + kSecond - 1, kSecond) * kSecond; }

constexpr Interval measured_part(Ticks start, Ticks warmup, Ticks duration) {
  return {.begin = std::min(whole_second_from(start + warmup), start + duration), .end = start + duration};
}

class Digest {
 public:
  void add(std::uint64_t value) { hash_ = mix64(hash_ ^ value) + 0x9e3779b97f4a7c15ULL; }
  void add(Ticks value) { add(static_cast<std::uint64_t>(value)); }
  void add(double value) { add(std::bit_cast<std::uint64_t>(value)); }
  std::uint64_t value() const { return hash_; }

 private:
  std::uint64_t hash_ = 0;
};

}  // namespace sim
