#include "sim/metrics/demand.h"

#include <gtest/gtest.h>

#include <cmath>
#include <vector>

namespace sim {
namespace {

TEST(ErlangTest, GivesThePublishedProbabilitiesOfWaiting) {
  EXPECT_NEAR(erlang_c(1, 0.8), 0.8, 1e-12);
  EXPECT_NEAR(erlang_c(2, 1.6), 0.711111, 5e-7);
  EXPECT_NEAR(erlang_c(5, 4.0), 0.554113, 5e-7);
  EXPECT_NEAR(erlang_c(10, 8.0), 0.409180, 5e-7);
  EXPECT_NEAR(erlang_c(10, 9.0), 0.668732, 5e-7);
  EXPECT_NEAR(erlang_c(100, 95.0), 0.506457, 5e-7);
}

TEST(ErlangTest, EqualsTheRecursionOfErlangB) {
  for (const int servers : {1, 3, 40, 1000}) {
    for (const double utilization : {0.01, 0.5, 0.99}) {
      const double a = servers * utilization;
      double blocking = 1.0;
      for (int k = 1; k <= servers; ++k) blocking = a * blocking / (k + a * blocking);
      const double c = servers * blocking / (servers - a * (1.0 - blocking));
      EXPECT_NEAR(erlang_c(servers, a), c, 1e-12 + 1e-10 * c) << servers << " servers, " << a << " erlangs";
    }
  }
}

TEST(ErlangTest, IsDefinedAtTheEdges) {
  EXPECT_EQ(erlang_c(3, 0), 0);
  EXPECT_EQ(erlang_c(3, 3), 1);
  EXPECT_EQ(erlang_c(3, 1e9), 1);
  EXPECT_EQ(erlang_c(100'000, 1e-3), 0);  // the sum of Erlang's B overflows
}

TEST(LatencyTailTest, GivesThePublishedPercentiles) {
  EXPECT_NEAR(latency_tail(1, 0.8, 1.0, 14.979), 0.05, 2e-5);
  EXPECT_NEAR(latency_tail(2, 1.6, 1.0, 11.937), 0.01, 2e-5);
  EXPECT_NEAR(latency_tail(10, 9.0, 1.0, 4.361), 0.05, 2e-5);  // c - 1 - a = 0: the limit of the formula
  EXPECT_EQ(latency_tail(2, 2.0, 1.0, 100), 1.0);
}

TEST(DemandTest, IsTheFewestPodsThatKeepTheQueueShort) {
  // 60,000/s * 40 ms = 2,400 busy workers = 300 pods of 8; with a 2 s limit one pod of slack is enough.
  EXPECT_EQ(demand_pods(60'000, 0.040, 8, 2.0, 0.95), 301);
  EXPECT_EQ(demand_pods(2'000, 0.040, 8, 2.0, 0.95), 11);
  EXPECT_EQ(demand_pods(0, 0.040, 8, 2.0, 0.95), 1);
}

TEST(DemandTest, ATighterLimitNeedsMorePods) {
  // M/M/c, 5 erlangs, mean service 1 s: c = 5 is unstable. P(T > 3.5 s) is 0.030 without any wait.
  EXPECT_EQ(demand_pods(5, 1.0, 1, 6.0, 0.95), 6);
  EXPECT_EQ(demand_pods(5, 1.0, 1, 3.5, 0.95), 7);
}

TEST(DemandTest, AnImpossibleLimitAsksForStabilityOnly) {
  EXPECT_EQ(demand_pods(5, 1.0, 1, 0.5, 0.95), 6);
  EXPECT_EQ(demand_pods(5, 1.0, 1, 6.0, 1.0), 6);  // nobody may be late: no number of pods promises that
}

TEST(DemandTest, EndlessDemandIsALargeNumber) {
  EXPECT_EQ(demand_pods(1e300, 1.0, 1, 2.0, 0.95), 1'000'000'000);
  EXPECT_EQ(demand_pods(-1, 1.0, 1, 30.0, 0.95), 1);
}

TEST(SteadyCurveTest, FollowsOnlyWhatLeavesTheBand) {
  // Ten percent of 100 is 10: 105 and 95 stay inside, 120 pulls the curve to 120 - 12 = 108, and 100 leaves it there.
  const std::vector<int> noisy = {100, 105, 95, 120, 100, 90};
  const std::vector<double> expected = {100, 100, 100, 108, 108, 99};
  EXPECT_EQ(steady_curve(noisy, 0.1), expected);
}

TEST(SteadyCurveTest, TheBandIsAtLeastOnePod) {
  EXPECT_EQ(steady_curve(std::vector<int>{3, 4, 2, 5}, 0.1), (std::vector<double>{3, 3, 3, 4}));
}

TEST(SteadyCurveTest, WithoutHysteresisNothingChanges) {
  EXPECT_EQ(steady_curve(std::vector<int>{3, 4, 2}, 0), (std::vector<double>{3, 4, 2}));
  EXPECT_TRUE(steady_curve({}, 0.1).empty());
}

}  // namespace
}  // namespace sim
