#include "scaler/policy/scaling/schedule.h"

#include <algorithm>

namespace scaler {

base::Result<Schedule> Schedule::make(const ScheduleSpec& spec) {
  auto cron = Cron::parse(spec.cron);
  if (!cron) return cron.error();
  const auto zone = TimeZone::find(spec.time_zone);
  if (!zone) return base::Error{base::ErrorCode::kInvalid, "unknown time zone \"" + spec.time_zone + "\""};
  if (spec.duration <= base::Duration::zero()) {
    return base::Error{base::ErrorCode::kInvalid, "duration must be positive"};
  }
  return Schedule(spec, *cron, *zone);
}

bool Schedule::active(base::Time now) const {
  const auto fired = cron_.next(now - spec_.duration, zone_);
  return fired && *fired <= now;
}

std::optional<base::Time> Schedule::next_edge(base::Time now) const {
  std::optional<base::Time> edge = next_start(now);
  const auto fired = cron_.next(now - spec_.duration, zone_);
  if (fired && *fired <= now) edge = std::min(edge.value_or(base::Time::max()), *fired + spec_.duration);
  return edge;
}

ScheduledBounds bounds_at(const std::vector<Schedule>& schedules, Bounds own, base::Time now) {
  ScheduledBounds result{.bounds = own, .floor_by = {}, .ceiling_by = {}};
  for (const Schedule& schedule : schedules) {
    if (!schedule.active(now)) continue;
    const ScheduleSpec& spec = schedule.spec();
    if (spec.min_replicas > result.bounds.min) {
      result.bounds.min = spec.min_replicas;
      result.floor_by = spec.name;
    }
    if (spec.max_replicas && (result.ceiling_by.empty() || *spec.max_replicas > result.bounds.max)) {
      result.bounds.max = *spec.max_replicas;
      result.ceiling_by = spec.name;
    }
  }
  if (result.bounds.max < result.bounds.min) {
    result.bounds.max = result.bounds.min;
    result.ceiling_by = result.floor_by;
  }
  return result;
}

}  // namespace scaler
