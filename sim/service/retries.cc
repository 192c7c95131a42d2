#include "sim/service/retries.h"

#include <cmath>
#include <utility>

#include "common/base/check.h"
#include "sim/traffic/poisson_points.h"

namespace sim {
namespace {

// An hour, in ticks: where doubling ends.
constexpr double kLongestBackoff = 3.6e12;

}  // namespace

Retries::Retries(const ClientOptions& options, const QuantileTable& demand, const base::Random& stream)
    : options_(options), demand_(demand), key_(stream.key()) {
  CHECK(options_.backoff >= 0 && options_.budget.value_or(0.0) >= 0.0, "back-off and budget are not negative");
  if (options_.budget) {
    gain_ =
        std::llround(std::min(*options_.budget, static_cast<double>(kRetryBudgetCap)) * static_cast<double>(kToken));
  }
}

bool Retries::send_again(const Attempt& failed, Ticks now) {
  if (failed.tries >= options_.max_retries) return false;
  if (options_.budget) {
    constexpr std::int64_t kMost = kRetryBudgetCap * kToken;
    std::int64_t gained = 0;
    if (__builtin_mul_overflow(static_cast<std::int64_t>(std::exchange(uncounted_, 0)), gain_, &gained)) gained = kMost;
    tokens_ = std::min(kMost, tokens_ + std::min(kMost, gained));
    if (tokens_ < kToken) return false;
    tokens_ -= kToken;
  }
  const std::uint32_t tries = failed.tries + 1;
  const double jitter = 0.5 + static_cast<double>(draw(failed.first, tries) >> 32) * 0x1p-32;
  const double delay = std::ldexp(static_cast<double>(options_.backoff), static_cast<int>(failed.tries)) * jitter;
  waiting_.push({now + static_cast<Ticks>(std::min(delay, kLongestBackoff)), failed.first, tries});
  return true;
}

Attempt Retries::pop() {
  const Waiting next = waiting_.top();
  waiting_.pop();
  const auto bits = static_cast<std::uint32_t>(draw(next.first, next.tries));
  return {.at = next.at, .first = next.first, .demand = to_demand(demand_(bits)), .tries = next.tries};
}

std::uint64_t Retries::draw(Ticks first, std::uint32_t tries) const {
  return mix64(mix64(key_ ^ static_cast<std::uint64_t>(first)) + tries * 0x9e3779b97f4a7c15ULL);
}

}  // namespace sim
