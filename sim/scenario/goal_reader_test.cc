#include "sim/scenario/goal_reader.h"

#include <gtest/gtest.h>

#include "sim/scenario/scenario_test_support.h"

namespace sim {
namespace {

constexpr const char* kHpa =
    "apiVersion: autoscaling/v2\nkind: HorizontalPodAutoscaler\nmetadata: {name: plain}\nspec:\n"
    "  scaleTargetRef: {apiVersion: apps/v1, kind: Deployment, name: api}\n  minReplicas: 1\n  maxReplicas: 5\n";

TEST(GoalReaderTest, ReadsSloApdexAndCost) {
  const ScenarioFolder folder;
  NightText night;
  night.rest =
      "  slo: {latency: 1500ms, percentile: p99.9, target: 99.5}\n  apdex: {threshold: 300ms}\n"
      "  cost: {podHour: 0.04, nodeHour: 0.68}\n";
  const Scenario s = folder.load(night);

  EXPECT_EQ(s.system.slo.latency, 1500 * kMillisecond);
  EXPECT_DOUBLE_EQ(s.system.slo.percentile, 0.999);
  EXPECT_NEAR(s.error_budget, 0.005, 1e-12);
  EXPECT_EQ(s.system.slo.apdex_threshold, 300 * kMillisecond);
  EXPECT_DOUBLE_EQ(s.cost.pod_hour, 0.04);
  EXPECT_DOUBLE_EQ(s.cost.node_hour, 0.68);
}

TEST(GoalReaderTest, ReadsExpectations) {
  const ScenarioFolder folder;
  folder.write("plain.yaml", kHpa);
  NightText night;
  night.rest =
      "  policies: [plain.yaml]\n  expect:\n"
      "    - {policy: plain, metric: degradationSeconds, atLeast: 60, atMost: 240}\n"
      "    - {metric: latencyMs.p95, atMost: 2000}\n";
  const Scenario s = folder.load(night);

  ASSERT_EQ(s.expectations.size(), 2U);
  EXPECT_EQ(s.expectations[0].policy, "plain");
  EXPECT_EQ(s.expectations[0].metric, "degradationSeconds");
  EXPECT_DOUBLE_EQ(*s.expectations[0].at_least, 60);
  EXPECT_DOUBLE_EQ(*s.expectations[0].at_most, 240);
  EXPECT_TRUE(s.expectations[0].where.ends_with("night.yaml:12:31")) << s.expectations[0].where;
  EXPECT_EQ(s.expectations[1].policy, "");
  EXPECT_FALSE(s.expectations[1].at_least);
}

TEST(GoalReaderTest, AnExpectationOfAPolicyThatTheCommandLineReplacedIsKept) {
  const ScenarioFolder folder;
  folder.write("plain.yaml", kHpa);
  NightText night;
  night.rest = "  policies: []\n  expect: [{policy: none, metric: failed, atMost: 0}]\n";
  Overrides overrides;
  overrides.policies = {(folder.path() / "plain.yaml").string()};

  EXPECT_EQ(folder.load(night, overrides).expectations.size(), 1U);
}

struct Case {
  const char* name;
  const char* rest;
  const char* complaint;
  friend void PrintTo(const Case& c, std::ostream* out) { *out << c.name; }
};

class RefusedGoal : public testing::TestWithParam<Case> {};

TEST_P(RefusedGoal, SaysWhatIsWrongAndWhere) {
  const ScenarioFolder folder;
  NightText night;
  night.rest = GetParam().rest;

  EXPECT_EQ(folder.refusal(night), GetParam().complaint);
}

INSTANTIATE_TEST_SUITE_P(
    All, RefusedGoal,
    testing::Values(
        Case{"ExpectationOfAnUnknownPolicy", "  expect: [{policy: non, metric: failed, atMost: 0}]\n",
             "night.yaml:10:21: policy must be one of none, is \"non\"; did you mean \"none\"?"},
        Case{"ExpectationWithoutABound", "  expect: [{metric: failed}]\n",
             "night.yaml:10:12: needs atLeast, atMost or both"},
        Case{"ExpectationThatNothingMeets", "  expect: [{metric: failed, atLeast: 2, atMost: 1}]\n",
             "night.yaml:10:49: atMost must not be below atLeast"},
        Case{"MetricOfTwoWords", "  expect: [{metric: failed requests, atMost: 1}]\n",
             "night.yaml:10:21: metric must be a number of the summary, such as degradationSeconds or latencyMs.p95, "
             "is \"failed requests\""},
        Case{"PerfectTarget", "  slo: {latency: 2s, target: 100}\n",
             "night.yaml:10:30: target must be a percentage of good requests between 0 and 100, such as 99.9"},
        Case{"ShareAsTarget", "  slo: {latency: 2s, target: 995}\n",
             "night.yaml:10:30: target must be at most 100, is 995"},
        Case{"SatisfiedAtOnce", "  apdex: {threshold: 0s}\n", "night.yaml:10:22: threshold must be positive"}),
    [](const auto& c) { return c.param.name; });

}  // namespace
}  // namespace sim
