#include "sim/metrics/regret.h"

#include <gtest/gtest.h>

#include <vector>

namespace sim {
namespace {

using Ints = std::vector<int>;

TEST(OraclePlanTest, AsksForPodsTheLagAheadAndKeepsThemUntilTheyAreNotNeeded) {
  const Ints demand = {2, 2, 2, 5, 2, 2, 2};
  const OraclePlan plan = oracle_plan(demand, {.lag_seconds = 2, .initial_ready = 2});

  EXPECT_EQ(plan.replicas, (Ints{2, 5, 5, 5, 2, 2, 2}));
  EXPECT_EQ(plan.ready, demand);
}

TEST(OraclePlanTest, KeepsAPodThatIsNeededAgainWithinTheLag) {
  const OraclePlan plan = oracle_plan(Ints{5, 2, 5, 2, 2, 2}, {.lag_seconds = 2, .initial_ready = 5});
  EXPECT_EQ(plan.replicas, (Ints{5, 5, 5, 2, 2, 2}));
  EXPECT_EQ(plan.ready, (Ints{5, 5, 5, 2, 2, 2}));
}

TEST(OraclePlanTest, CannotBeReadyBeforeTheLag) {
  const OraclePlan plan = oracle_plan(Ints{4, 4, 4, 4}, {.lag_seconds = 2, .initial_ready = 1});
  EXPECT_EQ(plan.replicas, (Ints{4, 4, 4, 4}));
  EXPECT_EQ(plan.ready, (Ints{1, 1, 4, 4}));
}

TEST(OraclePlanTest, WithoutALagItIsTheDemand) {
  const Ints demand = {3, 1, 4, 1, 5};
  EXPECT_EQ(oracle_plan(demand, {.lag_seconds = 0}).ready, demand);
}

TEST(OraclePlanTest, ObeysTheBoundsOfThePolicy) {
  const OraclePlan plan = oracle_plan(Ints{1, 9, 1}, {.lag_seconds = 0, .minimum = 2, .maximum = 5});
  EXPECT_EQ(plan.replicas, (Ints{2, 5, 2}));
}

TEST(OraclePlanTest, ALagLongerThanTheRunIsItsPeak) {
  EXPECT_EQ(oracle_plan(Ints{1, 7, 2}, {.lag_seconds = 1000}).replicas, (Ints{7, 7, 2}));
}

TEST(RegretTest, ComparesMoneyAndShortage) {
  const Ints demand = {2, 2, 2, 5, 2, 2, 2};
  const Ints pods = {2, 2, 2, 2, 5, 5, 5};
  const Ints ready = {2, 2, 2, 2, 2, 2, 5};

  const Regret r = regret(demand, pods, ready, {.lag_seconds = 2, .initial_ready = 2});

  EXPECT_DOUBLE_EQ(r.pod_hours, 23.0 / 3600);
  EXPECT_DOUBLE_EQ(r.oracle_pod_hours, 23.0 / 3600);
  EXPECT_DOUBLE_EQ(r.relative_cost(), 1);
  EXPECT_EQ(r.short_seconds, 1);
  EXPECT_EQ(r.oracle_short_seconds, 0);
  EXPECT_EQ(r.extra_short_seconds(), 1);
  EXPECT_EQ(r.short_pod_seconds, 3);
}

TEST(RegretTest, NothingIsNoRegret) {
  EXPECT_EQ(regret({}, {}, {}, {}), Regret{});
  EXPECT_DOUBLE_EQ(Regret{}.relative_cost(), 1);
}

}  // namespace
}  // namespace sim
