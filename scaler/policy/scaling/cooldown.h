// Keeps a policy still for a while after a change, per direction.
//
// Both directions count from the last applied change, whatever its direction was: a scale-down may follow a scale-up
// only after `scale_down`. From exactly that instant on a change is allowed. A scale-down also waits that long from the
// first round on, so that a restarted scaler, which does not know of earlier changes, cannot shrink a crowd.
// Owned by one policy; not thread-safe.
#pragma once

#include <optional>

#include "common/base/time.h"
#include "scaler/policy/scaling/scaling_spec.h"

namespace scaler {

class Cooldown {
 public:
  explicit Cooldown(CooldownSpec spec) : spec_(spec) {}

  // How long a change from `current` to `desired` has still to wait; zero if it may happen now.
  base::Duration remaining(base::Time now, int current, int desired) const;
  base::Duration setting(bool upwards) const { return upwards ? spec_.scale_up : spec_.scale_down; }
  const std::optional<base::Time>& last_change() const { return last_change_; }
  // Called in each round, before remaining().
  void seen(base::Time now) {
    if (!first_seen_) first_seen_ = now;
  }
  // Takes over when the changes of `previous` were.
  void inherit(const Cooldown& previous) {
    first_seen_ = previous.first_seen_;
    last_change_ = previous.last_change_;
  }
  void changed(base::Time now) { last_change_ = now; }

 private:
  const CooldownSpec spec_;
  std::optional<base::Time> first_seen_;
  std::optional<base::Time> last_change_;
};

}  // namespace scaler
