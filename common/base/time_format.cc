#include "common/base/time_format.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>

#include "common/base/number_format.h"

namespace base {
namespace {

using namespace std::chrono_literals;

std::string format_seconds(Time t) {
  const auto day = std::chrono::floor<std::chrono::days>(t);
  const std::chrono::year_month_day date(day);
  const std::chrono::hh_mm_ss clock(std::chrono::floor<std::chrono::seconds>(t - day));
  // Objects are full of times: this takes a tenth of what a format string takes. A Time's year has four digits.
  std::string text = "0000-00-00T00:00:00";
  const auto put = [&](std::size_t end, std::int64_t number) {
    for (; number > 0; number /= 10) text[--end] = static_cast<char>('0' + number % 10);
  };
  put(4, static_cast<int>(date.year()));
  put(7, static_cast<unsigned>(date.month()));
  put(10, static_cast<unsigned>(date.day()));
  put(13, clock.hours().count());
  put(16, clock.minutes().count());
  put(19, clock.seconds().count());
  return text;
}

std::int64_t nanoseconds_of_second(Time t) { return (t - std::chrono::floor<std::chrono::seconds>(t)).count(); }

// Reads exactly `width` digits.
std::optional<int> take_digits(std::string_view& text, std::size_t width) {
  if (text.size() < width) return std::nullopt;
  int value = 0;
  for (const char c : text.substr(0, width)) {
    if (c < '0' || c > '9') return std::nullopt;
    value = value * 10 + (c - '0');
  }
  text.remove_prefix(width);
  return value;
}

bool take(std::string_view& text, char c) {
  if (text.empty() || text.front() != c) return false;
  text.remove_prefix(1);
  return true;
}

std::optional<Duration> take_fraction(std::string_view& text) {
  if (!take(text, '.')) return Duration::zero();
  std::int64_t value = 0;
  int digits = 0;
  while (!text.empty() && text.front() >= '0' && text.front() <= '9') {
    if (++digits > 9) return std::nullopt;
    value = value * 10 + (text.front() - '0');
    text.remove_prefix(1);
  }
  if (digits == 0) return std::nullopt;
  for (; digits < 9; ++digits) value *= 10;
  return Duration(value);
}

std::optional<Duration> take_offset(std::string_view& text) {
  if (take(text, 'Z') || take(text, 'z')) return Duration::zero();
  const bool east = take(text, '+');
  if (!east && !take(text, '-')) return std::nullopt;
  const auto hours = take_digits(text, 2);
  if (!hours || !take(text, ':')) return std::nullopt;
  const auto minutes = take_digits(text, 2);
  if (!minutes || *hours > 23 || *minutes > 59) return std::nullopt;
  const Duration size = std::chrono::hours(*hours) + std::chrono::minutes(*minutes);
  return east ? size : -size;
}

struct Parsed {
  Time time;
  Duration offset;
};

std::optional<Parsed> parse(std::string_view text) {
  const auto year = take_digits(text, 4);
  if (!year || !take(text, '-')) return std::nullopt;
  const auto month = take_digits(text, 2);
  if (!month || !take(text, '-')) return std::nullopt;
  const auto day = take_digits(text, 2);
  if (!day || !(take(text, 'T') || take(text, 't'))) return std::nullopt;
  const auto hour = take_digits(text, 2);
  if (!hour || !take(text, ':')) return std::nullopt;
  const auto minute = take_digits(text, 2);
  if (!minute || !take(text, ':')) return std::nullopt;
  const auto second = take_digits(text, 2);
  if (!second) return std::nullopt;
  const auto fraction = take_fraction(text);
  const auto offset = fraction ? take_offset(text) : std::nullopt;
  const std::chrono::year_month_day date{std::chrono::year(*year), std::chrono::month(static_cast<unsigned>(*month)),
                                         std::chrono::day(static_cast<unsigned>(*day))};
  // Beyond these years 64-bit nanoseconds overflow.
  if (!offset || !text.empty() || !date.ok() || *year < 1678 || *year > 2261) return std::nullopt;
  if (*hour > 23 || *minute > 59 || *second > 59) return std::nullopt;
  const Time local = std::chrono::sys_days(date) + std::chrono::hours(*hour) + std::chrono::minutes(*minute) +
                     std::chrono::seconds(*second) + *fraction;
  return Parsed{local - *offset, *offset};
}

struct Unit {
  std::string_view name;
  Duration size;
};
// Longer names first, so that "ms" is not read as minutes.
constexpr Unit kUnits[] = {{"ns", 1ns}, {"us", 1us}, {"ms", 1ms}, {"s", 1s}, {"m", 1min}, {"h", 1h}, {"d", 24h}};

std::optional<Unit> take_unit(std::string_view& text) {
  for (const Unit& unit : kUnits) {
    if (!text.starts_with(unit.name)) continue;
    text.remove_prefix(unit.name.size());
    return unit;
  }
  return std::nullopt;
}

// Reads a number and its unit; nanoseconds. The whole part is exact.
std::optional<std::uint64_t> take_amount(std::string_view& text) {
  const std::string_view number = text.substr(0, text.find_first_not_of("0123456789."));
  text.remove_prefix(number.size());
  const std::size_t point = std::min(number.find('.'), number.size());
  const std::string_view whole = number.substr(0, point);
  const std::string_view fraction = number.substr(point);
  const auto unit = take_unit(text);
  if (!unit || whole.size() + fraction.size() < (fraction.empty() ? 1U : 2U)) return std::nullopt;

  const auto size = static_cast<std::uint64_t>(unit->size.count());
  std::uint64_t total = 0;
  const auto [end, error] = std::from_chars(whole.data(), whole.data() + whole.size(), total);
  if ((!whole.empty() && error != std::errc()) || __builtin_mul_overflow(total, size, &total)) return std::nullopt;
  if (fraction.size() < 2) return total;
  const auto part = parse_double(fraction);
  if (!part) return std::nullopt;
  const auto rest = static_cast<std::uint64_t>(*part * static_cast<double>(size) + 0.5);
  if (__builtin_add_overflow(total, rest, &total)) return std::nullopt;
  return total;
}

}  // namespace

std::string format_rfc3339(Time t) { return format_seconds(t) + "Z"; }

std::string format_rfc3339_micro(Time t) {
  return fmt::format("{}.{:06}Z", format_seconds(t), nanoseconds_of_second(t) / 1000);
}

std::string format_rfc3339_nano(Time t) {
  const std::int64_t nanoseconds = nanoseconds_of_second(t);
  if (nanoseconds == 0) return format_rfc3339(t);
  std::string fraction = fmt::format("{:09}", nanoseconds);
  fraction.erase(fraction.find_last_not_of('0') + 1);
  return format_seconds(t) + "." + fraction + "Z";
}

std::optional<Time> parse_rfc3339(std::string_view text) {
  const auto parsed = parse(text);
  if (!parsed) return std::nullopt;
  return parsed->time;
}

std::optional<Duration> rfc3339_offset(std::string_view text) {
  const auto parsed = parse(text);
  if (!parsed) return std::nullopt;
  return parsed->offset;
}

std::optional<Duration> parse_duration(std::string_view text) {
  const bool negative = take(text, '-');
  if (!negative) take(text, '+');
  if (text == "0") return Duration::zero();
  if (text.empty()) return std::nullopt;
  std::uint64_t total = 0;
  while (!text.empty()) {
    const auto part = take_amount(text);
    if (!part || __builtin_add_overflow(total, *part, &total)) return std::nullopt;
  }
  constexpr std::uint64_t kLargest = static_cast<std::uint64_t>(Duration::max().count());
  if (total > kLargest + (negative ? 1 : 0)) return std::nullopt;
  return Duration(static_cast<std::int64_t>(negative ? 0 - total : total));
}

std::string format_duration(Duration d) {
  if (d == Duration::zero()) return "0s";
  std::string text = d < Duration::zero() ? "-" : "";
  // Negated as unsigned: the smallest duration has no positive counterpart.
  const auto count = static_cast<std::uint64_t>(d.count());
  std::uint64_t rest = d < Duration::zero() ? 0 - count : count;
  for (auto unit = std::rbegin(kUnits) + 1; unit != std::rend(kUnits); ++unit) {
    const std::uint64_t size = static_cast<std::uint64_t>(unit->size.count());
    if (rest / size > 0) text += fmt::format("{}{}", rest / size, unit->name);
    rest %= size;
  }
  return text;
}

}  // namespace base
