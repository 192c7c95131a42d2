#include "scaler/policy/scaling/time_zone.h"

#include <date/tz.h>
#include <fmt/format.h>

#include <algorithm>
#include <stdexcept>

namespace scaler {
namespace {

const date::time_zone& zone_of(const void* zone) { return *static_cast<const date::time_zone*>(zone); }

}  // namespace

std::optional<TimeZone> TimeZone::find(std::string_view name) {
  try {
    return TimeZone(date::locate_zone(std::string(name)));
  } catch (const std::runtime_error&) {
    return std::nullopt;
  }
}

std::vector<std::string> TimeZone::names() {
  std::vector<std::string> names;
  try {
    for (const date::time_zone& zone : date::get_tzdb().zones) names.push_back(zone.name());
  } catch (const std::runtime_error&) {
    return {};
  }
  std::sort(names.begin(), names.end());
  return names;
}

std::chrono::local_seconds TimeZone::to_local(base::Time t) const {
  const auto seconds = std::chrono::floor<std::chrono::seconds>(t);
  return std::chrono::local_seconds(zone_of(zone_).to_local(seconds).time_since_epoch());
}

base::Time TimeZone::to_time(std::chrono::local_seconds local) const {
  const date::local_info info = zone_of(zone_).get_info(date::local_seconds(local.time_since_epoch()));
  if (info.result == date::local_info::nonexistent) return info.first.end;
  return base::Time(local.time_since_epoch() - info.first.offset);
}

std::string TimeZone::text(base::Time t, base::Time now) const {
  const auto local = to_local(t);
  const auto day = std::chrono::floor<std::chrono::days>(local);
  const std::chrono::hh_mm_ss clock(local - day);
  std::string text = fmt::format("{:02}:{:02}", clock.hours().count(), clock.minutes().count());
  if (clock.seconds().count() != 0) text += fmt::format(":{:02}", clock.seconds().count());
  const std::string place = text + " " + zone_of(zone_).name();
  if (std::chrono::abs(t - now) < std::chrono::hours(24)) return place;
  const std::chrono::year_month_day date(day);
  return fmt::format("{:04}-{:02}-{:02} {}", static_cast<int>(date.year()), static_cast<unsigned>(date.month()),
                     static_cast<unsigned>(date.day()), place);
}

std::optional<base::Time> TimeZone::next_jump(base::Time after) const {
  const date::time_zone& zone = zone_of(zone_);
  auto at = std::chrono::floor<std::chrono::seconds>(after);
  const auto last = at + std::chrono::years(10);
  while (at < last) {
    const date::sys_info info = zone.get_info(at);
    if (info.end >= last) return std::nullopt;
    at = info.end;
    // A zone may change its name alone.
    if (zone.get_info(at).offset != info.offset) return base::Time(at);
  }
  return std::nullopt;
}

}  // namespace scaler
