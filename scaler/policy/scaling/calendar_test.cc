#include "scaler/policy/scaling/calendar.h"

#include <gtest/gtest.h>

#include "scaler/policy/policy_test_support.h"

namespace scaler {
namespace {

using namespace std::chrono_literals;
using testing::utc;

const base::Time kKickOff = utc("2026-09-26T19:30:00+10:00");

CalendarEvent derby() {
  CalendarEventSpec spec;
  spec.name = "derby";
  spec.at = kKickOff;
  spec.lead = 30min;
  spec.until = kKickOff + 2h;
  spec.min_replicas = 200;
  spec.max_replicas = 800;
  return CalendarEvent(spec);
}

TEST(CalendarEventTest, HoldsFromItsLeadTimeUntilJustBeforeItsEnd) {
  const CalendarEvent event = derby();

  EXPECT_FALSE(event.active(kKickOff - 30min - 1ns));
  EXPECT_TRUE(event.active(kKickOff - 30min));
  EXPECT_TRUE(event.active(kKickOff + 2h - 1ns));
  EXPECT_FALSE(event.active(kKickOff + 2h));
  EXPECT_TRUE(event.is_over(kKickOff + 2h));
}

TEST(CalendarEventTest, ItsEdgesAreItsBeginningAndItsEndAndThenNoMore) {
  const CalendarEvent event = derby();

  EXPECT_EQ(event.next_edge(kKickOff - 31min), kKickOff - 30min);
  EXPECT_EQ(event.next_edge(kKickOff - 30min), kKickOff + 2h);
  EXPECT_EQ(event.next_edge(kKickOff), kKickOff + 2h);
  EXPECT_FALSE(event.next_edge(kKickOff + 2h));
}

TEST(CalendarEventTest, AsksForItsFloorAndCeilingAndSaysHowFarAheadItIs) {
  std::vector<Floor> floors;
  std::vector<Ceiling> ceilings;
  derby().add_limits(kKickOff - 10min, floors, ceilings);
  derby().add_limits(kKickOff + 10min, floors, ceilings);
  derby().add_limits(kKickOff + 2h, floors, ceilings);

  ASSERT_EQ(floors.size(), 2u);
  EXPECT_EQ(floors[0].replicas, 200);
  EXPECT_EQ(floors[0].rule, "calendar.events.derby.minReplicas");
  EXPECT_EQ(floors[0].trigger, Trigger::kEvent);
  EXPECT_EQ(floors[0].why, "the event's floor, 10m ahead of it");
  EXPECT_EQ(floors[1].why, "the event's floor");
  EXPECT_EQ(floors[1].until, kKickOff + 2h);
  ASSERT_EQ(ceilings.size(), 2u);
  EXPECT_EQ(ceilings[0].replicas, 800);
}

TEST(CalendarEventTest, SaysWhenItStarts) {
  EXPECT_EQ(derby().why_unused(kKickOff - 1h), "starts 09:00 UTC (30m ahead)");
  EXPECT_EQ(derby().why_unused(kKickOff - 30h), "starts 2026-09-26 09:00 UTC (30m ahead)");
}

}  // namespace
}  // namespace scaler
