#include "scaler/client/backoff.h"

#include <algorithm>

namespace scaler {

base::Duration Backoff::next(base::Time now) {
  if (retry_at_ && now - *retry_at_ >= options_.healthy_after) base_ = options_.initial;
  const double stretch = 1.0 + options_.jitter * random_.uniform();
  const base::Duration delay(static_cast<base::Duration::rep>(static_cast<double>(base_.count()) * stretch));
  base_ = std::min(base_ * 2, options_.maximum);
  retry_at_ = now + delay;
  return delay;
}

}  // namespace scaler
