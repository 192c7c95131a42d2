// Floors (and ceilings) that hold from each firing of a cron expression for a duration: in [fire, fire + duration).
//
// Immutable values; the time is an argument.
#pragma once

#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "common/base/result.h"
#include "scaler/policy/scaling/cron.h"
#include "scaler/policy/scaling/floors.h"
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

  // Appends what it asks for at `now`, if it holds.
  void add_limits(base::Time now, std::vector<Floor>& floors, std::vector<Ceiling>& ceilings) const;
  // "starts 19:45 Australia/Sydney"; REQUIRES: it does not hold at `now`.
  std::string why_unused(base::Time now) const;

 private:
  Schedule(ScheduleSpec spec, Cron cron, TimeZone zone) : spec_(std::move(spec)), cron_(cron), zone_(zone) {}
  // The first firing whose window reaches beyond `now`, if it is not still to come.
  std::optional<base::Time> fired(base::Time now) const;

  ScheduleSpec spec_;
  Cron cron_;
  TimeZone zone_;
};

}  // namespace scaler
