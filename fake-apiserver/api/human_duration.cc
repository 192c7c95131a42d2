#include "fake-apiserver/api/human_duration.h"

#include <fmt/format.h>

#include "common/base/time_format.h"

namespace fakeapi {
namespace {

// "3m20s", or "3m" if nothing is left.
std::string two_units(std::int64_t big, char big_unit, std::int64_t small, char small_unit) {
  return small == 0 ? fmt::format("{}{}", big, big_unit) : fmt::format("{}{}{}{}", big, big_unit, small, small_unit);
}

}  // namespace

std::string human_duration(base::Duration d) {
  const std::int64_t seconds = std::chrono::floor<std::chrono::seconds>(d).count();
  const std::int64_t minutes = seconds / 60;
  const std::int64_t hours = minutes / 60;
  const std::int64_t days = hours / 24;
  if (seconds < -1) return "<invalid>";  // the writer's clock is ahead
  if (seconds < 0) return "0s";
  if (minutes < 2) return fmt::format("{}s", seconds);
  if (minutes < 10) return two_units(minutes, 'm', seconds % 60, 's');
  if (hours < 3) return fmt::format("{}m", minutes);
  if (hours < 8) return two_units(hours, 'h', minutes % 60, 'm');
  if (hours < 48) return fmt::format("{}h", hours);
  if (days < 8) return two_units(days, 'd', hours % 24, 'h');
  if (days < 2 * 365) return fmt::format("{}d", days);
  if (days < 8 * 365) return two_units(days / 365, 'y', days % 365, 'd');
  return fmt::format("{}y", days / 365);
}

std::string age_cell(const Json& timestamp, base::Time now) {
  const auto at = timestamp.is_string() ? base::parse_rfc3339(timestamp.get_ref<const std::string&>()) : std::nullopt;
  return at ? human_duration(now - *at) : "<unknown>";
}

}  // namespace fakeapi
