#include "scaler/policy/scaling/cron.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <functional>
#include <set>
#include <vector>

#include "common/base/time_format.h"
#include "scaler/policy/policy_test_support.h"

namespace scaler {
namespace {

using namespace std::chrono_literals;
using testing::utc;

TimeZone zone(const char* name) {
  const auto found = TimeZone::find(name);
  EXPECT_TRUE(found) << name;
  return *found;
}

Cron cron(const char* text) {
  const auto parsed = Cron::parse(text);
  EXPECT_TRUE(parsed) << parsed.error().message;
  return *parsed;
}

std::string next(const char* text, const char* zone_name, const char* after) {
  const auto fires = cron(text).next(utc(after), zone(zone_name));
  return fires ? base::format_rfc3339(*fires) : "never";
}

struct NextCase {
  const char* name;
  const char* cron;
  const char* zone;
  const char* after;
  const char* fires;
};

void PrintTo(const NextCase& c, std::ostream* out) { *out << c.name; }

class CronNextTest : public ::testing::TestWithParam<NextCase> {};

TEST_P(CronNextTest, FiresThen) {
  const NextCase& c = GetParam();
  EXPECT_EQ(next(c.cron, c.zone, c.after), c.fires);
}

INSTANTIATE_TEST_SUITE_P(
    Cases, CronNextTest,
    ::testing::Values(
        NextCase{"grand_final", "20 19 * * 6", "Australia/Sydney", "2026-09-26T00:00:00Z", "2026-09-26T09:20:00Z"},
        NextCase{"strictly_later", "20 19 * * 6", "Australia/Sydney", "2026-09-26T09:20:00Z", "2026-10-03T09:20:00Z"},
        NextCase{"in_summer_time", "20 19 * * 6", "Australia/Sydney", "2026-10-04T00:00:00Z", "2026-10-10T08:20:00Z"},
        NextCase{"within_a_second", "* * * * *", "UTC", "2026-01-01T00:00:59.5Z", "2026-01-01T00:01:00Z"},
        NextCase{"steps", "*/20 * * * *", "UTC", "2026-01-01T00:20:00Z", "2026-01-01T00:40:00Z"},
        NextCase{"step_from_a_start", "10/20 * * * *", "UTC", "2026-01-01T00:50:00Z", "2026-01-01T01:10:00Z"},
        NextCase{"range_with_step", "0 8-18/4 * * *", "UTC", "2026-01-01T12:00:00Z", "2026-01-01T16:00:00Z"},
        NextCase{"list", "0 6,18 * * *", "UTC", "2026-01-01T06:00:00Z", "2026-01-01T18:00:00Z"},
        NextCase{"month_name", "0 0 1 JUL *", "UTC", "2026-01-01T00:00:00Z", "2026-07-01T00:00:00Z"},
        NextCase{"weekday_names", "0 0 * * Sat-Sun", "UTC", "2026-01-01T00:00:00Z", "2026-01-03T00:00:00Z"},
        NextCase{"sunday_is_seven", "0 0 * * 7", "UTC", "2026-01-01T00:00:00Z", "2026-01-04T00:00:00Z"},
        NextCase{"sunday_is_zero", "0 0 * * 0", "UTC", "2026-01-01T00:00:00Z", "2026-01-04T00:00:00Z"},
        NextCase{"friday_to_sunday", "0 0 * * fri-7", "UTC", "2026-01-03T00:00:00Z", "2026-01-04T00:00:00Z"},
        NextCase{"names_in_lists", "0 0 1 feb,NOV *", "UTC", "2026-02-01T00:00:00Z", "2026-11-01T00:00:00Z"},
        NextCase{"list_of_ranges", "0-1,58-59/1 * * * *", "UTC", "2026-01-01T00:01:00Z", "2026-01-01T00:58:00Z"},
        NextCase{"step_in_a_range", "3-17/7 * * * *", "UTC", "2026-01-01T00:10:00Z", "2026-01-01T00:17:00Z"},
        NextCase{"step_does_not_pass_an_end", "3-16/7 * * * *", "UTC", "2026-01-01T00:10:00Z", "2026-01-01T01:03:00Z"},
        NextCase{"either_day_field", "0 0 13 * fri", "UTC", "2026-01-03T00:00:00Z", "2026-01-09T00:00:00Z"},
        NextCase{"either_day_field_other", "0 0 13 * fri", "UTC", "2026-01-09T00:00:00Z", "2026-01-13T00:00:00Z"},
        NextCase{"a_starred_day_restricts", "0 0 */2 * mon", "UTC", "2026-01-05T00:00:00Z", "2026-01-19T00:00:00Z"},
        NextCase{"leap_day", "0 0 29 2 *", "UTC", "2026-01-01T00:00:00Z", "2028-02-29T00:00:00Z"},
        NextCase{"no_leap_day_in_2100", "0 0 29 2 *", "UTC", "2096-03-01T00:00:00Z", "2104-02-29T00:00:00Z"},
        NextCase{"31_is_skipped", "0 0 31 * *", "UTC", "2026-01-31T00:00:00Z", "2026-03-31T00:00:00Z"},
        // 2026-10-04 02:00 to 03:00 does not exist in Sydney, 2026-04-05 02:00 to 03:00 exists twice.
        NextCase{"gap", "30 2 * * *", "Australia/Sydney", "2026-10-03T00:00:00Z", "2026-10-03T16:00:00Z"},
        NextCase{"after_the_gap", "30 2 * * *", "Australia/Sydney", "2026-10-03T16:00:00Z", "2026-10-04T15:30:00Z"},
        NextCase{"overlap_first", "30 2 * * *", "Australia/Sydney", "2026-04-04T00:00:00Z", "2026-04-04T15:30:00Z"},
        NextCase{"overlap_not_again", "30 2 * * *", "Australia/Sydney", "2026-04-04T15:30:00Z", "2026-04-05T16:30:00Z"},
        NextCase{"in_the_second_pass", "* * * * *", "Australia/Sydney", "2026-04-04T16:30:00Z", "2026-04-04T17:00:00Z"},
        NextCase{"berlin_gap", "30 2 * * *", "Europe/Berlin", "2026-03-28T12:00:00Z", "2026-03-29T01:00:00Z"},
        NextCase{"berlin_overlap", "30 2 * * *", "Europe/Berlin", "2026-10-24T12:00:00Z", "2026-10-25T00:30:00Z"}));

TEST(CronTest, TheNextFiringDoesNotDependOnWhenItIsAskedFor) {
  const TimeZone place = zone("Australia/Sydney");
  const Cron every_half_hour = cron("*/30 * * * *");
  for (const char* around : {"2026-04-04T16:00:00Z", "2026-10-03T16:00:00Z"}) {
    for (base::Time t = utc(around) - 3h; t < utc(around) + 3h; t += 7min) {
      const base::Time fires = every_half_hour.next(t, place).value();
      EXPECT_EQ(every_half_hour.next(fires - 1ns, place).value(), fires);
    }
  }
}

TEST(CronTest, ComplaintsNameTheField) {
  const std::vector<std::pair<const char*, const char*>> bad = {{"60 * * * *", "minute \"60\""},
                                                                {"* 24 * * *", "hour \"24\""},
                                                                {"* * 0 * *", "day of month \"0\""},
                                                                {"* * 32 * *", "day of month \"32\""},
                                                                {"* * * 13 *", "month \"13\""},
                                                                {"* * * foo *", "month \"foo\""},
                                                                {"* * * * 8", "day of week \"8\""},
                                                                {"*/0 * * * *", "step"},
                                                                {"*/x * * * *", "step"},
                                                                {"*/60 * * * *", "step must be a number from 1 to 59"},
                                                                {"0 0 L * *", "day of month \"L\": L and W"},
                                                                {"0 0 15W * *", "L and W"},
                                                                {"0 0 * * 5L", "day of week \"5L\": L and W"},
                                                                {"0 0 * * 5#2", "#"},
                                                                {"0 0 ? * 1", "?"},
                                                                {"0 0 * * sat-mon", "backwards"},
                                                                {"1, * * * *", "minute"},
                                                                {"1- * * * *", "minute"},
                                                                {"1/2/3 * * * *", "step"},
                                                                {"30-10 * * * *", "backwards"},
                                                                {"1-2-3 * * * *", "minute \"1-2-3\""},
                                                                {", * * * *", "minute"},
                                                                {"-5 * * * *", "minute"},
                                                                {"+5 * * * *", "minute"},
                                                                {"* * * *", "4 fields"},
                                                                {"* * * * * *", "6 fields"},
                                                                {"@daily", "names are not supported"},
                                                                {"", "0 fields"},
                                                                {"0 0 31 4,6 *", "never fires"}};
  for (const auto& [text, complaint] : bad) {
    const auto parsed = Cron::parse(text);
    ASSERT_FALSE(parsed) << text;
    EXPECT_NE(parsed.error().message.find(complaint), std::string::npos) << parsed.error().message;
  }
}

TEST(TimeZoneTest, KnowsTheNamesOfTheDatabase) {
  EXPECT_TRUE(TimeZone::find("UTC"));
  EXPECT_FALSE(TimeZone::find("Australia/Sidney"));
  EXPECT_FALSE(TimeZone::find(""));
  EXPECT_FALSE(TimeZone::find("../passwd"));
  const auto names = TimeZone::names();
  EXPECT_TRUE(std::binary_search(names.begin(), names.end(), std::string("Australia/Sydney")));
}

}  // namespace
}  // namespace scaler
