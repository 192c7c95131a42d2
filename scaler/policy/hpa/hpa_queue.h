// When the HPA controller looks at an object: the rules of its work queue and of its writes, without queue or clock.
//
// Pure functions.
#pragma once

#include <cstdint>
#include <optional>

namespace scaler {

// How an event about an HPA is put into the queue.
struct HpaEnqueue {
  bool immediate = false;
  bool rate_limited = false;  // after one sync period, whatever happened before: there is no back-off
  bool operator==(const HpaEnqueue&) const = default;
};

// Also for the objects of the first list.
HpaEnqueue enqueue_added();

// Generations: nullopt for an object of another type. `generation_gate`: HPAGeneration.
HpaEnqueue enqueue_updated(std::optional<std::int64_t> old_generation, std::optional<std::int64_t> new_generation,
                           bool generation_gate);

// After a round, whether it failed or not; an HPA that is gone is forgotten with all its history.
HpaEnqueue enqueue_after_round(bool still_exists);

// The scale is written up to so many times, again only after a conflict, with the number decided at first.
inline constexpr int kHpaScaleWriteAttempts = 5;

}  // namespace scaler
