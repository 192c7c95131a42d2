// Cron against the definition of its two rules, minute by minute, around every jump of four clocks in eleven years.
#include <fmt/format.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <functional>
#include <set>
#include <string>
#include <vector>

#include "common/base/time_format.h"
#include "scaler/policy/policy_test_support.h"
#include "scaler/policy/scaling/cron.h"

namespace scaler {
namespace {

using namespace std::chrono_literals;
using testing::utc;
using Local = std::chrono::local_seconds;

// A minute of the wall clock in cron's terms.
struct Shown {
  int minute = 0;
  int hour = 0;
  unsigned day = 0;
  unsigned weekday = 0;  // 0 is Sunday
};

Shown shown_at(Local local) {
  const auto day = std::chrono::floor<std::chrono::days>(local);
  const auto of_day = static_cast<int>(std::chrono::duration_cast<std::chrono::minutes>(local - day).count());
  return {of_day % 60, of_day / 60, static_cast<unsigned>(std::chrono::year_month_day(day).day()),
          std::chrono::weekday(day).c_encoding()};
}

// What an expression allows, as sets that the test builds by itself; an empty set allows everything.
struct Allowed {
  std::string text;
  std::set<int> minutes{};
  std::set<int> hours{};
  std::set<unsigned> days{};
  std::set<unsigned> weekdays{};

  bool operator()(const Shown& shown) const {
    const auto in = [](const auto& set, auto value) { return set.empty() || set.contains(value); };
    if (!in(minutes, shown.minute) || !in(hours, shown.hour)) return false;
    if (!days.empty() && !weekdays.empty()) return days.contains(shown.day) || weekdays.contains(shown.weekday);
    return in(days, shown.day) && in(weekdays, shown.weekday);
  }
};

std::set<int> every(int step, int first = 0, int last = 59) {
  std::set<int> values;
  for (int value = first; value <= last; value += step) values.insert(value);
  return values;
}

std::vector<Allowed> common_expressions() {
  return {{"* * * * *"},
          {"*/15 * * * *", every(15)},
          {"*/7 * * * *", every(7)},
          {"0 * * * *", {0}},
          {"59 * * * *", {59}},
          {"30 2 * * *", {30}, {2}},
          {"30 2 * * 0", {30}, {2}, {}, {0}},
          {"30 2 * * 7", {30}, {2}, {}, {0}},
          {"0 3 * * *", {0}, {3}},
          {"0,30 1-3 * * *", {0, 30}, {1, 2, 3}},
          {"10-50/20 0-4/2 * * *", {10, 30, 50}, {0, 2, 4}},
          {"45 1,2 * * sun,mon", {45}, {1, 2}, {}, {0, 1}},
          {"15 2 1-7 * sat", {15}, {2}, {1, 2, 3, 4, 5, 6, 7}, {6}},
          {"5 0 * * *", {5}, {0}},
          {"55 23 * * *", {55}, {23}}};
}

// One expression for each minute that the clock skips or shows twice, and for the hour on either side.
std::vector<Allowed> expressions_around(const TimeZone& place, base::Time jump) {
  const Local before = place.to_local(jump - 1s) + 1s;  // what it would have shown
  const Local after = place.to_local(jump);
  std::vector<Allowed> expressions = common_expressions();
  for (Local local = std::min(before, after) - 60min; local < std::max(before, after) + 60min; local += 1min) {
    const Shown shown = shown_at(local);
    expressions.push_back({fmt::format("{} {} * * *", shown.minute, shown.hour), {shown.minute}, {shown.hour}});
  }
  return expressions;
}

// The instants, minute by minute, and what the clock shows there.
struct Tick {
  base::Time at;
  Shown shown;
  bool is_first;               // the clock never showed this before
  std::vector<Shown> skipped;  // what it jumped over just before
};

std::vector<Tick> walk(const TimeZone& place, base::Time from, base::Time until) {
  std::vector<Tick> ticks;
  std::set<Local> seen;
  Local last = place.to_local(from);
  for (base::Time t = from; t <= until; t += 1min) {
    const Local local = place.to_local(t);
    Tick tick{t, shown_at(local), seen.insert(local).second, {}};
    for (Local skipped = last + 1min; skipped < local; skipped += 1min) tick.skipped.push_back(shown_at(skipped));
    ticks.push_back(std::move(tick));
    last = local;
  }
  return ticks;
}

// The definition, on the instants after the first: a minute of the wall clock fires when it is shown for the first
// time, never when it is shown again; if the clock jumped over any minute that would fire, the first instant after it
// does.
std::vector<base::Time> fires_by_definition(const Allowed& allowed, const std::vector<Tick>& ticks) {
  std::vector<base::Time> fires;
  for (std::size_t i = 1; i < ticks.size(); ++i) {
    const Tick& tick = ticks[i];
    const bool skipped = std::any_of(tick.skipped.begin(), tick.skipped.end(), std::cref(allowed));
    if (skipped || (tick.is_first && allowed(tick.shown))) fires.push_back(tick.at);
  }
  return fires;
}

std::vector<base::Time> fires_of(const Cron& cron, const TimeZone& place, base::Time from, base::Time until) {
  std::vector<base::Time> fires;
  for (auto t = cron.next(from, place); t && *t <= until; t = cron.next(*t, place)) {
    if (!fires.empty() && *t <= fires.back()) break;  // fails the comparison instead of running forever
    fires.push_back(*t);
  }
  return fires;
}

// Asked from anywhere, and a nanosecond before and at each firing, next() is the first firing strictly later.
void expect_next_from_anywhere(const Cron& cron, const TimeZone& place, const std::vector<base::Time>& fires,
                               base::Time from, base::Time until, const std::string& what) {
  std::vector<base::Time> starts;
  for (std::size_t i = 0; i < fires.size(); i += 1 + fires.size() / 100) {
    starts.push_back(fires[i] - 1ns);
    starts.push_back(fires[i]);
  }
  for (base::Time t = from; t <= until; t += 47min + 13s) starts.push_back(t);
  for (const base::Time start : starts) {
    const auto expected = std::upper_bound(fires.begin(), fires.end(), start);
    if (start < from || expected == fires.end()) continue;
    ASSERT_EQ(cron.next(start, place), *expected) << what << " from " << base::format_rfc3339_nano(start);
  }
}

class CronTransitionsTest : public ::testing::TestWithParam<const char*> {};

TEST_P(CronTransitionsTest, AroundEveryJumpEachMinuteOfTheWallClockFiresOnce) {
  const TimeZone place = TimeZone::find(GetParam()).value();
  const base::Time end = utc("2031-01-01T00:00:00Z");
  int jumps = 0;
  int gaps = 0;
  for (auto jump = place.next_jump(utc("2020-01-01T00:00:00Z")); jump && *jump < end; jump = place.next_jump(*jump)) {
    ++jumps;
    gaps += place.to_local(*jump) > place.to_local(*jump - 1s) + 1s ? 1 : 0;
    const base::Time from = *jump - 5h;
    const base::Time until = *jump + 28h;
    const std::vector<Tick> ticks = walk(place, from, until);
    for (const Allowed& allowed : expressions_around(place, *jump)) {
      const std::string what = fmt::format("{} {} \"{}\"", GetParam(), base::format_rfc3339(*jump), allowed.text);
      const auto cron = Cron::parse(allowed.text);
      ASSERT_TRUE(cron) << what;
      const std::vector<base::Time> fires = fires_of(*cron, place, from, until);
      ASSERT_EQ(fires, fires_by_definition(allowed, ticks)) << what;
      expect_next_from_anywhere(*cron, place, fires, from, until, what);
      if (HasFatalFailure()) return;
    }
  }
  EXPECT_GE(jumps, 22);
  EXPECT_EQ(gaps, jumps / 2);
}

INSTANTIATE_TEST_SUITE_P(Zones, CronTransitionsTest,
                         ::testing::Values("Australia/Sydney", "Europe/Berlin", "America/New_York",
                                           "Australia/Lord_Howe"),
                         [](const auto& zone) {
                           std::string name = zone.param;
                           std::replace(name.begin(), name.end(), '/', '_');
                           return name;
                         });

TEST(TimeZoneTest, ItsJumpsAreThoseOfTheDatabase) {
  const TimeZone howe = TimeZone::find("Australia/Lord_Howe").value();
  const base::Time jump = howe.next_jump(utc("2026-01-01T00:00:00Z")).value();

  EXPECT_EQ(base::format_rfc3339(jump), "2026-04-04T15:00:00Z");
  EXPECT_EQ(howe.to_local(jump - 1s) + 1s - howe.to_local(jump), 30min);
  EXPECT_FALSE(TimeZone::find("UTC")->next_jump(jump));
  EXPECT_FALSE(TimeZone::find("Asia/Tokyo")->next_jump(jump));
}

}  // namespace
}  // namespace scaler
