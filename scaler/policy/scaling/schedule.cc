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

std::optional<base::Time> Schedule::fired(base::Time now) const {
  const auto fired = cron_.next(now - spec_.duration, zone_);
  return fired && *fired <= now ? fired : std::nullopt;
}

bool Schedule::active(base::Time now) const { return fired(now).has_value(); }

std::optional<base::Time> Schedule::next_edge(base::Time now) const {
  std::optional<base::Time> edge = next_start(now);
  if (const auto began = fired(now)) edge = std::min(edge.value_or(base::Time::max()), *began + spec_.duration);
  return edge;
}

void Schedule::add_limits(base::Time now, std::vector<Floor>& floors, std::vector<Ceiling>& ceilings) const {
  const auto began = fired(now);
  if (!began) return;
  Floor floor{.replicas = spec_.min_replicas,
              .source = "schedule " + spec_.name,
              .rule = "schedules." + spec_.name + ".minReplicas",
              .why = "the schedule's floor",
              .until = *began + spec_.duration};
  // A later firing renews it.
  const auto renewed = next_start(*began);
  if (renewed && *renewed <= *floor.until) floor.until.reset();
  floors.push_back(std::move(floor));
  if (!spec_.max_replicas) return;
  ceilings.push_back({*spec_.max_replicas, "schedules." + spec_.name + ".maxReplicas", "the schedule's ceiling"});
}

std::string Schedule::why_unused(base::Time now) const {
  const auto start = next_start(now);
  return start ? "starts " + zone_.text(*start, now) : "never starts again";
}

}  // namespace scaler
