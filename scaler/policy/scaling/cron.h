// When a five-field cron expression fires on the clock of a time zone.
//
// minute hour day-of-month month day-of-week, each `*`, a number, a range a-b, either with a step /n, or a list of
// these; months and days of the week also by their English names; Sunday is 0 or 7. If both day fields are restricted,
// either may match, as in every cron since Vixie's.
// At a change of the clock: what falls into the gap fires at the first instant after it, what the clock shows twice
// fires the first time only.
#pragma once

#include <bitset>
#include <chrono>
#include <optional>
#include <string_view>

#include "common/base/result.h"
#include "common/base/time.h"
#include "scaler/policy/scaling/time_zone.h"

namespace scaler {

class Cron {
 public:
  // The error names the field. An expression that never fires (30 February) is an error too.
  static base::Result<Cron> parse(std::string_view text);

  // The first firing strictly after `after`; nullopt if there is none in the next 30 years.
  std::optional<base::Time> next(base::Time after, const TimeZone& zone) const;

 private:
  Cron() = default;
  bool matches(std::chrono::local_days day) const;
  bool ever_fires() const;

  std::bitset<60> minutes_;
  std::bitset<24> hours_;
  std::bitset<32> days_;     // 1..31
  std::bitset<13> months_;   // 1..12
  std::bitset<7> weekdays_;  // 0 is Sunday
  bool any_day_ = false;     // the field began with a star
  bool any_weekday_ = false;
};

}  // namespace scaler
