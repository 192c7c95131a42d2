// Exact integer quotients without a division where the numbers are not too large: a multiplication by a reciprocal of
// 64 bits (Granlund and Montgomery 1994). Not thread-safe.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <vector>

#include "sim/service/recorder.h"

namespace sim {

// Halves of floor(2^64 / 2d) + 1: with it floor(x / d) is the upper half of the product with 2x, exact while
// 2x * 2d < 2^64.
constexpr std::uint64_t reciprocal_of(std::uint64_t d) {
  return static_cast<std::uint64_t>((WideCount{1} << 64) / (2 * d)) + 1;
}
constexpr std::uint64_t times_reciprocal(std::uint64_t x, std::uint64_t reciprocal) {
  return static_cast<std::uint64_t>((WideCount{2 * x} * reciprocal) >> 64);
}

// At most 2^62 of what does not fit.
[[gnu::noinline]] inline std::int64_t wide_quotient(std::uint64_t x, std::uint64_t a, std::uint64_t add,
                                                    std::uint64_t d) {
  constexpr WideCount kMost = WideCount{1} << 62;
  return static_cast<std::int64_t>(std::min(kMost, (WideCount{x} * a + add) / d));
}

// By divisors that are not known beforehand; those up to 2^14 are remembered.
class Quotients {
 public:
  // floor(x * a / d).
  std::int64_t of(std::uint64_t x, std::uint64_t a, std::uint64_t d) {
    if (d >= known_) [[unlikely]]
      learn(d);
    // 2^40 * 2^8 * 2 * 2^14 * 2 = 2^64.
    if ((x >> 40) != 0 || a > 256 || d > kMostRemembered) [[unlikely]]
      return wide_quotient(x, a, 0, d);
    return static_cast<std::int64_t>(times_reciprocal(x * a, reciprocals_[d]));
  }

 private:
  static constexpr std::uint64_t kMostRemembered = 1 << 14;

  [[gnu::noinline]] void learn(std::uint64_t d) {
    for (std::uint64_t i = reciprocals_.size(); i <= std::min(2 * d, kMostRemembered); ++i) {
      reciprocals_.push_back(i == 0 ? 0 : reciprocal_of(i));
    }
    known_ = reciprocals_.size();
  }

  std::vector<std::uint64_t> reciprocals_;
  std::uint64_t known_ = 0;
};

class FixedDivisor {
 public:
  explicit FixedDivisor(std::uint64_t d) : d_(d), reciprocal_(reciprocal_of(d)), most_((std::uint64_t{1} << 61) / d) {}

  // ceil(x * a / d).
  std::int64_t rounded_up(std::uint64_t x, std::uint64_t a) const {
    std::uint64_t product = 0;
    const bool overflow = __builtin_mul_overflow(x, a, &product);
    if (overflow || product >= most_) [[unlikely]]
      return wide_quotient(x, a, d_ - 1, d_);
    return static_cast<std::int64_t>(times_reciprocal(product + d_ - 1, reciprocal_));
  }

 private:
  std::uint64_t d_;
  std::uint64_t reciprocal_;
  std::uint64_t most_;  // products below it are divided exactly
};

}  // namespace sim
