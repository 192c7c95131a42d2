#include "reports/episodes.h"

#include <gtest/gtest.h>

#include "reports/testing/sample_run.h"

namespace report {
namespace {

constexpr Slo kSlo{2000, "p95"};

// Two minutes of 100 requests/s against a capacity of 200.
Series calm() {
  const auto policy = testing::sample_policy("a", std::vector<double>(120, 100), std::vector<double>(120, 200));
  return parse_run(testing::sample_run({policy}).dump())->policies[0].series;
}

void set(Series& series, Column column, std::size_t from, std::size_t to, double value) {
  for (std::size_t i = from; i < to; ++i) series.columns[column][i] = value;
}

TEST(EpisodesTest, ACalmRunHasNone) {
  EXPECT_TRUE(find_episodes(calm(), kSlo).empty());
  EXPECT_TRUE(degraded_intervals(calm(), kSlo).empty());
}

TEST(EpisodesTest, SeparatesNoticingDecidingStartingAndDraining) {
  Series series = calm();
  set(series, kArrivals, 20, 120, 500);  // needs 5 replicas of 100 requests/s
  set(series, kDesired, 30, 120, 3);     // noticed after 10 s
  set(series, kDesired, 45, 120, 6);     // enough after 25 s
  set(series, kReady, 60, 120, 6);
  set(series, kCapacity, 60, 120, 600);  // restored after 40 s
  set(series, kP95, 22, 65, kFailedMs);  // calm again after 45 s
  set(series, kP99, 30, 40, kFailedMs);
  set(series, kFailed, 22, 32, 50);

  const auto episodes = find_episodes(series, kSlo);

  ASSERT_EQ(episodes.size(), 1U);
  EXPECT_EQ(episodes[0].crossed, 20);
  EXPECT_EQ(episodes[0].followed, 30);
  EXPECT_EQ(episodes[0].enough, 45);
  EXPECT_EQ(episodes[0].restored, 60);
  EXPECT_EQ(episodes[0].calm, 65);
  EXPECT_EQ(episodes[0].degraded_seconds, 65 - 22);
  EXPECT_EQ(episodes[0].failed, 500);
  EXPECT_EQ(episodes[0].worst_p99_ms, kFailedMs);
  EXPECT_EQ(episodes[0].worst_p99_at, 30);
  EXPECT_EQ(episodes[0].worst_shortfall, 300);
}

TEST(EpisodesTest, ARaiseThatIsUnderWayCountsAsFollowedAtOnce) {
  Series series = calm();
  set(series, kArrivals, 20, 120, 500);
  set(series, kDesired, 10, 120, 6);
  set(series, kCapacity, 40, 120, 600);

  const auto episodes = find_episodes(series, kSlo);

  ASSERT_EQ(episodes.size(), 1U);
  EXPECT_EQ(episodes[0].followed, 20);
  EXPECT_EQ(episodes[0].enough, 20);
  EXPECT_EQ(episodes[0].restored, 40);
  EXPECT_FALSE(episodes[0].calm);
}

TEST(EpisodesTest, AShortageThatLastsToTheEndIsNeverRestored) {
  Series series = calm();
  set(series, kArrivals, 100, 120, 500);
  set(series, kP95, 100, 120, kFailedMs);

  const auto episodes = find_episodes(series, kSlo);

  ASSERT_EQ(episodes.size(), 1U);
  EXPECT_EQ(episodes[0].crossed, 100);
  EXPECT_FALSE(episodes[0].followed);
  EXPECT_FALSE(episodes[0].enough);
  EXPECT_FALSE(episodes[0].restored);
  EXPECT_FALSE(episodes[0].calm);
  EXPECT_EQ(episodes[0].whole.to, 120);
}

TEST(EpisodesTest, FewerThanFiveSecondsOfShortageAreNoise) {
  Series series = calm();
  set(series, kArrivals, 10, 12, 500);
  set(series, kArrivals, 20, 22, 500);
  EXPECT_TRUE(find_episodes(series, kSlo).empty());

  set(series, kArrivals, 30, 31, 500);
  EXPECT_EQ(find_episodes(series, kSlo).size(), 1U);
}

TEST(EpisodesTest, OneDegradedSecondIsAnEpisodeWithoutACrossing) {
  Series series = calm();
  set(series, kP95, 50, 51, 2000.5);

  const auto episodes = find_episodes(series, kSlo);

  ASSERT_EQ(episodes.size(), 1U);
  EXPECT_FALSE(episodes[0].crossed);
  EXPECT_EQ(episodes[0].calm, 51);
}

TEST(EpisodesTest, LatencyAtTheObjectiveIsWithinIt) {
  Series series = calm();
  set(series, kP95, 50, 60, 2000);
  EXPECT_TRUE(degraded_intervals(series, kSlo).empty());
}

TEST(EpisodesTest, PausesOfThirtySecondsJoinLongerOnesPart) {
  Series series = calm();
  set(series, kP95, 10, 11, kFailedMs);
  set(series, kP95, 40, 41, kFailedMs);  // 30 s after the first
  EXPECT_EQ(find_episodes(series, kSlo).size(), 1U);

  set(series, kP95, 40, 41, 50);
  set(series, kP95, 41, 42, kFailedMs);  // 31 s after
  EXPECT_EQ(find_episodes(series, kSlo).size(), 2U);
}

TEST(EpisodesTest, IntervalsTouchOnlyWhereSecondsDo) {
  Series series = calm();
  set(series, kP95, 10, 15, kFailedMs);
  set(series, kP95, 16, 18, kFailedMs);

  const auto intervals = degraded_intervals(series, kSlo);

  ASSERT_EQ(intervals.size(), 2U);
  EXPECT_EQ(intervals[0].from, 10);
  EXPECT_EQ(intervals[0].to, 15);
  EXPECT_EQ(intervals[1].from, 16);
  EXPECT_EQ(intervals[1].to, 18);
}

TEST(EpisodesTest, WithoutAnObjectiveOnlyCapacityCounts) {
  Series series = calm();
  set(series, kP95, 10, 60, kFailedMs);
  EXPECT_TRUE(find_episodes(series, std::nullopt).empty());

  set(series, kArrivals, 20, 40, 500);
  EXPECT_EQ(find_episodes(series, std::nullopt).size(), 1U);
}

TEST(EpisodesTest, AnEmptySeriesHasNone) { EXPECT_TRUE(find_episodes(Series{}, kSlo).empty()); }

}  // namespace
}  // namespace report
