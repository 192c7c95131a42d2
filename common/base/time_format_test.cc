#include "common/base/time_format.h"

#include <gtest/gtest.h>

namespace base {
namespace {

using namespace std::chrono_literals;
using std::chrono::sys_days;
using std::chrono::year;

constexpr Time kKickOff = sys_days(year(2026) / 9 / 26) + 9h + 20min;

TEST(TimeFormatTest, WritesRfc3339InThreePrecisions) {
  EXPECT_EQ(format_rfc3339(kKickOff), "2026-09-26T09:20:00Z");
  EXPECT_EQ(format_rfc3339(kKickOff + 999ms), "2026-09-26T09:20:00Z");
  EXPECT_EQ(format_rfc3339_micro(kKickOff), "2026-09-26T09:20:00.000000Z");
  EXPECT_EQ(format_rfc3339_micro(kKickOff + 1'234'567ns), "2026-09-26T09:20:00.001234Z");
  EXPECT_EQ(format_rfc3339_nano(kKickOff), "2026-09-26T09:20:00Z");
  EXPECT_EQ(format_rfc3339_nano(kKickOff + 250ms), "2026-09-26T09:20:00.25Z");
  EXPECT_EQ(format_rfc3339_nano(kKickOff + 1ns), "2026-09-26T09:20:00.000000001Z");
}

TEST(TimeFormatTest, WritesTimesBefore1970) {
  EXPECT_EQ(format_rfc3339_nano(Time{} - 1ms), "1969-12-31T23:59:59.999Z");
}

TEST(TimeFormatTest, ReadsRfc3339) {
  EXPECT_EQ(parse_rfc3339("2026-09-26T09:20:00Z"), kKickOff);
  EXPECT_EQ(parse_rfc3339("2026-09-26t09:20:00z"), kKickOff);
  EXPECT_EQ(parse_rfc3339("2026-09-26T19:20:00+10:00"), kKickOff);
  EXPECT_EQ(parse_rfc3339("2026-09-25T23:50:00-09:30"), kKickOff);
  EXPECT_EQ(parse_rfc3339("2026-09-26T09:20:00.000000001Z"), kKickOff + 1ns);
  EXPECT_EQ(parse_rfc3339("2024-02-29T00:00:00.5Z"), Time(sys_days(year(2024) / 2 / 29)) + 500ms);
}

TEST(TimeFormatTest, TellsTheOffset) {
  EXPECT_EQ(rfc3339_offset("2026-09-26T19:20:00+10:00"), 10h);
  EXPECT_EQ(rfc3339_offset("2026-09-26T19:20:00-03:30"), -(3h + 30min));
  EXPECT_EQ(rfc3339_offset("2026-09-26T19:20:00Z"), 0h);
  EXPECT_EQ(rfc3339_offset("yesterday"), std::nullopt);
}

TEST(TimeFormatTest, ReadsBackWhatItWrote) {
  for (const Duration offset : {Duration(0), Duration(1), Duration(-1), Duration(1h + 1ms), Duration(-400 * 24h)}) {
    EXPECT_EQ(parse_rfc3339(format_rfc3339_nano(kKickOff + offset)), kKickOff + offset);
  }
}

TEST(TimeFormatTest, RefusesWhatIsNotRfc3339) {
  for (const char* text : {"",
                           "2026-09-26",
                           "2026-09-26T09:20:00",
                           "2026-09-26 09:20:00Z",
                           "2026-09-26T09:20Z",
                           "2026-9-26T09:20:00Z",
                           "2026-02-29T00:00:00Z",
                           "2026-13-01T00:00:00Z",
                           "2026-00-01T00:00:00Z",
                           "2026-01-00T00:00:00Z",
                           "2026-01-01T24:00:00Z",
                           "2026-01-01T00:60:00Z",
                           "2026-01-01T00:00:60Z",
                           "2026-01-01T00:00:00.Z",
                           "2026-01-01T00:00:00.0000000001Z",
                           "2026-01-01T00:00:00+10",
                           "2026-01-01T00:00:00+1000",
                           "2026-01-01T00:00:00+24:00",
                           "2026-01-01T00:00:00Zx",
                           " 2026-01-01T00:00:00Z",
                           "1600-01-01T00:00:00Z",
                           "9999-01-01T00:00:00Z",
                           "-026-01-01T00:00:00Z"}) {
    EXPECT_EQ(parse_rfc3339(text), std::nullopt) << text;
  }
}

TEST(DurationTest, ReadsWhatGoReads) {
  EXPECT_EQ(parse_duration("90s"), 90s);
  EXPECT_EQ(parse_duration("1h30m"), 90min);
  EXPECT_EQ(parse_duration("250ms"), 250ms);
  EXPECT_EQ(parse_duration("1.5s"), 1500ms);
  EXPECT_EQ(parse_duration("-2m"), -2min);
  EXPECT_EQ(parse_duration("+2m"), 2min);
  EXPECT_EQ(parse_duration("0"), 0s);
  EXPECT_EQ(parse_duration("0s"), 0s);
  EXPECT_EQ(parse_duration("1d"), 24h);
  EXPECT_EQ(parse_duration("15us"), 15us);
  EXPECT_EQ(parse_duration("7ns"), 7ns);
  EXPECT_EQ(parse_duration("0.1s"), 100ms);
  EXPECT_EQ(parse_duration("200d1ns"), 200 * 24h + 1ns);
}

TEST(DurationTest, RefusesTheRest) {
  for (const char* text : {"", "-", "5", "s", "1.s.", "1..5s", "5 s", " 5s", "5s ", "1e3s", "5x", "--5s", "300000d",
                           "9223372036854775808ns", "1h-5m", "."}) {
    EXPECT_EQ(parse_duration(text), std::nullopt) << text;
  }
}

TEST(DurationTest, WritesTheShortestText) {
  EXPECT_EQ(format_duration(0s), "0s");
  EXPECT_EQ(format_duration(2min), "2m");
  EXPECT_EQ(format_duration(90min), "1h30m");
  EXPECT_EQ(format_duration(1500ms), "1s500ms");
  EXPECT_EQ(format_duration(-5min), "-5m");
  EXPECT_EQ(format_duration(49h), "49h");
  EXPECT_EQ(format_duration(1ns), "1ns");
}

TEST(DurationTest, ReadsBackWhatItWrote) {
  for (const Duration d : {Duration(1), Duration(90min + 1ms), Duration(-3h - 2us), Duration::max(), Duration::min()}) {
    EXPECT_EQ(parse_duration(format_duration(d)), d) << d.count();
  }
}

}  // namespace
}  // namespace base
