// What is done every so often, counted from the first time, whatever the instants are at which somebody asks.
//
// Not thread-safe; owned by one policy.
#pragma once

#include <optional>

#include "common/base/time.h"

namespace scaler {

class KedaBeat {
 public:
  explicit KedaBeat(base::Duration period) : period_(period) {}

  // Whether it is time, and if so, the next time is set. A loop that wakes a moment early is in time: on a real clock
  // no two rounds are exactly a period apart.
  bool due(base::Time now) {
    const base::Duration slack = period_ / 100;
    if (next_ && now + slack < *next_) return false;
    const base::Time from = next_.value_or(now);
    next_ = from + period_ * ((now + slack - from) / period_ + 1);
    return true;
  }

  // The next time strictly after `now`; nullopt before the first.
  std::optional<base::Time> after(base::Time now) const {
    if (!next_ || *next_ > now) return next_;
    return *next_ + period_ * ((now - *next_) / period_ + 1);
  }

  const std::optional<base::Time>& next() const { return next_; }
  void inherit(const KedaBeat& previous) { next_ = previous.next_; }

 private:
  const base::Duration period_;
  std::optional<base::Time> next_;
};

}  // namespace scaler
