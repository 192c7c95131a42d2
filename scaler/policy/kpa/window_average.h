// The mean of a metric over a sliding window of one-second buckets, as the Knative autoscaler keeps it.
//
// Linear: the sum over the valid buckets divided by their number. Valid are those from the first write (right after the
// start, or after a silence of a whole window, the window is partial) to the last; gaps between two writes count as 0.
// Weighted: exponential weights, the newest first; missing recent seconds shift them.
// Not thread-safe; owned by a policy. Memory: one number a second of the window.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <vector>

#include "common/base/time.h"

namespace scaler {

class WindowAverage {
 public:
  enum class Kind { kLinear, kWeighted };

  // REQUIRES: window >= 1 s.
  WindowAverage(base::Duration window, Kind kind);

  // Adds to the bucket of the second of `now`; what is older than the window is left out.
  void record(base::Time now, double value);
  // The silence is longer than the window: there is no average, which is not an average of 0. A silence of just the
  // window averages 0.
  bool empty(base::Time now) const;
  double average(base::Time now) const;

  // The second of the last write, counted from 1970; nullopt before the first.
  std::optional<std::int64_t> last_second() const { return last_; }
  // The same data in a window of another length.
  WindowAverage resized(base::Duration window) const;

 private:
  std::size_t index(std::int64_t second) const;
  std::int64_t size() const { return static_cast<std::int64_t>(buckets_.size()); }
  void move_to(std::int64_t second);
  double linear(std::int64_t silent) const;
  double weighted(std::int64_t silent) const;

  Kind kind_;
  std::vector<double> buckets_;  // a ring, by second
  double total_ = 0;
  std::optional<std::int64_t> first_;
  std::optional<std::int64_t> last_;
};

}  // namespace scaler
