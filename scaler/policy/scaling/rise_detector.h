// How steeply a demand rises: what it is now against the mean of a stretch that ended a window ago.
//
// Bounded: the samples of both windows are kept in at most about 240 slices of time, however often they come. Owned by
// one policy; not thread-safe.
#pragma once

#include <deque>
#include <optional>

#include "common/base/time.h"

namespace scaler {

class RiseDetector {
 public:
  // REQUIRES: both are positive.
  RiseDetector(base::Duration window, base::Duration stable_window);

  // One that is not later than the last says nothing new and is left out.
  void observe(base::Time at, double demand);

  struct Rise {
    double now = 0;
    double mean = 0;              // of the samples in [now - window - stable window, now - window]
    double slope_per_second = 0;  // since the newest of these
  };
  // nullopt while no sample is older than the window.
  std::optional<Rise> rise() const;

  std::size_t slices() const { return slices_.size(); }

 private:
  struct Slice {
    base::Time first;
    base::Time last;
    double newest;
    double sum;
    int count;
  };

  base::Duration window_;
  base::Duration stable_window_;
  base::Duration slice_;
  std::deque<Slice> slices_;  // in order of time
};

}  // namespace scaler
