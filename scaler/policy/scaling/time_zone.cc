#include "scaler/policy/scaling/time_zone.h"

#include <date/tz.h>

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

}  // namespace scaler
