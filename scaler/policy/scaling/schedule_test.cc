#include "scaler/policy/scaling/schedule.h"

#include <gtest/gtest.h>

#include "scaler/policy/policy_test_support.h"

namespace scaler {
namespace {

using namespace std::chrono_literals;
using testing::utc;

// Fires on 2026-09-26 at 09:20 UTC.
ScheduleSpec grand_final() {
  ScheduleSpec spec;
  spec.name = "grand-final";
  spec.cron = "20 19 * * 6";
  spec.time_zone = "Australia/Sydney";
  spec.duration = 45min;
  spec.min_replicas = 330;
  return spec;
}

Schedule schedule(const ScheduleSpec& spec) { return Schedule::make(spec).value(); }

TEST(ScheduleTest, HoldsFromItsFiringUntilJustBeforeItsEnd) {
  const Schedule final = schedule(grand_final());
  const base::Time fires = utc("2026-09-26T09:20:00Z");

  EXPECT_FALSE(final.active(fires - 1ns));
  EXPECT_TRUE(final.active(fires));
  EXPECT_TRUE(final.active(fires + 45min - 1ns));
  EXPECT_FALSE(final.active(fires + 45min));
}

TEST(ScheduleTest, ItsNextEdgeIsItsEndWhileItHoldsAndItsStartOtherwise) {
  const Schedule final = schedule(grand_final());
  const base::Time fires = utc("2026-09-26T09:20:00Z");

  EXPECT_EQ(final.next_edge(fires - 1ns), fires);
  EXPECT_EQ(final.next_edge(fires), fires + 45min);
  EXPECT_EQ(final.next_edge(fires + 45min), fires + 7 * 24h);
}

TEST(ScheduleTest, OverlappingFiringsHoldWithoutAGap) {
  ScheduleSpec spec = grand_final();
  spec.cron = "*/10 * * * *";
  spec.duration = 15min;
  const Schedule rolling = schedule(spec);

  for (base::Time t = testing::kStart; t < testing::kStart + 1h; t += 30s) EXPECT_TRUE(rolling.active(t));
}

TEST(ScheduleTest, DurationIsElapsedTimeWhenTheClockChanges) {
  ScheduleSpec spec = grand_final();
  spec.cron = "30 1 * * *";
  spec.duration = 2h;
  const Schedule night = schedule(spec);
  const base::Time fires = utc("2026-10-03T15:30:00Z");  // 01:30, half an hour before 02:00 becomes 03:00

  EXPECT_TRUE(night.active(fires + 2h - 1ns));
  EXPECT_FALSE(night.active(fires + 2h));
}

TEST(ScheduleTest, TheHighestActiveFloorCounts) {
  ScheduleSpec warm_up = grand_final();
  warm_up.name = "warm-up";
  warm_up.min_replicas = 50;
  const std::vector<Schedule> both = {schedule(warm_up), schedule(grand_final())};
  const base::Time fires = utc("2026-09-26T09:20:00Z");

  const ScheduledBounds before = bounds_at(both, {20, 600}, fires - 1s);
  EXPECT_EQ(before.bounds.min, 20);
  EXPECT_EQ(before.floor_by, "");
  const ScheduledBounds then = bounds_at(both, {20, 600}, fires);
  EXPECT_EQ(then.bounds.min, 330);
  EXPECT_EQ(then.floor_by, "grand-final");
  EXPECT_EQ(bounds_at(both, {400, 600}, fires).bounds.min, 400);
}

TEST(ScheduleTest, ACeilingReplacesThePolicysOwnAndYieldsToAFloor) {
  ScheduleSpec capped = grand_final();
  capped.name = "capped";
  capped.min_replicas = 0;
  capped.max_replicas = 100;
  const base::Time fires = utc("2026-09-26T09:20:00Z");

  EXPECT_EQ(bounds_at({schedule(capped)}, {20, 600}, fires).bounds.max, 100);
  EXPECT_EQ(bounds_at({schedule(capped)}, {20, 50}, fires).bounds.max, 100);
  const ScheduledBounds both = bounds_at({schedule(capped), schedule(grand_final())}, {20, 600}, fires);
  EXPECT_EQ(both.bounds.min, 330);
  EXPECT_EQ(both.bounds.max, 330);
}

TEST(ScheduleTest, RefusesWhatCannotHold) {
  ScheduleSpec spec = grand_final();
  spec.duration = 0s;
  EXPECT_FALSE(Schedule::make(spec));
  spec = grand_final();
  spec.time_zone = "Mars/Olympus";
  EXPECT_FALSE(Schedule::make(spec));
  spec = grand_final();
  spec.cron = "soon";
  EXPECT_FALSE(Schedule::make(spec));
}

}  // namespace
}  // namespace scaler
