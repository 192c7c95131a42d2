// When a cron trigger of KEDA is active: from a firing of `start` to the next firing of `end`, by the rules of the
// library that KEDA uses, robfig/cron v3. What a clock skips does not fire, what it shows twice fires twice.
//
// Asked about instants that never go backwards. Not thread-safe; owned by one policy.
#pragma once

#include <optional>
#include <string_view>

#include "common/base/result.h"
#include "common/base/time.h"
#include "scaler/policy/keda/keda_spec.h"
#include "scaler/policy/scaling/cron.h"
#include "scaler/policy/scaling/time_zone.h"

namespace scaler {

// Five fields as Cron has them, except that here ? is *, a step may be longer than its range, the days of the week go
// from 0 to 6 and no further, and a star with a step restricts its field: the 1st, 3rd, ... in "*/2 * MON" or a Monday.
base::Result<Cron> parse_keda_cron(std::string_view text);

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
  TimeZone utc_;
  bool active_ = false;
  bool known_ = false;
  std::optional<base::Time> edge_;  // until then active_ holds
};

}  // namespace scaler
