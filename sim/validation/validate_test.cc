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

// Bounds are made for the case whose runs scatter most; each row is held to its own scatter besides.
void expect_means_hold(const std::vector<Row>& rows) {
  expect_all_pass(rows);
  for (const Row& row : rows) {
    EXPECT_GT(row.standard_error, 0) << row.name;
    EXPECT_NE(row.note.find(" requests"), std::string::npos) << row.name << ": " << row.note;
    if (row.check != Check::kRelative) continue;  // a balancer between two others
    EXPECT_LT(std::fabs(row.actual - row.expected), 4 * row.standard_error + 0.03 * row.expected) << row.name;
  }
}

TEST(ValidateTest, QueueingTheoryHoldsWithinTheScatterOfAShortRun) { expect_means_hold(quick({"queueing"})); }

TEST(ValidateTest, BalancersHoldWithinTheScatterOfAShortRun) { expect_means_hold(quick({"balancing"})); }

TEST(ValidateTest, ImpatientAndClosedClientsHoldWithinTheScatterOfAShortRun) { expect_means_hold(quick({"clients"})); }

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
TEST(ValidateTest, SixOfSevenStepsOfARealHpaComeWithinALoop) {
  std::vector<Row> rows = quick({"bedrock"});
  // Beside each step, what ours asked for when it came.
  EXPECT_EQ(std::erase_if(rows, [](const Row& row) { return row.check == Check::kInformation; }), 7U);
  ASSERT_EQ(rows.size(), 7U);
  for (std::size_t i = 0; i < rows.size(); ++i) {
    EXPECT_EQ(rows[i].check, Check::kAbsolute);
    EXPECT_EQ(rows[i].tolerance, 30) << "s, one loop";
    EXPECT_EQ(verdict(rows[i]), i == 2 ? "FAIL" : "pass") << rows[i].name;
  }
}

TEST(ValidateTest, RowsDependOnTheSeedAndNotOnTheNumberOfThreads) {
  const std::vector<Row> one = quick({"queueing", "ras"}, 1);
  const std::vector<Row> three = quick({"queueing", "ras"}, 3);
  EXPECT_EQ(validation_markdown(one), validation_markdown(three));

  const std::vector<Row> another = validate({.seed = 2, .seeds = 5, .scale = 0.004, .groups = {"queueing"}});
  EXPECT_NE(another.front().actual, one.front().actual);
}

TEST(ValidateTest, AStopBeginsNoFurtherCase) {
  const std::atomic<bool> stop = true;
  ValidateOptions options;
  options.stop = &stop;
  EXPECT_TRUE(validate(options).empty());
}

TEST(ValidateTest, GroupsComeOnceEach) {
  std::vector<std::string> groups = validation_groups();
  std::sort(groups.begin(), groups.end());
  EXPECT_EQ(std::adjacent_find(groups.begin(), groups.end()), groups.end());
}

}  // namespace
}  // namespace sim
