// A short validation: bounds are those of the full one, widened as standard errors are by less and shorter runs.
#include "sim/validation/validate.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>

namespace sim {
namespace {

std::vector<Row> quick(std::vector<std::string> groups, unsigned jobs = 1) {
  return validate({.seeds = 5, .scale = 0.004, .groups = std::move(groups), .jobs = jobs});
}

void expect_all_pass(const std::vector<Row>& rows) {
  EXPECT_FALSE(rows.empty());
  for (const Row& row : rows) {
    EXPECT_TRUE(passed(row)) << row.name << ": " << row.expected << " expected, " << row.actual << " found";
    EXPECT_TRUE(std::isfinite(row.actual)) << row.name;
    EXPECT_FALSE(row.command.empty());
  }
}

TEST(ValidateTest, QueueingTheoryHoldsWithinTheBoundsOfAShortRun) {
  const std::vector<Row> rows = quick({"queueing"});
  expect_all_pass(rows);
  for (const Row& row : rows) {
    // At full length the bound is at least three standard errors, so here it is too.
    EXPECT_LT(std::fabs(row.actual - row.expected), 4 * row.standard_error + 0.03 * row.expected) << row.name;
  }
}

TEST(ValidateTest, BalancersHoldWithinTheBoundsOfAShortRun) { expect_all_pass(quick({"balancing"})); }

TEST(ValidateTest, ImpatientAndClosedClientsHoldWithinTheBoundsOfAShortRun) { expect_all_pass(quick({"clients"})); }

TEST(ValidateTest, TheTestbedsConstantContainerIsMetToTenPercent) {
  const std::vector<Row> rows = quick({"testbed"});
  expect_all_pass(rows);
  EXPECT_EQ(std::count_if(rows.begin(), rows.end(), [](const Row& row) { return verdict(row) == "pass"; }), 2);
  // Two simulations of the same container, one of them with a throttled CPU limit, agree.
  for (std::size_t i = 0; i < 2; ++i) {
    const auto other =
        std::find_if(rows.begin() + 2, rows.end(), [&](const Row& row) { return row.name == rows[i].name; });
    ASSERT_NE(other, rows.end());
    EXPECT_NEAR(other->actual, rows[i].actual, 0.02 * rows[i].actual);
  }
}

TEST(ValidateTest, TheCoarseEngineIsWithinTheBoundsOfAShortRunOfTheExactOne) { expect_all_pass(quick({"cohort"})); }

TEST(ValidateTest, RampsAreThoseOfAFluidToOnePercent) { expect_all_pass(quick({"fluid"})); }

TEST(ValidateTest, ThePublishedSimulatorIsReproducedToThePrintedDigit) {
  const std::vector<Row> rows = quick({"ras"});
  expect_all_pass(rows);
  // Eight controllers, three workloads, three figures; two kinds of rows are left out.
  EXPECT_EQ(std::count_if(rows.begin(), rows.end(), [](const Row& row) { return row.check == Check::kDigits; }), 72);
  EXPECT_EQ(rows.size(), 74U);
}

// What does not come out is shown: the third step of the evening needs a metric of 75 %, and the picture peaks at 73.
TEST(ValidateTest, SixOfSevenStepsOfARealHpaAreReproduced) {
  const std::vector<Row> rows = quick({"bedrock"});
  ASSERT_EQ(rows.size(), 7U);
  for (const Row& row : rows) {
    EXPECT_EQ(passed(row), row.expected != 96) << row.name;
    EXPECT_LE(std::fabs(error_of(row)), 3) << row.name;
  }
}

TEST(ValidateTest, RowsDependOnTheSeedAndNotOnTheNumberOfThreads) {
  const std::vector<Row> one = quick({"queueing", "ras"}, 1);
  const std::vector<Row> three = quick({"queueing", "ras"}, 3);
  EXPECT_EQ(validation_markdown(one), validation_markdown(three));

  const std::vector<Row> another = validate({.seed = 2, .seeds = 5, .scale = 0.004, .groups = {"queueing"}});
  EXPECT_NE(another.front().actual, one.front().actual);
}

TEST(ValidateTest, GroupsComeOnceEach) {
  std::vector<std::string> groups = validation_groups();
  std::sort(groups.begin(), groups.end());
  EXPECT_EQ(std::adjacent_find(groups.begin(), groups.end()), groups.end());
}

}  // namespace
}  // namespace sim
