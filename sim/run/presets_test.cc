#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <set>

#include "scaler/policy/policy_file.h"
#include "sim/cli/policy_table.h"
#include "sim/run/runner.h"
#include "sim/scenario/scenario_loader.h"

namespace sim {
namespace {

namespace fs = std::filesystem;

std::vector<fs::path> policy_files() {
  std::vector<fs::path> files;
  for (const fs::directory_entry& entry : fs::directory_iterator("scenarios/policies")) files.push_back(entry.path());
  std::sort(files.begin(), files.end());
  return files;
}

// Three minutes of a small night for every workload that the file scales: a crowd after the first.
std::string night(const fs::path& policy) {
  std::set<std::string> names;
  const auto specs = scaler::load_policies(policy);
  if (!specs) ADD_FAILURE() << specs.error().message;
  for (const scaler::PolicySpec& spec : *specs) {
    if (spec.target.kind == "Deployment") names.insert(spec.target.name);
  }
  std::string text =
      "apiVersion: gamenight/v1\nkind: Scenario\nmetadata: {name: small}\nspec:\n"
      "  startTime: \"2026-09-26T19:29:00+10:00\"\n  duration: 3m\n  seed: 5\n  traffic:\n    sources:\n";
  for (const std::string& name : names) {
    text += "      - {name: " + name + ", entry: " + name +
            ", profile: {interpolation: linear, points: [{at: 0s, rps: 100}, {at: 60s, rps: 100}, {at: 80s, rps: "
            "6000}]}}\n";
  }
  text += "    client: {timeout: 2s}\n  workloads:\n";
  for (const std::string& name : names) {
    text += "    - name: " + name +
            "\n      replicas: 4\n      workersPerPod: 8\n      queueLimit: 100\n"
            "      serviceTime: {distribution: exponential, mean: 40ms}\n"
            "      cpu: {request: 1000m, limit: 1000m, perRequest: 4ms, idle: 20m}\n"
            "      startup: {delay: 2s, distribution: lognormal, median: 10s, sigma: 0.5}\n";
  }
  text +=
      "  cluster:\n    nodePools:\n      - {name: general, nodes: 20, maxNodes: 40, allocatable: {cpu: 16, memory: "
      "64Gi}, "
      "provisioning: {delay: 60s}}\n  slo: {latency: 2s, percentile: p95}\n";
  return text;
}

PolicyResult run_text(const std::string& text, const fs::path& policy) {
  const auto* test = testing::UnitTest::GetInstance()->current_test_info();
  const fs::path file = fs::path(testing::TempDir()) / (std::string(test->name()) + policy.stem().string() + ".yaml");
  fs::create_directories(file.parent_path());
  std::ofstream(file) << text;
  Overrides overrides;
  overrides.policies = {policy.string()};
  const auto scenario = load_scenario(file, overrides);
  fs::remove(file);
  if (!scenario) {
    ADD_FAILURE() << scenario.error().message;
    return {};
  }
  RunControl control;
  auto result = run_scenario(*scenario, RunOptions{}, control);
  if (!result) {
    ADD_FAILURE() << policy << ": " << result.error().message;
    return {};
  }
  return std::move(result->policies.front());
}

PolicyResult run(const fs::path& policy) { return run_text(night(policy), policy); }
fs::path preset(const std::string& name) { return fs::path("scenarios/policies") / (name + ".yaml"); }

class PolicyFileTest : public testing::TestWithParam<fs::path> {};

TEST_P(PolicyFileTest, RunsAndDecides) {
  const PolicyResult outcome = run(GetParam());
  EXPECT_GT(outcome.summary.requests, 10'000U);
  EXPECT_FALSE(outcome.decisions.empty());
}

INSTANTIATE_TEST_SUITE_P(All, PolicyFileTest, testing::ValuesIn(policy_files()), [](const auto& tested) {
  std::string name = tested.param.stem().string();
  std::erase(name, '-');
  return name;
});

TEST(PresetsTest, TheSameNightIsTheSameAgain) {
  for (const char* name : {"kpa", "keda-prometheus", "human-operator", "gam-proxy", "panic"}) {
    EXPECT_EQ(run(preset(name)).decisions, run(preset(name)).decisions) << name;
  }
}

// The crowd is there after 80 s. Metrics of CPU need their resolution and the loop of an HPA, concurrency two seconds.
TEST(PresetsTest, AKpaReactsWithinSeconds) {
  const PolicyResult kpa = run(preset("kpa"));
  const PolicyResult hpa = run(preset("hpa-default"));
  ASSERT_GT(kpa.series.desired.size(), 90U);
  EXPECT_GT(kpa.series.desired[75], 20);
  EXPECT_GE(kpa.series.desired[90], 40);
  EXPECT_LT(kpa.summary.degradation_seconds, hpa.summary.degradation_seconds + 1);
}

TEST(PresetsTest, ATunerHearsTheAdviceOfItsFile) {
  const PolicyResult r = run(preset("gam-proxy"));
  const bool raised = std::any_of(r.decisions.begin(), r.decisions.end(), [](const std::string& line) {
    return line.find("\"field\":\"minReplicas\"") != std::string::npos &&
           line.find("\"final\":330") != std::string::npos;
  });
  EXPECT_TRUE(raised);
  EXPECT_EQ(r.series.desired.back(), 330);
}

// Two nodes hold 32 pods, the crowd needs more, and a node takes five minutes.
TEST(PresetsTest, DummyPodsShortenTheWaitForNodes) {
  const std::string text =
      "apiVersion: gamenight/v1\nkind: Scenario\nmetadata: {name: starved}\nspec:\n"
      "  startTime: \"2026-09-26T19:20:00+10:00\"\n  duration: 14m\n  traffic:\n    sources:\n"
      "      - {name: all, profile: {interpolation: linear, points: [{at: 0s, rps: 1000}, {at: 8m, rps: 1000}, {at: "
      "9m, "
      "rps: 8000}]}}\n    client: {timeout: 2s}\n"
      "  workload:\n    name: api\n    replicas: 20\n    workersPerPod: 8\n    queueLimit: 100\n"
      "    serviceTime: {distribution: exponential, mean: 40ms}\n"
      "    cpu: {request: 1000m, limit: 1000m, perRequest: 4ms, idle: 20m}\n    startup: {delay: 2s}\n"
      "  cluster:\n    nodePools:\n      - {name: general, nodes: 2, maxNodes: 20, allocatable: {cpu: 16, memory: "
      "64Gi}, "
      "provisioning: {delay: 300s}}\n  slo: {latency: 2s, percentile: p95}\n";
  const PolicyResult plain = run_text(text, preset("hpa-default"));
  const PolicyResult dummies = run_text(text, preset("dummy-pods"));

  EXPECT_GT(plain.summary.degradation_seconds, 120);
  EXPECT_LT(dummies.summary.degradation_seconds, plain.summary.degradation_seconds / 2);
  EXPECT_GT(dummies.summary.node_hours, plain.summary.node_hours);
  EXPECT_EQ(dummies.series.pods.front(), 20) << "pause pods are no pods of the night";
}

TEST(PresetsTest, EveryPresetSaysWhatItDoes) {
  const auto presets = find_presets("scenarios/policies");
  ASSERT_TRUE(presets);
  EXPECT_GE(presets->size(), 27U);
  for (const Preset& preset : *presets) EXPECT_FALSE(preset.comment.about.empty()) << preset.path;
}

}  // namespace
}  // namespace sim
