// When a CronJob runs: the five fields of a cron line, in UTC. A value; pure.
#pragma once

#include <bitset>
#include <optional>
#include <string>
#include <string_view>

#include "common/base/result.h"
#include "common/base/time.h"

namespace fakeapi {

class CronSchedule {
 public:
  // "minute hour day-of-month month day-of-week" with lists, ranges, steps and names ("1-5", "*/15", "mon,fri"), or
  // "@hourly", "@daily", "@midnight", "@weekly", "@monthly", "@yearly", "@annually". kInvalid.
  static base::Result<CronSchedule> parse(std::string_view text);

  // The first time after `time`; nullopt if there is none within five years, as for 30 February.
  std::optional<base::Time> next_after(base::Time time) const;

 private:
  bool matches_day(std::chrono::year_month_day date) const;

  std::bitset<60> minutes_;
  std::bitset<24> hours_;
  std::bitset<32> days_;
  std::bitset<13> months_;
  std::bitset<7> weekdays_;  // Sunday first
  bool any_day_ = false;     // the field is "*": then the other of the two decides alone
  bool any_weekday_ = false;
};

}  // namespace fakeapi
