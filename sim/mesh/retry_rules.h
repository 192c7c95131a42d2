// Which attempts along one edge are sent again and when: the rules of sim/service/retries.h for a caller that keeps the
// waiting attempts itself. Not thread-safe; owned by an Edge.
#pragma once

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <optional>

#include "common/base/check.h"
#include "sim/service/engine_options.h"
#include "sim/traffic/xoshiro.h"

namespace sim {

class RetryRules {
 public:
  RetryRules(const ClientOptions& options, std::uint64_t key) : options_(options), key_(key) {
    CHECK(options.backoff >= 0 && options.budget.value_or(0.0) >= 0.0, "back-off and budget are not negative");
    if (!options.budget) return;
    const double cap = static_cast<double>(kRetryBudgetCap);
    gain_ = std::llround(std::min(*options.budget, cap) * static_cast<double>(kToken));
  }

  // Feeds the budget.
  void count_first_attempt() { tokens_ = std::min(kRetryBudgetCap * kToken, tokens_ + gain_); }

  // The back-off after the attempt that `tries` others preceded; nullopt: it is not sent again. Takes a token.
  std::optional<Ticks> backoff(std::uint64_t id, std::uint32_t tries) {
    if (tries >= options_.max_retries) return std::nullopt;
    if (options_.budget) {
      if (tokens_ < kToken) return std::nullopt;
      tokens_ -= kToken;
    }
    const double jitter = 0.5 + static_cast<double>(draw(id, tries + 1) >> 32) * 0x1p-32;
    const double delay = std::ldexp(static_cast<double>(options_.backoff), static_cast<int>(tries)) * jitter;
    constexpr double kLongest = 3.6e12;  // an hour, where doubling ends
    return static_cast<Ticks>(std::min(delay, kLongest));
  }

  // For the attempt of the request that `tries` others preceded: jitter in the upper half, demand in the lower.
  std::uint64_t draw(std::uint64_t id, std::uint32_t tries) const {
    return mix64(mix64(key_ ^ id) + tries * 0x9e3779b97f4a7c15ULL);
  }

 private:
  static constexpr std::int64_t kToken = 1'000'000'000;

  ClientOptions options_;
  std::uint64_t key_;
  std::int64_t gain_ = 0;
  std::int64_t tokens_ = 0;
};

}  // namespace sim
