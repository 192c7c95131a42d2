#include "scaler/policy/scaling/calendar.h"

#include <fmt/format.h>

#include "common/base/check.h"
#include "common/base/time_format.h"
#include "scaler/policy/scaling/time_zone.h"
#include "scaler/policy/setting_text.h"

namespace scaler {

std::optional<base::Time> CalendarEvent::next_edge(base::Time now) const {
  if (now < begins()) return begins();
  return is_over(now) ? std::nullopt : std::optional(spec_.until);
}

void CalendarEvent::add_limits(base::Time now, std::vector<Floor>& floors, std::vector<Ceiling>& ceilings) const {
  if (!active(now)) return;
  const std::string rule = "calendar.events." + spec_.name;
  floors.push_back({.replicas = spec_.min_replicas,
                    .source = "event " + spec_.name,
                    .rule = rule + ".minReplicas",
                    .why = now < spec_.at
                               ? fmt::format("the event's floor, {} ahead of it", duration_text(spec_.at - now))
                               : "the event's floor",
                    .until = spec_.until,
                    .trigger = Trigger::kEvent});
  if (spec_.max_replicas) ceilings.push_back({*spec_.max_replicas, rule + ".maxReplicas", "the event's ceiling"});
}

std::string CalendarEvent::why_unused(base::Time now) const {
  const auto utc = TimeZone::find("UTC");
  CHECK(utc.has_value(), "a time zone database without UTC");
  std::string why = "starts " + utc->text(begins(), now);
  if (spec_.lead > base::Duration::zero()) why += fmt::format(" ({} ahead)", base::format_duration(spec_.lead));
  return why;
}

}  // namespace scaler
