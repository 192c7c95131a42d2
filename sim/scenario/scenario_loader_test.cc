#include "sim/scenario/scenario_loader.h"

#include <gtest/gtest.h>

#include "sim/scenario/scenario_test_support.h"

namespace sim {
namespace {

using namespace std::chrono_literals;

constexpr const char* kHpa =
    "apiVersion: autoscaling/v2\nkind: HorizontalPodAutoscaler\nmetadata: {name: plain}\nspec:\n"
    "  scaleTargetRef: {apiVersion: apps/v1, kind: Deployment, name: NAME}\n  minReplicas: 1\n  maxReplicas: 5\n";

std::string hpa_of(const std::string& workload) {
  std::string text = kHpa;
  return text.replace(text.find("NAME"), 4, workload);
}

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
  ASSERT_EQ(s.system.sources.size(), 1U);
  EXPECT_DOUBLE_EQ(s.system.sources[0].traffic.profile.rate_at(60 * kSecond), 2000);
  EXPECT_DOUBLE_EQ(s.system.sources[0].traffic.profile.rate_at(645 * kSecond), 31000);
  EXPECT_DOUBLE_EQ(s.system.sources[0].traffic.profile.rate_at(700 * kSecond), 60000);
  EXPECT_EQ(s.system.client.attempts.timeout, 2 * kSecond);
  EXPECT_EQ(s.service().queue_limit, 100U);
  EXPECT_EQ(s.service().workers, 8U);
  EXPECT_EQ(s.service().cpu.limit, 1.0);
  EXPECT_EQ(s.service().cpu.per_request, 4 * kMillisecond);
  EXPECT_EQ(s.service().cpu.per_rejection, 4 * kMillisecond);
  EXPECT_EQ(s.workload().container_delay, 2s);
  EXPECT_EQ(s.workload().boot->kind, DelaySpec::Kind::kLognormal);
  EXPECT_EQ(s.workload().boot->median, 25s);
  EXPECT_EQ(s.workload().readiness_probe->period, 5s);
  ASSERT_EQ(s.cluster.node_pools.size(), 1U);
  EXPECT_EQ(s.cluster.node_pools[0].max_nodes, 200);
  EXPECT_DOUBLE_EQ(s.system.slo.percentile, 0.95);
  ASSERT_EQ(s.policies.size(), 4U);
  EXPECT_EQ(s.policies[0].name, "hpa-default");
  EXPECT_EQ(s.policies[1].name, "hpa-tuner");
  EXPECT_EQ(s.policies[1].specs.size(), 2U);
  EXPECT_EQ(s.events.at(0).name, "kick-off");
}

TEST(ScenarioLoaderTest, ReadsATraceAndSqueezesIt) {
  const Scenario s = shipped("wc98-0626.yaml");
  const RateProfile& rate = s.system.sources.at(0).traffic.profile;

  // Held from 13:30 until 13:57:30, then twelve times as fast, held again until 14:15.
  const Ticks from = 90 * 60 * kSecond;
  EXPECT_DOUBLE_EQ(rate.rate_at(from + kSecond), rate.rate_at(from + 27 * 60 * kSecond));
  EXPECT_NE(rate.rate_at(from + 28 * 60 * kSecond), rate.rate_at(from + kSecond));
  EXPECT_EQ(s.system.client.attempts.max_retries, 2U);
  EXPECT_DOUBLE_EQ(*s.system.client.attempts.budget, 0.1);
  EXPECT_DOUBLE_EQ(s.system.arrivals.dispersion, 2.5);
}

TEST(ScenarioLoaderTest, StationaryScenariosHaveNoPoliciesAndNoLimits) {
  const Scenario s = shipped("stationary/mm5.yaml");

  EXPECT_TRUE(s.policies.empty());
  EXPECT_FALSE(s.system.client.attempts.timeout);
  EXPECT_FALSE(s.service().queue_limit);
  EXPECT_EQ(s.system.warmup, 600 * kSecond);
  EXPECT_FALSE(s.workload().boot);
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
  EXPECT_EQ(s.system.duration, 300 * kSecond);
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

TEST(ScenarioLoaderTest, APolicyMayScaleAnyWorkloadThatIsNotFixed) {
  const ScenarioFolder folder;
  folder.write("hpa.yaml", hpa_of("home"));
  NightText night;
  night.workloads = many_workloads({"name: api", "name: home", "name: db, fixed: true"});
  night.rest = "  policies: [hpa.yaml]\n";
  EXPECT_EQ(folder.load(night).policies.at(0).specs.at(0).target_path(), "default/home");

  folder.write("hpa.yaml", hpa_of("hone"));
  EXPECT_EQ(folder.refusal(night),
            "hpa.yaml:5:65: no Deployment \"default/hone\"; there is \"default/api\", \"default/home\"; did you mean "
            "\"default/home\"?");
  folder.write("hpa.yaml", hpa_of("db"));
  EXPECT_EQ(folder.refusal(night), "hpa.yaml:5:65: \"default/db\" is fixed, nothing scales it");
}

TEST(ScenarioLoaderTest, AnEventIsATimeOrADurationSinceTheStart) {
  const ScenarioFolder folder;
  NightText night;
  night.rest = "  events: [{name: kick-off, at: 10m}, {name: whistle, at: \"2026-09-26T09:45:00Z\"}]\n";
  const Scenario s = folder.load(night);

  EXPECT_EQ(s.events.at(0).at, s.start + 10min);
  EXPECT_EQ(s.events.at(1).at, s.start + 25min);
}

struct Case {
  const char* name;
  const char* times;
  const char* complaint;
  friend void PrintTo(const Case& c, std::ostream* out) { *out << c.name; }
};

class RefusedTimes : public testing::TestWithParam<Case> {};

TEST_P(RefusedTimes, SayWhatIsWrongAndWhere) {
  const ScenarioFolder folder;
  NightText night;
  night.times = GetParam().times;

  EXPECT_EQ(folder.refusal(night), GetParam().complaint);
}

INSTANTIATE_TEST_SUITE_P(
    All, RefusedTimes,
    testing::Values(Case{"AYear", "  startTime: \"2026-01-01T00:00:00Z\"\n  duration: 365d\n",
                         "night.yaml:6:13: duration must be at most 31d, is 8760h"},
                    Case{"TheLongestDuration",
                         "  startTime: \"2026-01-01T00:00:00Z\"\n  duration: 9223372036854775807ns\n",
                         "night.yaml:6:13: duration must be at most 31d, is 2562047h47m16s854ms775us807ns"},
                    Case{"BeyondTheLongest",
                         "  startTime: \"2026-01-01T00:00:00Z\"\n  duration: 9223372036854775808ns\n",
                         "night.yaml:6:13: duration must be a duration with its unit, such as 90s, 1h30m or 250ms, is "
                         "\"9223372036854775808ns\""},
                    Case{"NoTime", "  startTime: \"2026-01-01T00:00:00Z\"\n  duration: 0s\n",
                         "night.yaml:6:13: duration must be positive"},
                    Case{"HalfASecond", "  startTime: \"2026-01-01T00:00:00Z\"\n  duration: 1500ms\n",
                         "night.yaml:6:13: duration must be whole seconds, is 1s500ms"},
                    Case{"OnlyWarmUp", "  startTime: \"2026-01-01T00:00:00Z\"\n  duration: 1m\n  warmup: 1m\n",
                         "night.yaml:7:11: warmup must be shorter than the duration"},
                    Case{"LongAgo", "  startTime: \"1768-01-01T00:00:00Z\"\n  duration: 1m\n",
                         "night.yaml:5:14: startTime must lie between 1970 and 2199, is 1768-01-01T00:00:00Z"},
                    Case{"FarAway", "  startTime: \"2250-04-11T23:47:16Z\"\n  duration: 1m\n",
                         "night.yaml:5:14: startTime must lie between 1970 and 2199, is 2250-04-11T23:47:16Z"},
                    Case{"NegativeSeed", "  startTime: \"2026-01-01T00:00:00Z\"\n  duration: 1m\n  seed: -1\n",
                         "night.yaml:7:9: seed must be at least 0, is -1"}),
    [](const auto& c) { return c.param.name; });

}  // namespace
}  // namespace sim
