#include "sim/cohort/cohort_retries.h"

#include <algorithm>
#include <array>
#include <cmath>

namespace sim {
namespace {

constexpr double kLongestBackoff = 3600.0;                               // seconds
constexpr std::array<double, 4> kJitter = {0.625, 0.875, 1.125, 1.375};  // the middles of quarters of [0.5, 1.5)
constexpr double kNothing = 1e-6;

}  // namespace

void CohortRetries::count_first_attempts(double attempts) {
  if (!options_.budget) return;
  tokens_ = std::min(static_cast<double>(kRetryBudgetCap), tokens_ + attempts * *options_.budget);
}

double CohortRetries::send_again(const RetryGroup& failed, Ticks known, Ticks end, std::uint64_t& added) {
  if (failed.tries >= options_.max_retries || failed.attempts < kNothing) return 0.0;
  double sent = failed.attempts;
  if (options_.budget) {
    sent = std::min(sent, tokens_);
    tokens_ -= sent;
  }
  if (sent < kNothing) return 0.0;
  const double backoff =
      std::min(kLongestBackoff, std::ldexp(to_seconds(options_.backoff), static_cast<int>(failed.tries)));
  for (const double jitter : kJitter) {
    const auto wait = static_cast<Ticks>(backoff * jitter * 1e9);
    const std::int64_t slice = std::max(step_of(known + wait, kSlice), step_of(end, kSlice));
    RetryGroup group = failed;
    group.attempts = sent / static_cast<double>(kJitter.size());
    group.delay += to_seconds(std::max(known + wait, end) - (end - kSlice / 2));
    ++group.tries;
    auto& groups = waiting_[slice];
    const auto same = std::find_if(groups.begin(), groups.end(), [&](const RetryGroup& g) {
      return g.second == group.second && g.tries == group.tries;
    });
    if (same == groups.end()) {
      groups.push_back(group);
      ++added;
    } else {
      const double all = same->attempts + group.attempts;
      same->delay = (same->delay * same->attempts + group.delay * group.attempts) / all;
      same->attempts = all;
    }
  }
  return sent;
}

std::vector<RetryGroup> CohortRetries::take(std::int64_t slice) {
  std::vector<RetryGroup> due;
  const auto found = waiting_.find(slice);
  if (found == waiting_.end()) return due;
  due = std::move(found->second);
  waiting_.erase(found);
  return due;
}

}  // namespace sim
