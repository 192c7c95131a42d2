#include "sim/run/elasticity.h"

#include <gtest/gtest.h>

#include <vector>

namespace sim {
namespace {

TEST(DemandTest, IsTheFewestPodsThatKeepTheQueueShort) {
  // 60,000/s * 40 ms = 2,400 busy workers = 300 pods of 8; with a 2 s limit one pod of slack is enough.
  EXPECT_EQ(demand_pods(60'000, 0.040, 8, 2.0, 0.95), 301);
  EXPECT_EQ(demand_pods(2'000, 0.040, 8, 2.0, 0.95), 11);
  EXPECT_EQ(demand_pods(0, 0.040, 8, 2.0, 0.95), 1);
}

TEST(DemandTest, ATighterLimitNeedsMorePods) {
  // M/M/c, 5 erlangs, mean service 1 s: c = 5 is unstable. P(T > 3.5 s) is 0.030 without any wait.
  const int loose = demand_pods(5, 1.0, 1, 6.0, 0.95);
  const int tight = demand_pods(5, 1.0, 1, 3.5, 0.95);
  EXPECT_EQ(loose, 6);
  EXPECT_EQ(tight, 7);
}

TEST(DemandTest, AnImpossibleLimitAsksForStabilityOnly) { EXPECT_EQ(demand_pods(5, 1.0, 1, 0.5, 0.95), 6); }

TEST(ElasticityTest, WeighsMissingAndSparePodsByTheDemand) {
  const std::vector<int> demand = {10, 10, 20, 20};
  const std::vector<int> supply = {10, 15, 15, 20};

  const Elasticity e = elasticity(demand, supply);

  EXPECT_DOUBLE_EQ(e.under_provisioning, 100.0 / 4 * (5.0 / 20));
  EXPECT_DOUBLE_EQ(e.over_provisioning, 100.0 / 4 * (5.0 / 10));
  EXPECT_DOUBLE_EQ(e.under_timeshare, 25);
  EXPECT_DOUBLE_EQ(e.over_timeshare, 25);
  // The curves move apart in all three steps: (0,+), (+,0), (0,+).
  EXPECT_DOUBLE_EQ(e.instability, 100);
}

TEST(TimeToCapacityTest, IsTheLongestShortage) {
  EXPECT_EQ(time_to_capacity(std::vector<int>{1, 5, 5, 5, 1, 5}, std::vector<int>{1, 1, 4, 5, 5, 4}), 2);
  EXPECT_EQ(time_to_capacity(std::vector<int>{}, std::vector<int>{}), 0);
}

}  // namespace
}  // namespace sim
