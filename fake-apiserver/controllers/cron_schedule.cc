#include "fake-apiserver/controllers/cron_schedule.h"

#include <algorithm>
#include <array>
#include <vector>

#include "common/base/number_format.h"

namespace fakeapi {
namespace {

constexpr std::array<std::string_view, 12> kMonths = {"jan", "feb", "mar", "apr", "may", "jun",
                                                      "jul", "aug", "sep", "oct", "nov", "dec"};
constexpr std::array<std::string_view, 7> kWeekdays = {"sun", "mon", "tue", "wed", "thu", "fri", "sat"};

struct Named {
  std::string_view name;
  std::string_view fields;
};
constexpr std::array<Named, 7> kNamed = {{{"@yearly", "0 0 1 1 *"},
                                          {"@annually", "0 0 1 1 *"},
                                          {"@monthly", "0 0 1 * *"},
                                          {"@weekly", "0 0 * * 0"},
                                          {"@daily", "0 0 * * *"},
                                          {"@midnight", "0 0 * * *"},
                                          {"@hourly", "0 * * * *"}}};

std::vector<std::string> split(std::string_view text, char separator) {
  std::vector<std::string> parts(1);
  for (const char c : text) {
    if (c == separator) {
      parts.emplace_back();
    } else {
      parts.back() += c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
    }
  }
  return parts;
}

struct Field {
  int least;
  int most;
  int first_name;  // the value of the first name
  const std::string_view* names;
  std::size_t name_count;
};

std::optional<int> value_in(const std::string& text, const Field& field) {
  for (std::size_t i = 0; i < field.name_count; ++i) {
    if (text == field.names[i]) return field.first_name + static_cast<int>(i);
  }
  const auto number = base::parse_int64(text);
  if (!number || *number < field.least || *number > field.most) return std::nullopt;
  return static_cast<int>(*number);
}

// Calls `set` for every value that the field stands for; false if it cannot be read.
template <class Set>
bool each_value(const std::string& text, const Field& field, Set set) {
  for (const std::string& part : split(text, ',')) {
    const std::size_t slash = part.find('/');
    const std::string range = part.substr(0, slash);
    std::optional<int> first = field.least;
    std::optional<int> last = field.most;
    if (range != "*" && range != "?") {
      const std::size_t dash = range.find('-');
      first = value_in(range.substr(0, dash), field);
      last = first;
      if (dash != std::string::npos) last = value_in(range.substr(dash + 1), field);
      if (dash == std::string::npos && slash != std::string::npos) last = field.most;
    }
    std::int64_t step = 1;
    if (slash != std::string::npos) step = base::parse_int64(part.substr(slash + 1)).value_or(0);
    if (!first || !last || *last < *first || step <= 0) return false;
    for (std::int64_t value = *first; value <= *last; value += step) set(static_cast<std::size_t>(value));
  }
  return true;
}

}  // namespace

base::Result<CronSchedule> CronSchedule::parse(std::string_view text) {
  for (const Named& named : kNamed) {
    if (text == named.name) return parse(named.fields);
  }
  std::vector<std::string> fields = split(text, ' ');
  std::erase(fields, "");
  const auto wrong = [&](const std::string& why) {
    return base::Error{base::ErrorCode::kInvalid, "\"" + std::string(text) + "\": " + why};
  };
  if (fields.size() != 5) return wrong("five fields are expected");
  CronSchedule schedule;
  schedule.any_day_ = fields[2] == "*" || fields[2] == "?";
  schedule.any_weekday_ = fields[4] == "*" || fields[4] == "?";
  const Field month{1, 12, 1, kMonths.data(), kMonths.size()};
  const Field weekday{0, 7, 0, kWeekdays.data(), kWeekdays.size()};
  const bool read = each_value(fields[0], {0, 59, 0, nullptr, 0}, [&](std::size_t v) { schedule.minutes_.set(v); }) &&
                    each_value(fields[1], {0, 23, 0, nullptr, 0}, [&](std::size_t v) { schedule.hours_.set(v); }) &&
                    each_value(fields[2], {1, 31, 0, nullptr, 0}, [&](std::size_t v) { schedule.days_.set(v); }) &&
                    each_value(fields[3], month, [&](std::size_t v) { schedule.months_.set(v); }) &&
                    each_value(fields[4], weekday, [&](std::size_t v) { schedule.weekdays_.set(v % 7); });
  if (!read) return wrong("a field cannot be read");
  return schedule;
}

// If both kinds of day are given, either will do: cron's old rule.
bool CronSchedule::matches_day(std::chrono::year_month_day date) const {
  if (!months_.test(static_cast<unsigned>(date.month()))) return false;
  const bool day = days_.test(static_cast<unsigned>(date.day()));
  const bool weekday = weekdays_.test(std::chrono::weekday(std::chrono::sys_days(date)).c_encoding());
  return any_day_ || any_weekday_ ? day && weekday : day || weekday;
}

std::optional<base::Time> CronSchedule::next_after(base::Time time) const {
  using std::chrono::days;
  constexpr int kLongestSearch = 5 * 366;
  const auto first = std::chrono::floor<std::chrono::minutes>(time) + std::chrono::minutes(1);
  auto date = std::chrono::floor<days>(first);
  for (int i = 0; i < kLongestSearch; ++i, date += days(1)) {
    if (!matches_day(std::chrono::year_month_day(date))) continue;
    for (int minute = 0; minute < 24 * 60; ++minute) {
      const auto at = date + std::chrono::minutes(minute);
      if (at < first || !hours_.test(static_cast<std::size_t>(minute / 60))) continue;
      if (minutes_.test(static_cast<std::size_t>(minute % 60))) return base::Time(at);
    }
  }
  return std::nullopt;
}

}  // namespace fakeapi
