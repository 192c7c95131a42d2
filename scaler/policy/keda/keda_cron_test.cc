#include "scaler/policy/keda/keda_cron.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "scaler/policy/policy_test_support.h"

namespace scaler {
namespace {

using namespace std::chrono_literals;
using testing::utc;

std::string complaint(const std::string& text) {
  const auto cron = parse_keda_cron(text);
  return cron ? "no complaint" : cron.error().message;
}

// The first firings after a time, on the clock of UTC.
std::vector<base::Time> firings(const std::string& text, const std::string& after, int count) {
  const auto cron = parse_keda_cron(text);
  EXPECT_TRUE(cron) << text;
  std::vector<base::Time> found;
  base::Time at = utc(after);
  for (int i = 0; cron && i < count; ++i) {
    at = cron->next(at, *TimeZone::find("UTC")).value_or(base::Time());
    found.push_back(at);
  }
  return found;
}

std::vector<base::Time> times(const std::vector<std::string>& texts) {
  std::vector<base::Time> found;
  for (const std::string& text : texts) found.push_back(utc(text));
  return found;
}

TEST(KedaCronTest, AQuestionMarkIsAStar) {
  EXPECT_EQ(firings("0 8 ? * MON-FRI", "2026-01-02T08:00:00Z", 2),  // a Friday
            times({"2026-01-05T08:00:00Z", "2026-01-06T08:00:00Z"}));
  EXPECT_EQ(firings("? ? ? ? ?", "2026-01-02T08:00:00Z", 1), times({"2026-01-02T08:01:00Z"}));
}

TEST(KedaCronTest, AStepMayBeLongerThanItsRange) {
  EXPECT_EQ(firings("*/90 * * * *", "2026-01-02T08:00:00Z", 2),
            times({"2026-01-02T09:00:00Z", "2026-01-02T10:00:00Z"}));
  EXPECT_EQ(firings("10-20/9999999999 * * * *", "2026-01-02T08:00:00Z", 2),
            times({"2026-01-02T08:10:00Z", "2026-01-02T09:10:00Z"}));
  EXPECT_EQ(firings("0/30 * * * *", "2026-01-02T08:00:00Z", 2),
            times({"2026-01-02T08:30:00Z", "2026-01-02T09:00:00Z"}));
}

TEST(KedaCronTest, DaysOfTheWeekEndWithSaturday) {
  EXPECT_EQ(firings("0 8 * * 1/2", "2026-01-04T00:00:00Z", 4),  // a Sunday
            times({"2026-01-05T08:00:00Z", "2026-01-07T08:00:00Z", "2026-01-09T08:00:00Z", "2026-01-12T08:00:00Z"}));
  EXPECT_EQ(complaint("0 8 * * 7"), "day of week \"7\": expected values from 0 to 6");
  EXPECT_EQ(complaint("0 8 * * FRI-SUN"), "day of week \"FRI-SUN\": the range runs backwards");
}

// Where both fields of days are restricted, either will do; a star with a step restricts, one without does not.
TEST(KedaCronTest, AStarWithAStepRestrictsItsField) {
  EXPECT_EQ(firings("0 8 */10 * MON", "2026-01-01T08:00:00Z", 3),
            times({"2026-01-05T08:00:00Z", "2026-01-11T08:00:00Z", "2026-01-12T08:00:00Z"}));
  EXPECT_EQ(firings("0 8 */1 * MON", "2026-01-01T08:00:00Z", 2),
            times({"2026-01-05T08:00:00Z", "2026-01-12T08:00:00Z"}));
  EXPECT_EQ(firings("0 8 1,* * MON", "2026-01-01T08:00:00Z", 1), times({"2026-01-05T08:00:00Z"}));
}

TEST(KedaCronTest, MonthsHaveNamesAndListsMayHaveGaps) {
  EXPECT_EQ(firings("5 8 1 feb,,Apr *\n", "2026-01-01T00:00:00Z", 2),
            times({"2026-02-01T08:05:00Z", "2026-04-01T08:05:00Z"}));
  EXPECT_EQ(complaint("5 8 1 ebm *"), "month \"ebm\": expected values from 1 to 12");
}

TEST(KedaCronTest, WhatIsWrongIsNamed) {
  EXPECT_EQ(complaint("0 8 * * * *"),
            "\"0 8 * * * *\" has 6 fields, cron has 5: minute hour day-of-month month day-of-week");
  EXPECT_EQ(complaint("*/0 8 * * *"), "minute \"*/0\": the step must be a whole number from 1 on");
  EXPECT_EQ(complaint("*/5/5 8 * * *"), "minute \"*/5/5\": the step must be a whole number from 1 on");
  EXPECT_EQ(complaint("5-70/90 8 * * *"), "minute \"5-70/90\": expected values from 0 to 59");
  EXPECT_EQ(complaint("1-2-3 8 * * *"), "minute \"1-2-3\": expected values from 0 to 59");
  EXPECT_EQ(complaint("0 20-8 * * *"), "hour \"20-8\": the range runs backwards");
  EXPECT_EQ(complaint(", 8 * * *"), "minute \",\" is empty");
  EXPECT_NE(complaint("0 8 30 2 *").find("never fires"), std::string::npos);
}

KedaCron in_sydney(const std::string& start, const std::string& end) {
  KedaTrigger trigger;
  trigger.type = KedaTrigger::Type::kCron;
  trigger.time_zone = "Australia/Sydney";
  trigger.start = start;
  trigger.end = end;
  return KedaCron(trigger);
}

// 02:00 to 03:00 of 4 October is skipped there. KEDA only asks which of the two comes next, and before a window whose
// start is skipped that is its end.
TEST(KedaCronTest, WhatTheClockSkipsDoesNotFire) {
  KedaCron cron = in_sydney("30 2 * * *", "0 5 * * *");
  EXPECT_FALSE(cron.active(utc("2026-10-02T06:00:00+10:00")));
  EXPECT_TRUE(cron.active(utc("2026-10-03T03:00:00+10:00")));
  EXPECT_TRUE(cron.active(utc("2026-10-03T05:00:00+10:00")));
  EXPECT_EQ(cron.next_edge(), utc("2026-10-04T05:00:00+11:00"));
  EXPECT_FALSE(cron.active(utc("2026-10-04T05:00:00+11:00")));
  EXPECT_TRUE(cron.active(utc("2026-10-05T02:30:00+11:00")));
}

// 02:00 to 03:00 of 5 April comes twice.
TEST(KedaCronTest, WhatTheClockShowsTwiceFiresTwice) {
  KedaCron cron = in_sydney("0 2 * * *", "45 2 * * *");
  EXPECT_FALSE(cron.active(utc("2026-04-05T01:59:59+11:00")));
  EXPECT_TRUE(cron.active(utc("2026-04-05T02:00:00+11:00")));
  EXPECT_FALSE(cron.active(utc("2026-04-05T02:45:00+11:00")));
  EXPECT_EQ(cron.next_edge(), utc("2026-04-05T02:00:00+10:00"));
  EXPECT_TRUE(cron.active(utc("2026-04-05T02:00:00+10:00")));
  EXPECT_FALSE(cron.active(utc("2026-04-05T02:45:00+10:00")));
  EXPECT_EQ(cron.next_edge(), utc("2026-04-06T02:00:00+10:00"));
}

}  // namespace
}  // namespace scaler
