#include "sim/scenario/scenario_loader.h"

#include <gtest/gtest.h>

namespace sim {
namespace {

using namespace std::chrono_literals;

Scenario shipped(const std::string& name, const Overrides& overrides = {}) {
  auto scenario = load_scenario("scenarios/" + name, overrides);
  if (!scenario) {
    ADD_FAILURE() << scenario.error().message;
    return {};
  }
  return std::move(*scenario);
}

TEST(ScenarioLoaderTest, ReadsTheGrandFinal) {
  const Scenario s = shipped("grand-final.yaml");

  EXPECT_EQ(s.name, "grand-final");
  EXPECT_EQ(s.duration, 30min);
  EXPECT_EQ(s.utc_offset, 10h);
  EXPECT_EQ(s.start, base::Time(std::chrono::sys_days(std::chrono::year(2026) / 9 / 26) + 9h + 20min));
  ASSERT_EQ(s.engine.sources.size(), 1U);
  EXPECT_DOUBLE_EQ(s.engine.sources[0].profile.rate_at(60 * kSecond), 2000);
  EXPECT_DOUBLE_EQ(s.engine.sources[0].profile.rate_at(645 * kSecond), 31000);
  EXPECT_DOUBLE_EQ(s.engine.sources[0].profile.rate_at(700 * kSecond), 60000);
  EXPECT_EQ(s.engine.client.timeout, 2 * kSecond);
  EXPECT_EQ(s.engine.queue_limit, 100U);
  EXPECT_EQ(s.engine.workers, 8U);
  EXPECT_EQ(s.engine.cpu.limit, 1.0);
  EXPECT_EQ(s.engine.cpu.per_request, 4 * kMillisecond);
  EXPECT_EQ(s.engine.cpu.per_rejection, 4 * kMillisecond);
  EXPECT_EQ(s.workload.container_delay, 2s);
  EXPECT_EQ(s.workload.boot->kind, DelaySpec::Kind::kLognormal);
  EXPECT_EQ(s.workload.boot->median, 25s);
  EXPECT_EQ(s.workload.readiness_probe->period, 5s);
  ASSERT_EQ(s.cluster.node_pools.size(), 1U);
  EXPECT_EQ(s.cluster.node_pools[0].max_nodes, 200);
  EXPECT_DOUBLE_EQ(s.engine.slo.percentile, 0.95);
  ASSERT_EQ(s.policies.size(), 4U);
  EXPECT_EQ(s.policies[0].name, "hpa-default");
  EXPECT_EQ(s.policies[1].name, "hpa-tuner");
  EXPECT_EQ(s.policies[1].specs.size(), 2U);
  EXPECT_EQ(s.events.at(0).name, "kick-off");
}

TEST(ScenarioLoaderTest, ReadsATraceAndSqueezesIt) {
  const Scenario s = shipped("wc98-0626.yaml");
  const RateProfile& rate = s.engine.sources.at(0).profile;

  // Held from 13:30 until 13:57:30, then twelve times as fast, held again until 14:15.
  const Ticks from = 90 * 60 * kSecond;
  EXPECT_DOUBLE_EQ(rate.rate_at(from + kSecond), rate.rate_at(from + 27 * 60 * kSecond));
  EXPECT_NE(rate.rate_at(from + 28 * 60 * kSecond), rate.rate_at(from + kSecond));
  EXPECT_EQ(s.engine.client.max_retries, 2U);
  EXPECT_DOUBLE_EQ(*s.engine.client.budget, 0.1);
  EXPECT_DOUBLE_EQ(s.engine.arrivals.dispersion, 2.5);
}

TEST(ScenarioLoaderTest, StationaryScenariosHaveNoPoliciesAndNoLimits) {
  const Scenario s = shipped("stationary/mm5.yaml");

  EXPECT_TRUE(s.policies.empty());
  EXPECT_FALSE(s.engine.client.timeout);
  EXPECT_FALSE(s.engine.queue_limit);
  EXPECT_EQ(s.engine.warmup, 600 * kSecond);
  EXPECT_FALSE(s.workload.boot);
}

TEST(ScenarioLoaderTest, TheCommandLineWins) {
  Overrides overrides;
  overrides.policies = {"scenarios/policies/predictive.yaml"};
  overrides.seed = 7;
  overrides.duration = 5min;
  const Scenario s = shipped("grand-final.yaml", overrides);

  ASSERT_EQ(s.policies.size(), 1U);
  EXPECT_EQ(s.policies[0].name, "predictive");
  EXPECT_EQ(s.seed, 7U);
  EXPECT_EQ(s.duration, 5min);
  EXPECT_EQ(s.engine.duration, 300 * kSecond);
}

TEST(ScenarioLoaderTest, ATraceMustCoverTheScenario) {
  Overrides overrides;
  overrides.duration = 48h;
  const auto scenario = load_scenario("scenarios/wc98-0626.yaml", overrides);

  ASSERT_FALSE(scenario);
  EXPECT_NE(scenario.error().message.find("covers 1998-06-25T22:00:01Z to 1998-06-27T22:00:01Z, the scenario needs "
                                          "1998-06-26T12:00:00Z to 1998-06-28T12:00:00Z"),
            std::string::npos)
      << scenario.error().message;
}

TEST(ScenarioLoaderTest, APolicyGivenByHandMustExist) {
  Overrides overrides;
  overrides.policies = {"no/such.yaml"};
  const auto scenario = load_scenario("scenarios/grand-final.yaml", overrides);

  ASSERT_FALSE(scenario);
  EXPECT_EQ(scenario.error().message, "--policy cannot open no/such.yaml: No such file or directory");
}

}  // namespace
}  // namespace sim
