#include "fake-apiserver/controllers/disruption_controller.h"

#include "fake-apiserver/api/disruption_budgets.h"
#include "fake-apiserver/controllers/cluster_test_fixture.h"

namespace fakeapi {
namespace {

class DisruptionControllerTest : public ClusterTest {
 protected:
  void start_web(int replicas) {
    start(simple_options());
    create_deployment("web", {.replicas = replicas});
    clock_.run_for(1min);
    ASSERT_EQ(ready_pods(), static_cast<std::size_t>(replicas));
  }
  void guard(const Json& spec, const char* app = "web") {
    Json whole = spec;
    whole["selector"] = {{"matchLabels", {{"app", app}}}};
    create(kDisruptionBudgets, {{"apiVersion", "policy/v1"},
                                {"kind", "PodDisruptionBudget"},
                                {"metadata", {{"name", "b"}, {"namespace", "default"}}},
                                {"spec", std::move(whole)}});
    clock_.run_for(1s);
  }
  Json budget() const { return *store_.get(kDisruptionBudgets, {"default", "b"}).value(); }
  // disruptionsAllowed, currentHealthy, desiredHealthy, expectedPods
  std::string counts() const {
    std::string text;
    for (const char* field : {"disruptionsAllowed", "currentHealthy", "desiredHealthy", "expectedPods"}) {
      text += (text.empty() ? "" : "/") + std::to_string(int_at(budget(), {"status", field}, -1));
    }
    return text;
  }
  // Evicts the first pod that serves.
  bool evict_one() {
    for (const ObjectPtr& pod : pods()) {
      if (!is_ready(*pod)) continue;
      if (!take_disruption(store_, *pod, false)) return false;
      EXPECT_TRUE(store_.remove(resources::kPods, name_of(*pod), {}, 30s));
      return true;
    }
    return false;
  }
};

TEST_F(DisruptionControllerTest, ANumberOfPodsThatMustStay) {
  start_web(5);
  guard({{"minAvailable", 3}});
  EXPECT_EQ(counts(), "2/5/3/5");
  EXPECT_EQ(condition_text(budget(), "DisruptionAllowed"), "True SufficientPods");
  EXPECT_EQ(int_at(budget(), {"status", "observedGeneration"}), 1);
}

TEST_F(DisruptionControllerTest, SharesAreOfWhatTheDeploymentWantsAndRoundUp) {
  start_web(5);
  guard({{"minAvailable", "50%"}});
  EXPECT_EQ(counts(), "2/5/3/5");  // half of five is three
}

TEST_F(DisruptionControllerTest, AShareThatMayBeAwayRoundsUpToo) {
  start_web(5);
  guard({{"maxUnavailable", "30%"}});
  EXPECT_EQ(counts(), "2/5/3/5");  // 1.5 is two
}

TEST_F(DisruptionControllerTest, WhatIsNotReadyDoesNotCount) {
  start_web(4);
  guard({{"maxUnavailable", 1}});
  EXPECT_EQ(counts(), "1/4/3/4");
  change(
      resources::kPods, name_of(*pods().front()),
      [&](Json& pod) {
        set_condition(pod["status"], {"Ready", "False", "", ""}, clock_.now());
      },
      Part::kStatus);
  clock_.run_for(1s);
  EXPECT_EQ(counts(), "0/3/3/4");
  EXPECT_EQ(condition_text(budget(), "DisruptionAllowed"), "False InsufficientPods");
}

TEST_F(DisruptionControllerTest, EvictionsGoOnAsFastAsPodsComeBack) {
  start_web(4);
  guard({{"maxUnavailable", 1}});
  EXPECT_TRUE(evict_one());
  EXPECT_FALSE(evict_one());
  clock_.run_for(1s);
  EXPECT_EQ(counts(), "0/3/3/4");
  EXPECT_FALSE(evict_one());
  clock_.run_for(1min);
  EXPECT_EQ(counts(), "1/4/3/4");
  EXPECT_TRUE(evict_one());
}

TEST_F(DisruptionControllerTest, AnEvictionThatNobodySeesIsGivenUpAfterTwoMinutes) {
  start_web(4);
  guard({{"maxUnavailable", 1}});
  ASSERT_TRUE(take_disruption(store_, *pods().front(), false));
  clock_.run_for(119s);
  EXPECT_EQ(counts(), "0/3/3/4");
  clock_.run_for(2s);
  EXPECT_EQ(counts(), "1/4/3/4");
  EXPECT_FALSE(budget()["status"].contains("disruptedPods"));
}

TEST_F(DisruptionControllerTest, ABudgetForNobodyAllowsNothing) {
  start_web(2);
  guard({{"minAvailable", 1}}, "other");
  EXPECT_EQ(counts(), "0/0/1/0");
  EXPECT_EQ(events("b"), (std::vector<std::string>{"NoPods: No matching pods found"}));
}

TEST_F(DisruptionControllerTest, PodsOfControllersWithoutASizeCannotBeCounted) {
  ClusterOptions options = simple_options();
  options.controllers.set("garbagecollector", false);  // there is no such Job
  start(options);
  Json pod{{"apiVersion", "v1"}, {"kind", "Pod"}, {"metadata", {{"name", "p"}, {"namespace", "default"}}}};
  pod["metadata"]["labels"] = {{"app", "web"}};
  pod["metadata"]["ownerReferences"] =
      Json::array({{{"apiVersion", "batch/v1"}, {"kind", "Job"}, {"name", "j"}, {"uid", "u"}, {"controller", true}}});
  create(resources::kPods, pod);
  guard({{"maxUnavailable", 1}});
  EXPECT_EQ(condition_text(budget(), "DisruptionAllowed"), "False SyncFailed");
  EXPECT_EQ(int_at(budget(), {"status", "disruptionsAllowed"}, -1), 0);
}

TEST_F(DisruptionControllerTest, AnotherSelectorGuardsOthers) {
  start_web(5);
  guard({{"minAvailable", 3}});
  create_deployment("db", {.replicas = 2});
  clock_.run_for(1min);
  EXPECT_EQ(counts(), "2/5/3/5");
  change(kDisruptionBudgets, {"default", "b"},
         [](Json& budget) { budget["spec"]["selector"]["matchLabels"]["app"] = "db"; });
  clock_.run_for(1s);
  EXPECT_EQ(counts(), "0/2/3/2");
  scale("db", 4);
  clock_.run_for(1min);
  EXPECT_EQ(counts(), "1/4/3/4");
}

}  // namespace
}  // namespace fakeapi
