#include "sim/validation/station.h"

#include <gtest/gtest.h>

#include <cmath>

namespace sim {
namespace {

CaseContext context(int seeds, double scale) { return {.random = base::Random(1), .seeds = seeds, .scale = scale}; }

double bound_of(double requests, const CaseContext& c) {
  return mean_row("", "", 1, {1, 0.001}, run_length(Station{.requests = requests}, c)).tolerance;
}

TEST(StationTest, AtFullLengthTheBoundOfAMeanIsOnePercent) {
  for (const double requests : {1e6, 4e6, 80e6}) EXPECT_EQ(bound_of(requests, context(10, 1)), 0.01) << requests;
  // More seeds do not buy a narrower one.
  EXPECT_EQ(bound_of(4e6, context(40, 1)), 0.01);
}

TEST(StationTest, ABoundGrowsWithTheRootOfTheRequestsThatAreNotRun) {
  EXPECT_DOUBLE_EQ(bound_of(4e6, context(10, 0.25)), 0.02);
  EXPECT_DOUBLE_EQ(bound_of(4e6, context(5, 0.5)), 0.02);
}

TEST(StationTest, ARunThatIsHeldAtItsLeastLengthHasTheBoundOfThatLength) {
  // 4 million times 0.0001 would be 400 requests; 20,000 are run, a two-hundredth.
  EXPECT_DOUBLE_EQ(bound_of(4e6, context(10, 0.0001)), 0.01 * std::sqrt(200.0));
  EXPECT_EQ(run_length(Station{.requests = 4e6}, context(10, 0.0001)).text, "10 x 20,000 requests");
}

TEST(StationTest, ARowSaysItsRunLength) {
  const RunLength length = run_length(Station{.requests = 2.5e6}, context(10, 1));
  EXPECT_EQ(mean_row("", "", 1, {1, 0.001}, length).note, "10 x 2,500,000 requests");
}

}  // namespace
}  // namespace sim
