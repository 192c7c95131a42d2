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

TEST(ScheduleTest, AsksForItsFloorAndCeilingWhileItHolds) {
  ScheduleSpec spec = grand_final();
  spec.max_replicas = 500;
  const Schedule final = schedule(spec);
  const base::Time fires = utc("2026-09-26T09:20:00Z");
  std::vector<Floor> floors;
  std::vector<Ceiling> ceilings;

  final.add_limits(fires - 1ns, floors, ceilings);
  EXPECT_TRUE(floors.empty() && ceilings.empty());
  final.add_limits(fires, floors, ceilings);
  ASSERT_EQ(floors.size(), 1u);
  EXPECT_EQ(floors[0].replicas, 330);
  EXPECT_EQ(floors[0].source, "schedule grand-final");
  EXPECT_EQ(floors[0].rule, "schedules.grand-final.minReplicas");
  EXPECT_EQ(floors[0].until, fires + 45min);
  ASSERT_EQ(ceilings.size(), 1u);
  EXPECT_EQ(ceilings[0].replicas, 500);
}

TEST(ScheduleTest, TheEndOfAFloorThatALaterFiringRenewsIsNotTold) {
  ScheduleSpec spec = grand_final();
  spec.cron = "*/10 * * * *";
  spec.duration = 15min;
  std::vector<Floor> floors;
  std::vector<Ceiling> ceilings;

  schedule(spec).add_limits(testing::kStart, floors, ceilings);

  ASSERT_EQ(floors.size(), 1u);
  EXPECT_FALSE(floors[0].until);
}

TEST(ScheduleTest, SaysWhenItStartsOnItsOwnClock) {
  const Schedule final = schedule(grand_final());
  const base::Time fires = utc("2026-09-26T09:20:00Z");

  EXPECT_EQ(final.why_unused(fires - 1h), "starts 19:20 Australia/Sydney");
  EXPECT_EQ(final.why_unused(fires - 48h), "starts 2026-09-26 19:20 Australia/Sydney");
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
