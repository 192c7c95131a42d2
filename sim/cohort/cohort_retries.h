// Attempts that failed and will be sent again, as expected numbers by slice. The budget is that of the exact engine.
// Not thread-safe; owned by a CohortEngine.
#pragma once

#include <cstdint>
#include <map>
#include <vector>

#include "sim/service/engine_options.h"

namespace sim {

// Attempts that are sent in one slice and were first sent in one second.
struct RetryGroup {
  double attempts = 0;
  double delay = 0;  // since the first attempt, seconds, on average
  std::int64_t second = 0;
  std::uint32_t tries = 0;
};

class CohortRetries {
 public:
  explicit CohortRetries(const ClientOptions& options) : options_(options) {}

  void count_first_attempts(double attempts);
  // `failed` are known at `known` to have failed, in the slice that ends at `end` or later. Returns how many of them
  // will be sent again; those of one group give several new ones, which `added` counts.
  double send_again(const RetryGroup& failed, Ticks known, Ticks end, std::uint64_t& added);

  bool any() const { return !waiting_.empty(); }
  // Those due in the slice, out of the queue.
  std::vector<RetryGroup> take(std::int64_t slice);

 private:
  const ClientOptions& options_;
  double tokens_ = 0;
  std::map<std::int64_t, std::vector<RetryGroup>> waiting_;  // by slice
};

}  // namespace sim
