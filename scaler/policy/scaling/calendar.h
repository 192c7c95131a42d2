// One event of the calendar: a floor (and perhaps a ceiling) that begins its lead time before the event.
//
// Immutable value; the time is an argument.
#pragma once

#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "scaler/policy/scaling/floors.h"
#include "scaler/policy/scaling/scaling_spec.h"

namespace scaler {

class CalendarEvent {
 public:
  // REQUIRES: `spec.until` is after `spec.at`, `spec.lead` not negative.
  explicit CalendarEvent(CalendarEventSpec spec) : spec_(std::move(spec)) {}

  const CalendarEventSpec& spec() const { return spec_; }
  base::Time begins() const { return spec_.at - spec_.lead; }
  bool active(base::Time now) const { return begins() <= now && now < spec_.until; }
  bool is_over(base::Time now) const { return spec_.until <= now; }
  // Its beginning or end, strictly after `now`; nullopt if it is over.
  std::optional<base::Time> next_edge(base::Time now) const;

  // Appends what it asks for at `now`, if it holds.
  void add_limits(base::Time now, std::vector<Floor>& floors, std::vector<Ceiling>& ceilings) const;
  // "starts 08:50 UTC (30m before the event)"; REQUIRES: it is still to begin.
  std::string why_unused(base::Time now) const;

 private:
  CalendarEventSpec spec_;
};

}  // namespace scaler
