// When a cron trigger of KEDA is active: from a firing of `start` to the next firing of `end`.
//
// Asked about instants that never go backwards. Not thread-safe; owned by one policy.
#pragma once

#include <optional>

#include "common/base/time.h"
#include "scaler/policy/keda/keda_spec.h"
#include "scaler/policy/scaling/cron.h"
#include "scaler/policy/scaling/time_zone.h"

namespace scaler {

class KedaCron {
 public:
  // REQUIRES: `trigger` is a cron trigger that the reader has checked.
  explicit KedaCron(const KedaTrigger& trigger);

  // KEDA looks at the firings strictly after `now`: whichever of the two comes first tells where we are.
  bool active(base::Time now);
  // What active() said last, and when that ends; nullopt: never.
  bool was_active() const { return active_; }
  std::optional<base::Time> next_edge() const { return edge_; }

 private:
  Cron start_;
  Cron end_;
  TimeZone zone_;
  bool active_ = false;
  bool known_ = false;
  std::optional<base::Time> edge_;  // until then active_ holds
};

}  // namespace scaler
