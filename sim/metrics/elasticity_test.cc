#include "sim/metrics/elasticity.h"

#include <gtest/gtest.h>

#include <cmath>
#include <vector>

namespace sim {
namespace {

constexpr InstabilityOptions kAsSpec{.hysteresis = 0, .step_seconds = 1};

TEST(ElasticityTest, WeighsMissingAndSparePodsByTheDemand) {
  const std::vector<int> demand = {10, 10, 20, 20};
  const std::vector<int> supply = {10, 15, 15, 20};

  const Elasticity e = elasticity(demand, supply, kAsSpec);

  EXPECT_DOUBLE_EQ(e.under_provisioning, 100.0 / 4 * (5.0 / 20));
  EXPECT_DOUBLE_EQ(e.over_provisioning, 100.0 / 4 * (5.0 / 10));
  EXPECT_DOUBLE_EQ(e.under_timeshare, 25);
  EXPECT_DOUBLE_EQ(e.over_timeshare, 25);
  // The curves move apart in all three steps: (0,+), (+,0), (0,+).
  EXPECT_DOUBLE_EQ(e.instability, 100);
}

TEST(ElasticityTest, NothingIsAllZero) {
  EXPECT_EQ(elasticity({}, {}), Elasticity{});
  const std::vector<int> zeros(5, 0);
  const std::vector<int> ones(5, 1);
  EXPECT_EQ(elasticity(zeros, ones), Elasticity{});  // a demand of 0 counts as 1
  EXPECT_DOUBLE_EQ(elasticity(zeros, zeros).under_provisioning, 100);
}

TEST(InstabilityTest, NoiseOfTheArrivalsIsNoInstability) {
  std::vector<int> demand;
  for (int t = 0; t < 600; ++t) demand.push_back(100 + (t * 7) % 9 - 4);
  const std::vector<int> supply(demand.size(), 104);

  EXPECT_DOUBLE_EQ(elasticity(demand, supply).instability, 0);
  EXPECT_GT(elasticity(demand, supply, kAsSpec).instability, 90);
}

TEST(InstabilityTest, ASupplyThatFlapsUnderASteadyDemandCountsInFull) {
  const std::vector<int> demand(240, 100);
  std::vector<int> supply;
  for (int t = 0; t < 240; ++t) supply.push_back(t / 60 % 2 == 0 ? 100 : 120);

  EXPECT_DOUBLE_EQ(elasticity(demand, supply).instability, 100);
}

TEST(InstabilityTest, ASupplyThatFollowsARampInStepsIsStable) {
  std::vector<int> demand;
  std::vector<int> supply;
  for (int t = 0; t < 600; ++t) {
    demand.push_back(100 + t);
    supply.push_back(120 + t / 15 * 15);
  }
  // From the eleventh second on the steady curve rises; before, in the first slopes of 60 s, it has risen already.
  EXPECT_DOUBLE_EQ(elasticity(demand, supply).instability, 0);
}

TEST(InstabilityTest, ARunShorterThanASlopeHasNone) {
  const std::vector<int> demand(60, 1);
  EXPECT_DOUBLE_EQ(elasticity(demand, demand).instability, 0);
}

TEST(ElasticSpeedupTest, IsTheGeometricMeanOfTheRatios) {
  const Elasticity without = {16, 2, 8, 1, 0};
  const Elasticity with = {1, 2, 4, 2, 0};
  // 16 * 1 * 2 * 1/2 = 16
  EXPECT_DOUBLE_EQ(elastic_speedup(without, with), 2);
  EXPECT_DOUBLE_EQ(elastic_speedup(with, without), 0.5);
}

TEST(ElasticSpeedupTest, APerfectScoreIsFinite) {
  EXPECT_DOUBLE_EQ(elastic_speedup({}, {}), 1);
  EXPECT_DOUBLE_EQ(elastic_speedup({.under_provisioning = 1}, {}), std::pow(100, 0.25));
}

// Published percentages of a container autoscaler on the 1998 World Cup (Imdoukh et al. 2019) and the gain printed
// there; the first of them is 1.510 from the percentages as they are printed.
TEST(ElasticSpeedupTest, ReproducesThePublishedGains) {
  const Elasticity none = {3.29, 3.06, 57.95, 57.05, 0};
  EXPECT_NEAR(elastic_speedup(none, {0.94, 3.51, 26.50, 73.20, 0}), 1.510, 0.0005);
  EXPECT_NEAR(elastic_speedup(none, {0.48, 4.28, 15.85, 89.10, 0}), 1.84, 0.005);
  EXPECT_NEAR(elastic_speedup(none, {5.07, 1.42, 76.50, 32.55, 0}), 1.17, 0.005);
  EXPECT_NEAR(elastic_speedup(none, {1.88, 2.62, 42.55, 57.25, 0}), 1.29, 0.005);
}

TEST(TimeToCapacityTest, IsTheLongestShortage) {
  EXPECT_EQ(time_to_capacity(std::vector<int>{1, 5, 5, 5, 1, 5}, std::vector<int>{1, 1, 4, 5, 5, 4}), 2);
  EXPECT_EQ(time_to_capacity(std::vector<int>{}, std::vector<int>{}), 0);
}

}  // namespace
}  // namespace sim
