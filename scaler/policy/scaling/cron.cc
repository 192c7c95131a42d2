#include "scaler/policy/scaling/cron.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <span>
#include <string>
#include <vector>

#include "common/base/number_format.h"

namespace scaler {
namespace {

using base::Result;

struct Field {
  const char* name;
  int min;
  int max;
  std::span<const std::string_view> words = {};  // for min, min + 1, ...
};

constexpr std::array<std::string_view, 12> kMonths = {"jan", "feb", "mar", "apr", "may", "jun",
                                                      "jul", "aug", "sep", "oct", "nov", "dec"};
constexpr std::array<std::string_view, 7> kWeekdays = {"sun", "mon", "tue", "wed", "thu", "fri", "sat"};

constexpr Field kMinute{"minute", 0, 59};
constexpr Field kHour{"hour", 0, 23};
constexpr Field kDay{"day of month", 1, 31};
constexpr Field kMonth{"month", 1, 12, kMonths};
constexpr Field kWeekday{"day of week", 0, 7, kWeekdays};

base::Error invalid(const Field& field, std::string_view text, std::string_view what) {
  return {base::ErrorCode::kInvalid, fmt::format("{} \"{}\": {}", field.name, text, what)};
}

std::vector<std::string_view> split(std::string_view text, std::string_view separators) {
  std::vector<std::string_view> parts;
  std::size_t begin = 0;
  while (begin <= text.size()) {
    const std::size_t end = std::min(text.find_first_of(separators, begin), text.size());
    parts.push_back(text.substr(begin, end - begin));
    begin = end + 1;
  }
  return parts;
}

std::string lower(std::string_view text) {
  std::string out(text);
  for (char& c : out) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  }
  return out;
}

std::optional<int> parse_value(std::string_view text, const Field& field) {
  const std::string word = lower(text);
  const auto named = std::find(field.words.begin(), field.words.end(), word);
  if (named != field.words.end()) return field.min + static_cast<int>(named - field.words.begin());
  const auto number = base::parse_int64(text);
  if (!number || *number < field.min || *number > field.max) return std::nullopt;
  return static_cast<int>(*number);
}

// Why `part` means something to other schedulers and nothing here; empty if it does not.
std::string_view extension_of(std::string_view part, const Field& field) {
  if (part.find_first_of("#?") != std::string_view::npos) return "#, ?, L and W of other schedulers are not supported";
  const bool is_day = field.max == 31 || field.max == 7;
  const auto named = [&](std::string_view word) {
    return std::find(field.words.begin(), field.words.end(), word) != field.words.end();
  };
  const std::string word = lower(part);
  if (is_day && !named(word) && !word.empty() && (word.back() == 'l' || word.back() == 'w' || word[0] == 'l')) {
    return "L and W of other schedulers (the last day, the nearest working day) are not supported";
  }
  return {};
}

// Adds the values of one part of a list, "a", "a-b", "*", any with "/n", to `values`.
Result<void> parse_part(std::string_view part, const Field& field, std::vector<int>& values) {
  if (const std::string_view why = extension_of(part, field); !why.empty()) return invalid(field, part, why);
  const auto step_parts = split(part, "/");
  if (step_parts.size() > 2) return invalid(field, part, "more than one step");
  int step = 1;
  if (step_parts.size() == 2) {
    const auto number = base::parse_int64(step_parts[1]);
    if (!number || *number < 1 || *number > field.max) {
      return invalid(field, part, fmt::format("the step must be a number from 1 to {}", field.max));
    }
    step = static_cast<int>(*number);
  }
  int first = field.min;
  int last = field.max;
  if (step_parts[0] != "*") {
    const auto ends = split(step_parts[0], "-");
    const auto from = parse_value(ends[0], field);
    const auto to = parse_value(ends.back(), field);
    if (ends.size() > 2 || !from || !to) {
      return invalid(field, part, fmt::format("expected values from {} to {}", field.min, field.max));
    }
    first = *from;
    // A start with a step and no end runs to the end of the field.
    last = ends.size() == 1 && step_parts.size() == 2 ? field.max : *to;
    // "fri-sun": Sunday ends the week as well as it begins it.
    if (field.max == 7 && last == 0 && first > 0) last = 7;
    if (first > last) return invalid(field, part, "the range runs backwards");
  }
  for (int value = first; value <= last; value += step) values.push_back(value);
  return {};
}

template <std::size_t kSize>
Result<void> parse_field(std::string_view text, const Field& field, std::bitset<kSize>& set) {
  for (const std::string_view part : split(text, ",")) {
    std::vector<int> values;
    if (auto parsed = parse_part(part, field, values); !parsed) return parsed.error();
    for (const int value : values) set.set(static_cast<std::size_t>(value) % (field.max == 7 ? 7 : kSize));
  }
  return {};
}

}  // namespace

Result<Cron> Cron::parse(std::string_view text) {
  std::vector<std::string_view> fields = split(text, " \t");
  std::erase(fields, std::string_view());
  if (!fields.empty() && fields[0].front() == '@') {
    return base::Error{
        base::ErrorCode::kInvalid,
        fmt::format("\"{}\": names are not supported, write five fields (@daily is \"0 0 * * *\")", text)};
  }
  if (fields.size() != 5) {
    return base::Error{base::ErrorCode::kInvalid,
                       fmt::format("\"{}\" has {} fields, cron has 5: minute hour day-of-month month day-of-week", text,
                                   fields.size())};
  }
  Cron cron;
  const std::array results{parse_field(fields[0], kMinute, cron.minutes_), parse_field(fields[1], kHour, cron.hours_),
                           parse_field(fields[2], kDay, cron.days_), parse_field(fields[3], kMonth, cron.months_),
                           parse_field(fields[4], kWeekday, cron.weekdays_)};
  for (const auto& result : results) {
    if (!result) return result.error();
  }
  cron.any_day_ = fields[2].front() == '*';
  cron.any_weekday_ = fields[4].front() == '*';
  if (!cron.ever_fires()) {
    return base::Error{base::ErrorCode::kInvalid, fmt::format("\"{}\" never fires: no such day exists", text)};
  }
  return cron;
}

bool Cron::ever_fires() const {
  if (!any_weekday_) return true;
  constexpr std::array<std::size_t, 13> kLongest = {0, 31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
  for (std::size_t month = 1; month <= 12; ++month) {
    if (!months_[month]) continue;
    for (std::size_t day = 1; day <= kLongest[month]; ++day) {
      if (days_[day]) return true;
    }
  }
  return false;
}

bool Cron::matches(std::chrono::local_days day) const {
  const std::chrono::year_month_day date(day);
  if (!months_[static_cast<unsigned>(date.month())]) return false;
  const bool of_month = days_[static_cast<unsigned>(date.day())];
  const bool of_week = weekdays_[std::chrono::weekday(day).c_encoding()];
  return any_day_ || any_weekday_ ? of_month && of_week : of_month || of_week;
}

std::optional<base::Time> Cron::next(base::Time after, const TimeZone& zone) const {
  // A local time that the clock has reached cannot fire later: to_time() never decreases with the local time, and its
  // answer for what the clock shows now is not in the future.
  const std::chrono::local_seconds reached = zone.to_local(after);
  const auto first_day = std::chrono::floor<std::chrono::days>(reached);
  const auto last_day = first_day + std::chrono::days(366 * 30);
  for (auto day = first_day; day <= last_day; day += std::chrono::days(1)) {
    if (!matches(day)) continue;
    for (std::size_t hour = 0; hour < hours_.size(); ++hour) {
      if (!hours_[hour]) continue;
      for (std::size_t minute = 0; minute < minutes_.size(); ++minute) {
        if (!minutes_[minute]) continue;
        const std::chrono::local_seconds local = day + std::chrono::hours(hour) + std::chrono::minutes(minute);
        if (local <= reached) continue;
        const base::Time fires = zone.to_time(local);
        if (fires > after) return fires;
      }
    }
  }
  return std::nullopt;
}

}  // namespace scaler
