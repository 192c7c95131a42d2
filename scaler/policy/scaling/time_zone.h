// A place's clock, from the time zone database of the system.
//
// A light value; safe to copy and to use from several threads.
#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "common/base/time.h"

namespace scaler {

class TimeZone {
 public:
  // "Australia/Sydney", "UTC". nullopt if there is none of that name.
  static std::optional<TimeZone> find(std::string_view name);
  // All known names, sorted.
  static std::vector<std::string> names();

  // What the clock on the wall shows at `t`.
  std::chrono::local_seconds to_local(base::Time t) const;
  // When the clock first shows `local`; if it skips `local`, the first instant after the gap.
  base::Time to_time(std::chrono::local_seconds local) const;
  // "19:45 Australia/Sydney", with the date unless `t` is within a day of `now`.
  std::string text(base::Time t, base::Time now) const;
  // The first instant strictly after `after` at which the clock jumps, back or forth; nullopt if the database knows of
  // none in the next ten years.
  std::optional<base::Time> next_jump(base::Time after) const;

 private:
  explicit TimeZone(const void* zone) : zone_(zone) {}
  const void* zone_;  // a date::time_zone, which lives as long as the program
};

}  // namespace scaler
