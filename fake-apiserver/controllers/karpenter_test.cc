#include "fake-apiserver/controllers/karpenter.h"

#include <map>

#include "fake-apiserver/controllers/cluster_test_fixture.h"

namespace fakeapi {
namespace {

class KarpenterTest : public ClusterTest {
 protected:
  static ClusterOptions with_karpenter() {
    ClusterOptions options = simple_options();
    options.node_pools[0].cpu = "2";
    options.karpenter.emplace();
    options.karpenter->registration = Delay::fixed(45s);
    options.karpenter->readiness = Delay::fixed(10s);
    return options;
  }
  // By instance type, those of the pool as "".
  std::map<std::string, int> nodes_by_type() const {
    std::map<std::string, int> counts;
    for (const ObjectPtr& node : nodes()) {
      ++counts[text_at(*node, {"metadata", "labels", "node.kubernetes.io/instance-type"})];
    }
    return counts;
  }
  static bool is_cordoned(const ObjectPtr& node) { return bool_at(*node, {"spec", "unschedulable"}); }
  void let_stay(int healthy) {
    change(kBudgets, {"default", "all"}, [&](Json& budget) { budget["spec"]["minAvailable"] = healthy; });
    clock_.run_for(1s);
  }
  // A node of two pods is being drained that the second of them may not leave any more; its name.
  std::string begin_drain_that_is_held_up(bool cordoned_before) {
    start(with_karpenter());
    create_deployment("web", {.replicas = 3, .cpu = "1500m"});
    clock_.run_for(70s);
    EXPECT_EQ(nodes_by_type(), (std::map<std::string, int>{{"", 1}, {"medium", 1}}));
    create(kBudgets, {{"metadata", {{"name", "all"}, {"namespace", "default"}}},
                      {"spec", {{"minAvailable", 3}, {"selector", {{"matchLabels", {{"app", "web"}}}}}}}});
    std::string name;
    for (const ObjectPtr& node : nodes()) {
      if (name_of(*node).name != "n-0") name = name_of(*node).name;
    }
    if (cordoned_before) {
      change(resources::kNodes, {"", name}, [](Json& node) { node["spec"]["unschedulable"] = true; });
    }
    change(
        resources::kNodes, {"", "n-0"}, [](Json& node) { node["status"]["allocatable"]["cpu"] = "64"; }, Part::kAll);
    clock_.run_for(5min);
    EXPECT_EQ(ready_pods(), 3u);
    let_stay(2);
    for (int i = 0; i < 100 && ready_pods() == 3; ++i) clock_.run_for(200ms);
    let_stay(3);
    return name;
  }

  static inline const Resource kBudgets{"policy", "poddisruptionbudgets"};
};

using ByType = std::map<std::string, int>;

TEST_F(KarpenterTest, ABatchOfPodsGetsTheCheapestNodeThatTakesThemAll) {
  start(with_karpenter());
  create_deployment("web", {.replicas = 5, .cpu = "1500m"});  // one fits on the pool's node
  clock_.run_for(80ms + 1s + 45s - 100ms);
  EXPECT_EQ(nodes_by_type(), (ByType{{"", 1}}));
  clock_.run_for(500ms);
  EXPECT_EQ(nodes_by_type(), (ByType{{"", 1}, {"large", 1}}));  // four of 1.5 cores want 6 of 8
  const Json node = *nodes()[0];
  EXPECT_EQ(condition_text(node, "Ready"), "False KubeletNotReady");
  EXPECT_EQ(text_at(node["spec"]["taints"][0], {"key"}), "node.kubernetes.io/not-ready");
  EXPECT_EQ(ready_pods(), 1u);
  clock_.run_for(10s + 15s);  // Ready, then the end of the back-off and the start of the pods
  EXPECT_EQ(condition_text(*nodes()[0], "Ready"), "True KubeletReady");
  EXPECT_FALSE(nodes()[0]->at("spec").contains("taints"));
  EXPECT_EQ(ready_pods(), 5u);
}

TEST_F(KarpenterTest, ABatchWaitsForASecondOfQuietButNoLongerThanTen) {
  start(with_karpenter());
  for (int i = 0; i < 24; ++i) {
    create(resources::kPods,
           {{"metadata", {{"name", "p" + std::to_string(i)}, {"namespace", "default"}}},
            {"spec",
             {{"containers", Json::array({{{"name", "app"}, {"resources", {{"requests", {{"cpu", "1900m"}}}}}}})}}}});
    clock_.run_for(500ms);
  }
  // Unbroken for 12 s: the first batch was closed after ten, so its nodes register before those of the rest.
  clock_.run_until(kClusterStart + 50ms + 500ms + 10s + 45s + 100ms);
  EXPECT_GT(nodes().size(), 1u);
  clock_.run_for(5min);
  EXPECT_EQ(count_pods(is_bound), 24u);
}

TEST_F(KarpenterTest, EmptyNodesGoAndPodsOfLittleUsedOnesAreMoved) {
  start(with_karpenter());
  create_deployment("web", {.replicas = 5, .cpu = "1500m"});
  clock_.run_for(2min);
  ASSERT_EQ(nodes_by_type(), (ByType{{"", 1}, {"large", 1}}));
  scale("web", 1);
  clock_.run_for(5min);
  EXPECT_EQ(nodes_by_type(), (ByType{{"", 1}}));
  EXPECT_EQ(ready_pods(), 1u);
}

TEST_F(KarpenterTest, ABudgetHoldsADrainUp) {
  start(with_karpenter());
  create_deployment("web", {.replicas = 2, .cpu = "1500m"});
  clock_.run_for(2min);
  ASSERT_EQ(nodes().size(), 2u);
  create(Resource{"policy", "poddisruptionbudgets"},
         {{"metadata", {{"name", "all"}, {"namespace", "default"}}},
          {"spec", {{"minAvailable", 2}, {"selector", {{"matchLabels", {{"app", "web"}}}}}}}});
  change(
      resources::kNodes, {"", "n-0"}, [](Json& node) { node["status"]["allocatable"]["cpu"] = "64"; }, Part::kAll);
  clock_.run_for(5min);
  EXPECT_EQ(nodes().size(), 2u);
  EXPECT_EQ(ready_pods(), 2u);
  for (const ObjectPtr& node : nodes()) EXPECT_FALSE(is_cordoned(node));  // it was not even begun
  ASSERT_TRUE(store_.remove(Resource{"policy", "poddisruptionbudgets"}, {"default", "all"}, {}));
  clock_.run_for(15min);
  EXPECT_EQ(nodes().size(), 1u);
  EXPECT_EQ(ready_pods(), 2u);
}

TEST_F(KarpenterTest, ANodeThatWasGivenUpRestsBeforeItIsDrainedAgain) {
  const ObjectName name{"", begin_drain_that_is_held_up(false)};
  ASSERT_TRUE(is_cordoned(store_.find(resources::kNodes, name)));
  clock_.run_for(10min + 10s);
  ASSERT_FALSE(is_cordoned(store_.find(resources::kNodes, name)));
  EXPECT_FALSE(field_at(*store_.find(resources::kNodes, name), {"metadata", "annotations"}));
  let_stay(2);
  clock_.run_for(2min);
  EXPECT_FALSE(is_cordoned(store_.find(resources::kNodes, name)));
  clock_.run_for(3min);
  EXPECT_FALSE(store_.find(resources::kNodes, name));
  EXPECT_EQ(ready_pods(), 3u);
}

TEST_F(KarpenterTest, ANodeThatWasCordonedBeforeItsDrainStaysSoWhenThatIsGivenUp) {
  const ObjectName name{"", begin_drain_that_is_held_up(true)};
  const auto annotations = [&] { return field_at(*store_.find(resources::kNodes, name), {"metadata", "annotations"}); };
  ASSERT_TRUE(annotations());
  clock_.run_for(10min + 10s);
  EXPECT_FALSE(annotations());
  EXPECT_TRUE(is_cordoned(store_.find(resources::kNodes, name)));
}

TEST_F(KarpenterTest, APodThatFitsNowhereDoesNotKeepNodesThatNobodyNeeds) {
  start(with_karpenter());
  create_deployment("huge", {.replicas = 1, .cpu = "100"});
  create_deployment("web", {.replicas = 5, .cpu = "1500m"});
  clock_.run_for(2min);
  ASSERT_EQ(nodes_by_type(), (ByType{{"", 1}, {"large", 1}}));
  scale("web", 1);
  clock_.run_for(5min);
  EXPECT_EQ(nodes_by_type(), (ByType{{"", 1}}));
  EXPECT_EQ(ready_pods(), 1u);
}

TEST_F(KarpenterTest, WhatNoInstanceTakesWaits) {
  start(with_karpenter());
  create_deployment("huge", {.replicas = 1, .cpu = "100"});
  clock_.run_for(5min);
  EXPECT_EQ(nodes().size(), 1u);
}

TEST_F(KarpenterTest, APodThatNothingWasDoneForIsSeenAgain) {
  ClusterOptions options = with_karpenter();
  options.karpenter->max_nodes = 1;
  start(options);
  const auto create_pod = [&](const char* name) {
    create(
        resources::kPods,
        {{"metadata", {{"name", name}, {"namespace", "default"}}},
         {"spec", {{"containers", Json::array({{{"name", "app"}, {"resources", {{"requests", {{"cpu", "6"}}}}}}})}}}});
  };
  const auto node_of = [&](const char* name) {
    const ObjectPtr pod = store_.find(resources::kPods, {"default", name});
    return pod ? text_at(*pod, {"spec", "nodeName"}) : "";
  };
  create_pod("first");
  clock_.run_for(2min);
  create_pod("second");
  clock_.run_for(2min);
  ASSERT_NE(node_of("first"), "");
  ASSERT_EQ(node_of("second"), "");
  ASSERT_TRUE(store_.remove(resources::kNodes, {"", node_of("first")}, {}));
  clock_.run_for(5min);
  EXPECT_NE(node_of("second"), "");
}

}  // namespace
}  // namespace fakeapi
