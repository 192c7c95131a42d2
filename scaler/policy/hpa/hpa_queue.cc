#include "scaler/policy/hpa/hpa_queue.h"

namespace scaler {
namespace {

constexpr HpaEnqueue kImmediate{.immediate = true, .rate_limited = false};
constexpr HpaEnqueue kRateLimited{.immediate = false, .rate_limited = true};

}  // namespace

HpaEnqueue enqueue_added() { return kImmediate; }

HpaEnqueue enqueue_updated(std::optional<std::int64_t> old_generation, std::optional<std::int64_t> new_generation,
                           bool generation_gate) {
  const bool edited = old_generation && new_generation && *old_generation != *new_generation;
  return generation_gate && edited ? kImmediate : kRateLimited;
}

HpaEnqueue enqueue_after_round(bool still_exists) { return still_exists ? kRateLimited : HpaEnqueue{}; }

}  // namespace scaler
