#include "scaler/policy/scaling/floors.h"

#include <gtest/gtest.h>

namespace scaler {
namespace {

Floor planned(int replicas, const char* rule = "schedules.a.minReplicas") {
  return {.replicas = replicas, .source = rule, .rule = rule, .why = "a floor"};
}

Floor measured(int replicas) {
  Floor floor = planned(replicas, "panic");
  floor.is_planned = false;
  return floor;
}

Ceiling ceiling(int replicas, const char* rule) { return {replicas, rule, "a ceiling"}; }

TEST(FloorsTest, WithoutAnyThePolicysOwnBoundsHold) {
  const Limits limits = limits_of({20, 600}, {}, {});

  EXPECT_EQ(limits.bounds.min, 20);
  EXPECT_EQ(limits.bounds.max, 600);
  EXPECT_FALSE(limits.floor);
  EXPECT_FALSE(limits.ceiling);
}

TEST(FloorsTest, TheHighestFloorCountsIfItIsAboveTheMinimum) {
  const Limits limits = limits_of({20, 600}, {planned(50, "a"), planned(330, "b"), planned(330, "c")}, {});
  EXPECT_EQ(limits.bounds.min, 330);
  ASSERT_TRUE(limits.floor);
  EXPECT_EQ(limits.floor->rule, "b");

  const Limits low = limits_of({400, 600}, {planned(330)}, {});
  EXPECT_EQ(low.bounds.min, 400);
  EXPECT_FALSE(low.floor);
  EXPECT_EQ(low.floors.size(), 1u);
}

TEST(FloorsTest, TheHighestCeilingReplacesTheMaximumDownwardsAndUpwards) {
  EXPECT_EQ(limits_of({20, 600}, {}, {ceiling(100, "a"), ceiling(200, "b")}).bounds.max, 200);
  EXPECT_EQ(limits_of({20, 50}, {}, {ceiling(100, "a")}).bounds.max, 100);
}

TEST(FloorsTest, AFloorThatIsPlannedPushesACeilingUp) {
  const Limits limits = limits_of({20, 600}, {planned(330)}, {ceiling(100, "a")});

  EXPECT_EQ(limits.bounds.min, 330);
  EXPECT_EQ(limits.bounds.max, 330);
  EXPECT_EQ(limits.ceiling->rule, "schedules.a.minReplicas");
}

TEST(FloorsTest, WhatAMeasurementOrAServiceAsksForStaysBelowTheCeiling) {
  EXPECT_EQ(limits_of({20, 600}, {measured(5000)}, {}).bounds.min, 600);
  const Limits limits = limits_of({20, 600}, {measured(5000)}, {ceiling(100, "a")});
  EXPECT_EQ(limits.bounds.min, 100);
  EXPECT_EQ(limits.bounds.max, 100);
  EXPECT_EQ(limits.floor->replicas, 100);
}

TEST(FloorsTest, ACeilingBelowThePolicysOwnMinimumYields) {
  const Limits limits = limits_of({20, 600}, {}, {ceiling(10, "a")});

  EXPECT_EQ(limits.bounds.min, 20);
  EXPECT_EQ(limits.bounds.max, 20);
  EXPECT_EQ(limits.ceiling->rule, "minReplicas");
}

}  // namespace
}  // namespace scaler
