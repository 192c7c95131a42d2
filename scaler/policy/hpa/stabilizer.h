// Damps changes: a recommendation takes effect only as far as those of the last window agree with it.
//
// Pure state machine: no clock, no I/O. Not thread-safe; owned by one policy. Windows edge and reuse of slots are the
// HPA controller's, and differ between its two modes.
#pragma once

#include <optional>
#include <utility>
#include <vector>

#include "common/base/time.h"

namespace scaler {

// A metric outcome before stabilization and before min and max.
struct Recommendation {
  int replicas = 0;
  base::Time at{};
};

class Stabilizer {
 public:
  Stabilizer() = default;
  explicit Stabilizer(std::vector<Recommendation> recommendations) : recommendations_(std::move(recommendations)) {}

  // Without `behavior`: the highest recommendation not older than `window`, which may exceed the current count.
  // Records `desired`.
  int highest(base::Time now, base::Duration window, int desired);

  // With `behavior`: `current`, moved up only to the lowest recommendation younger than `up_window`, and down only to
  // the highest younger than `down_window`. Records `desired`.
  int between(base::Time now, base::Duration up_window, base::Duration down_window, int current, int desired);

  // When the recommendation that held the last answer leaves its window; nullopt if the answer was `desired`.
  std::optional<base::Time> held_until() const { return held_until_; }

  const std::vector<Recommendation>& recommendations() const { return recommendations_; }

 private:
  static constexpr std::size_t kNone = static_cast<std::size_t>(-1);
  void record(std::size_t reusable, Recommendation recommendation);
  // The latest of those at least as high (or low) as `answer` holds it until it is `window` old.
  void remember_holder(int answer, int desired, base::Duration window);

  std::optional<base::Time> held_until_;
  std::vector<Recommendation> recommendations_;  // in slot order, not in time order: old slots are reused
};

}  // namespace scaler
