#include "scaler/policy/scaling/cooldown.h"

#include <algorithm>

namespace scaler {

base::Duration Cooldown::remaining(base::Time now, int current, int desired) const {
  if (current == desired) return base::Duration::zero();
  const bool upwards = desired > current;
  const std::optional<base::Time> from = last_change_ || upwards ? last_change_ : first_seen_;
  if (!from) return base::Duration::zero();
  return std::max(base::Duration::zero(), *from + setting(upwards) - now);
}

}  // namespace scaler
