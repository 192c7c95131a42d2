#include "reports/page_text.h"

#include <gtest/gtest.h>

#include "common/base/time_format.h"

namespace report {
namespace {

RunFile run_at(const char* start, double duration) {
  RunFile run;
  run.start = base::parse_rfc3339(start);
  run.offset = base::rfc3339_offset(start).value_or(base::Duration::zero());
  run.duration = duration;
  return run;
}

TEST(PageTextTest, NothingOfTheInputBecomesMarkup) {
  EXPECT_EQ(escape_html("<b a=\"1\" b='2'>&"), "&lt;b a=&quot;1&quot; b=&#39;2&#39;&gt;&amp;");
}

TEST(PageTextTest, LatencyHasAboutThreeDigitsAndAnHourIsAFailure) {
  EXPECT_EQ(format_latency(0), "0.0 ms");
  EXPECT_EQ(format_latency(29.14), "29.1 ms");
  EXPECT_EQ(format_latency(228.4), "228 ms");
  EXPECT_EQ(format_latency(2310), "2.31 s");
  EXPECT_EQ(format_latency(3'599'999), "3600.0 s");
  EXPECT_EQ(format_latency(3'600'000), "failed");
  EXPECT_EQ(format_limit(2000), "2 s");
  EXPECT_EQ(format_limit(250), "250 ms");
}

TEST(PageTextTest, SpansAreSecondsUntilTenMinutes) {
  EXPECT_EQ(format_span(0), "0 s");
  EXPECT_EQ(format_span(2.5), "2.5 s");
  EXPECT_EQ(format_span(327), "327 s");
  EXPECT_EQ(format_span(600), "10 min");
  EXPECT_EQ(format_span(725), "12 min 05 s");
  EXPECT_EQ(format_span(7500), "2 h 05 min");
}

TEST(PageTextTest, SharesNeverRoundToNothing) {
  EXPECT_EQ(format_share(0), "0 %");
  EXPECT_EQ(format_share(0.00001), "<0.01 %");
  EXPECT_EQ(format_share(0.0341), "3.41 %");
  EXPECT_EQ(format_share(0.1723), "17.2 %");
}

TEST(PageTextTest, NumbersAreGroupedWithoutLocale) {
  EXPECT_EQ(format_count(61023551), "61,023,551");
  EXPECT_EQ(format_decimal(0), "0");
  EXPECT_EQ(format_decimal(17.954), "17.95");
  EXPECT_EQ(format_decimal(108.61), "108.6");
  EXPECT_EQ(format_decimal(12345.6), "12,346");
  EXPECT_EQ(format_decimal(0.0421), "0.042");
}

TEST(PageTextTest, TheClockIsThatOfTheScenario) {
  const WallClock clock(run_at("2026-09-26T19:20:00+10:00", 1800));

  EXPECT_EQ(clock.at(612), "19:30:12");
  EXPECT_EQ(clock.minute_at(600), "19:30");
  EXPECT_EQ(clock.minute_at(612), "19:30:12");
  EXPECT_EQ(clock.date(), "Sat 26 Sep 2026");
  EXPECT_EQ(clock.zone(), "UTC+10:00");
  EXPECT_EQ(clock.first_multiple(1, 300), 300);
}

TEST(PageTextTest, TheClockGoesOverMidnightAndWestOfGreenwich) {
  const WallClock clock(run_at("1998-06-26T23:59:50-03:30", 1800));

  EXPECT_EQ(clock.at(20), "00:00:10");
  EXPECT_EQ(clock.date(), "Fri 26 Jun 1998");
  EXPECT_EQ(clock.zone(), "UTC-03:30");
  EXPECT_EQ(clock.first_multiple(0, 60), 10);
}

TEST(PageTextTest, RunsOfADayOrMoreNameTheDay) {
  EXPECT_EQ(WallClock(run_at("2026-09-26T19:20:00Z", 86'400)).at(36'000), "27 Sep 05:20:00");
}

TEST(PageTextTest, WithoutAStartTheClockCountsUp) {
  const WallClock clock(RunFile{});

  EXPECT_EQ(clock.at(3725), "+1:02:05");
  EXPECT_EQ(clock.date(), "");
  EXPECT_EQ(clock.zone(), "");
}

TEST(PageTextTest, TickStepsAreRound) {
  EXPECT_EQ(tick_step(1800, 8), 300);
  EXPECT_EQ(tick_step(10, 8), 2);
  EXPECT_EQ(tick_step(864'000, 8), 172'800);
}

}  // namespace
}  // namespace report
