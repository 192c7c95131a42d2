// Floors (and ceilings) that hold from each firing of a cron expression for a duration: in [fire, fire + duration).
//
// Immutable values; the time is an argument.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "common/base/result.h"
#include "scaler/policy/hpa/rate_limits.h"
#include "scaler/policy/scaling/cron.h"
#include "scaler/policy/scaling/scaling_spec.h"
#include "scaler/policy/scaling/time_zone.h"

namespace scaler {

class Schedule {
 public:
  // Fails on a bad cron expression, an unknown time zone, or a duration that is not positive.
  static base::Result<Schedule> make(const ScheduleSpec& spec);

  const ScheduleSpec& spec() const { return spec_; }
  bool active(base::Time now) const;
  // The first firing strictly after `now`.
  std::optional<base::Time> next_start(base::Time now) const { return cron_.next(now, zone_); }
  // The first start or end strictly after `now`. An end inside a later firing's window is reported as well.
  std::optional<base::Time> next_edge(base::Time now) const;

 private:
  Schedule(ScheduleSpec spec, Cron cron, TimeZone zone) : spec_(std::move(spec)), cron_(cron), zone_(zone) {}

  ScheduleSpec spec_;
  Cron cron_;
  TimeZone zone_;
};

// The bounds at `now`: the highest active floor, if above the policy's own; the highest ceiling that active schedules
// set, in place of the policy's own. A floor wins over a ceiling of another schedule.
struct ScheduledBounds {
  Bounds bounds;
  std::string floor_by;    // the schedule that sets bounds.min; empty: the policy
  std::string ceiling_by;  // the schedule that sets bounds.max; empty: the policy
};
ScheduledBounds bounds_at(const std::vector<Schedule>& schedules, Bounds own, base::Time now);

}  // namespace scaler
