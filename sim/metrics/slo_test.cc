#include "sim/metrics/slo.h"

#include <gtest/gtest.h>

#include <vector>

namespace sim {
namespace {

using Ints = std::vector<std::int64_t>;

TEST(SloMinutesTest, AMinuteIsBadWhenItsPercentileIs) {
  // 600 requests a minute: 5 % of them are 30.
  Ints arrivals(150, 10);
  Ints bad(150, 0);
  bad[5] = 10, bad[6] = 10, bad[7] = 10;  // 30: the request of rank 570 is still a good one
  bad[60] = 10, bad[61] = 10, bad[62] = 10, bad[63] = 1;
  bad[149] = 10, bad[148] = 6;  // the last half minute: 16 of 300 are more than 15
  EXPECT_EQ(slo_minutes(arrivals, bad, 1 - 0.95), 2);
  EXPECT_EQ(slo_minutes(arrivals, bad, 0), 3);
  EXPECT_EQ(slo_minutes(arrivals, bad, 0.5), 0);
}

TEST(SloMinutesTest, RoundingOfTheShareBlamesNobody) {
  const Ints arrivals = {10};
  EXPECT_EQ(slo_minutes(arrivals, Ints{1}, 1 - 0.9), 0);  // 1 - 0.9 is a little less than a tenth
  EXPECT_EQ(slo_minutes(arrivals, Ints{2}, 1 - 0.9), 1);
}

TEST(SloMinutesTest, MinutesWithoutRequestsAreGood) {
  EXPECT_EQ(slo_minutes(Ints(120, 0), Ints(120, 0), 0.001), 0);
  EXPECT_EQ(slo_minutes({}, {}, 0.001), 0);
}

TEST(BudgetBurnTest, IsTheBadShareOverTheBudget) {
  Ints arrivals(2 * 3600, 1);
  Ints bad(2 * 3600, 0);
  for (std::size_t t = 3000; t < 3036; ++t) bad[t] = 1;
  // 36 of 7,200 are 0.5 % of the run and 1 % of every hour that holds them.
  const BudgetBurn burn = budget_burn(arrivals, bad, 0.001);
  EXPECT_DOUBLE_EQ(burn.whole_run, 5);
  EXPECT_DOUBLE_EQ(burn.peak_1h, 10);
  EXPECT_DOUBLE_EQ(burn.peak_6h, 5);  // two hours are one window
}

TEST(BudgetBurnTest, WindowsAreWhole) {
  // The only bad request is the first of ten: a window of four seconds has one of four, never one of one.
  Ints bad(10, 0);
  bad[0] = 1;
  EXPECT_DOUBLE_EQ(peak_burn(Ints(10, 1), bad, 1.0, 4), 0.25);
}

TEST(BudgetBurnTest, NothingBurnsNothing) {
  EXPECT_EQ(budget_burn({}, {}, 0.001), BudgetBurn{});
  EXPECT_EQ(budget_burn(Ints(9000, 0), Ints(9000, 0), 0.001), BudgetBurn{});
}

TEST(ApdexTest, CountsToleratedOnesHalf) {
  EXPECT_DOUBLE_EQ(apdex(60, 30, 100), 0.75);
  EXPECT_DOUBLE_EQ(apdex(Ints{50, 10}, Ints{20, 10}, Ints{80, 20}), 0.75);
  EXPECT_DOUBLE_EQ(apdex(0, 0, 100), 0);
}

TEST(ApdexTest, NobodyIsContent) { EXPECT_DOUBLE_EQ(apdex(Ints{}, Ints{}, Ints{}), 1); }

TEST(CappedDemandTest, IsWhatTheCeilingTook) {
  EXPECT_EQ(capped_demand(std::vector<int>{10, 12, 20, 10}, 10), (CappedDemand{2, 12, 10}));
  EXPECT_EQ(capped_demand({}, 10), CappedDemand{});
}

}  // namespace
}  // namespace sim
