#include <gtest/gtest.h>

#include <algorithm>

#include "sim/validation/validate.h"

namespace sim {
namespace {

Row find(const std::vector<Row>& rows, const std::string& name) {
  const auto found = std::find_if(rows.begin(), rows.end(), [&](const Row& row) { return row.name == name; });
  EXPECT_NE(found, rows.end()) << name;
  return found == rows.end() ? Row{} : *found;
}

TEST(ScenarioRowsTest, HoldsTheK6ThresholdsAgainstTheRun) {
  const std::vector<Row> rows = scenario_rows({{.scenario = "seed-004-k6",
                                                .policy = "hpa-default",
                                                .p50_ms = 40,
                                                .p95_ms = 201,
                                                .p99_ms = 200,
                                                .max_ms = 400,
                                                .failed_ratio = 0.01,
                                                .command = "gamenight run scenarios/seeds/seed-004-k6.yaml"}});
  EXPECT_EQ(verdict(find(rows, "seed-004-k6, hpa-default: p50, ms")), "pass");
  EXPECT_EQ(verdict(find(rows, "seed-004-k6, hpa-default: p95, ms")), "FAIL");
  EXPECT_EQ(verdict(find(rows, "seed-004-k6, hpa-default: p99, ms")), "pass");
  EXPECT_EQ(verdict(find(rows, "seed-004-k6, hpa-default: share of failures")), "pass");
  EXPECT_EQ(rows.back().command, "gamenight run scenarios/seeds/seed-004-k6.yaml");
}

TEST(ScenarioRowsTest, APlainHpaIsAboveTwoSecondsForOneToFourMinutes) {
  const auto minutes = [](int seconds) {
    const std::vector<Row> rows = scenario_rows(
        {{.scenario = "kickoff", .policy = "hpa-default", .longest_degradation_seconds = seconds, .command = {}}});
    return verdict(find(rows, "kickoff, hpa-default: minutes above 2 s in a row under a plain HPA"));
  };
  EXPECT_EQ(minutes(59), "FAIL");
  EXPECT_EQ(minutes(60), "pass");
  EXPECT_EQ(minutes(240), "pass");
  EXPECT_EQ(minutes(241), "FAIL");
}

TEST(ScenarioRowsTest, APolicyThatIsNoPlainHpaIsNotHeldToIt) {
  const std::vector<Row> rows =
      scenario_rows({{.scenario = "kickoff", .policy = "scheduled", .longest_degradation_seconds = 0, .command = {}}});
  for (const Row& row : rows) EXPECT_EQ(verdict(row), "left out") << row.name;
}

TEST(ScenarioRowsTest, NamesTheScenariosThatItKnowsOnce) {
  EXPECT_EQ(promised_scenarios(), (std::vector<std::string>{"kickoff", "seed-004-k6"}));
}

TEST(ScenarioRowsTest, WhatWasNotRunIsLeftOut) {
  for (const Row& row : scenario_rows({})) EXPECT_EQ(verdict(row), "left out") << row.name;
}

}  // namespace
}  // namespace sim
