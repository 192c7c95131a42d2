#include "fake-apiserver/controllers/scheduler.h"

#include <map>

#include "fake-apiserver/controllers/cluster_test_fixture.h"

namespace fakeapi {
namespace {

class SchedulerTest : public ClusterTest {
 protected:
  static ClusterOptions nodes_of(int count, const char* cpu) {
    ClusterOptions options = simple_options();
    options.node_pools[0].nodes = count;
    options.node_pools[0].max_nodes = count;
    options.node_pools[0].cpu = cpu;
    return options;
  }
  void create_pod(const std::string& name, const char* cpu, int priority = 0) {
    create(resources::kPods,
           {{"metadata", {{"name", name}, {"namespace", "default"}}},
            {"spec",
             {{"priority", priority},
              {"containers", Json::array({{{"name", "app"}, {"resources", {{"requests", {{"cpu", cpu}}}}}}})}}}});
  }
  // Labelled app=<app>.
  void create_labelled(const std::string& name, const std::string& app, const Json& spec) {
    Json whole{{"containers", Json::array({{{"name", "app"}}})}};
    whole.update(spec);
    create(resources::kPods,
           {{"metadata", {{"name", name}, {"namespace", "default"}, {"labels", {{"app", app}}}}}, {"spec", whole}});
  }
  // `kind` of affinity to pods labelled app=<app> on the same node.
  static Json affinity(const char* kind, const char* app) {
    const Json term{{"labelSelector", {{"matchLabels", {{"app", app}}}}}, {"topologyKey", "kubernetes.io/hostname"}};
    return {{"affinity", {{kind, {{"requiredDuringSchedulingIgnoredDuringExecution", Json::array({term})}}}}}};
  }
  void relabel(const std::string& name, const std::string& app) {
    change(
        resources::kPods, {"default", name}, [&](Json& object) { object["metadata"]["labels"]["app"] = app; },
        Part::kAll);
  }
  Json pod(const std::string& name) const { return *store_.get(resources::kPods, {"default", name}).value(); }
  std::string node_of(const std::string& name) const { return text_at(pod(name), {"spec", "nodeName"}); }
};

TEST_F(SchedulerTest, BindsAfterItsDelayAndSaysSo) {
  ClusterOptions options = nodes_of(1, "4");
  options.scheduling_delay = 300ms;
  start(options);
  create_pod("a", "1");
  clock_.run_for(299ms);
  EXPECT_FALSE(is_bound(pod("a")));
  clock_.run_for(1ms);
  EXPECT_EQ(node_of("a"), "n-0");
  EXPECT_EQ(condition_text(pod("a"), "PodScheduled"), "True ");
  EXPECT_EQ(events("a"), (std::vector<std::string>{"Scheduled: Successfully assigned default/a to n-0"}));
}

TEST_F(SchedulerTest, SpreadsOverTheNodes) {
  start(nodes_of(4, "8"));
  create_deployment("web", {.replicas = 8, .cpu = "1"});
  clock_.run_for(10s);
  std::map<std::string, int> by_node;
  for (const ObjectPtr& p : pods()) ++by_node[text_at(*p, {"spec", "nodeName"})];
  EXPECT_EQ(by_node, (std::map<std::string, int>{{"n-0", 2}, {"n-1", 2}, {"n-2", 2}, {"n-3", 2}}));
}

TEST_F(SchedulerTest, WhatDoesNotFitWaitsWithTheReason) {
  start(nodes_of(3, "1"));
  for (const char* name : {"a", "b", "c", "d"}) create_pod(name, "800m");
  clock_.run_for(1s);

  EXPECT_FALSE(is_bound(pod("d")));
  EXPECT_EQ(condition_text(pod("d"), "PodScheduled"), "False Unschedulable");
  EXPECT_EQ(text_at(*find_condition(pod("d"), "PodScheduled"), {"message"}),
            "0/3 nodes are available: 3 Insufficient cpu.");
  EXPECT_EQ(text_at(pod("d"), {"status", "phase"}), "");  // as it was created
  EXPECT_EQ(events("d"), (std::vector<std::string>{"FailedScheduling: 0/3 nodes are available: 3 Insufficient cpu."}));

  ASSERT_TRUE(store_.remove(resources::kPods, {"default", "b"}, {}));
  clock_.run_for(1s);
  EXPECT_EQ(node_of("d"), "n-1");
  EXPECT_EQ(condition_text(pod("d"), "PodScheduled"), "True ");
}

TEST_F(SchedulerTest, ATerminatingPodHoldsItsPlaceUntilItIsGone) {
  ClusterOptions options = nodes_of(1, "1");
  options.pod_start.termination_delay = 20s;
  start(options);
  create_pod("a", "1");
  clock_.run_for(10s);
  create_pod("b", "1");
  ASSERT_TRUE(store_.remove(resources::kPods, {"default", "a"}, {}, 30s));
  clock_.run_for(19s);
  EXPECT_FALSE(is_bound(pod("b")));
  clock_.run_for(2s);
  EXPECT_TRUE(is_bound(pod("b")));
}

TEST_F(SchedulerTest, PriorityGoesBeforeAge) {
  start(nodes_of(1, "1"));
  create(resources::kPriorityClasses, {{"metadata", {{"name", "high"}}}, {"value", 1000}});
  create_pod("old", "600m");
  create_pod("young", "600m", 5);
  create(resources::kPods, {{"metadata", {{"name", "vip"}, {"namespace", "default"}}},
                            {"spec",
                             {{"priorityClassName", "high"},
                              {"containers", Json::array({{{"resources", {{"requests", {{"cpu", "300m"}}}}}}})}}}});
  clock_.run_for(1s);
  EXPECT_TRUE(is_bound(pod("vip")));
  EXPECT_TRUE(is_bound(pod("young")));
  EXPECT_FALSE(is_bound(pod("old")));
}

TEST_F(SchedulerTest, ANodeTakes110PodsAtMost) {
  start(nodes_of(1, "1000"));
  create_deployment("web", {.replicas = 115, .cpu = "1m", .memory = "1Mi"});
  clock_.run_for(10s);
  EXPECT_EQ(count_pods(is_bound), 110u);
  const auto waiting = count_pods([](const Json& p) {
    const Json* scheduled = find_condition(p, "PodScheduled");
    return scheduled && text_at(*scheduled, {"message"}) == "0/1 nodes are available: 1 Too many pods.";
  });
  EXPECT_EQ(waiting, 5u);
}

TEST_F(SchedulerTest, ACordonedNodeGetsNoPodsUntilItIsFreed) {
  start(nodes_of(1, "4"));
  change(resources::kNodes, {"", "n-0"}, [](Json& node) { node["spec"]["unschedulable"] = true; });
  create_pod("a", "1");
  clock_.run_for(1s);
  EXPECT_EQ(text_at(*find_condition(pod("a"), "PodScheduled"), {"message"}),
            "0/1 nodes are available: 1 node(s) were unschedulable.");
  change(resources::kNodes, {"", "n-0"}, [](Json& node) { node["spec"].erase("unschedulable"); });
  clock_.run_for(1s);
  EXPECT_EQ(node_of("a"), "n-0");
}

TEST_F(SchedulerTest, PodsOfAnotherSchedulerAreLeftAlone) {
  start(nodes_of(1, "4"));
  create(resources::kPods, {{"metadata", {{"name", "a"}, {"namespace", "default"}}},
                            {"spec", {{"schedulerName", "mine"}, {"containers", Json::array()}}}});
  clock_.run_for(1min);
  EXPECT_FALSE(is_bound(pod("a")));
}

TEST_F(SchedulerTest, TheReasonOfAPodThatWaitsIsRenewedAfterTenSeconds) {
  start(nodes_of(1, "1"));
  create_pod("a", "800m");
  create_pod("b", "800m");
  clock_.run_for(1s);
  const auto reason = [&] { return text_at(*find_condition(pod("b"), "PodScheduled"), {"message"}); };
  const auto add_node = [&](const char* name) {
    Json node = *nodes()[0];
    node["metadata"] = {{"name", name}};
    node["spec"] = {{"unschedulable", true}};
    create(resources::kNodes, node);
    clock_.run_for(1s);
  };
  add_node("x");
  EXPECT_EQ(reason(), "0/1 nodes are available: 1 Insufficient cpu.");
  clock_.run_for(8s);
  add_node("y");
  EXPECT_EQ(reason(), "0/3 nodes are available: 1 Insufficient cpu, 2 node(s) were unschedulable.");
}

TEST_F(SchedulerTest, AChangeOfAWaitingPodsSpecIsSeen) {
  start(nodes_of(1, "4"));
  create(resources::kPods, {{"metadata", {{"name", "a"}, {"namespace", "default"}}},
                            {"spec", {{"nodeSelector", {{"disk", "ssd"}}}, {"containers", Json::array()}}}});
  clock_.run_for(1s);
  EXPECT_FALSE(is_bound(pod("a")));
  change(resources::kPods, {"default", "a"}, [](Json& object) { object["spec"].erase("nodeSelector"); });
  change(resources::kNodes, {"", "n-0"}, [](Json& node) { node["metadata"]["labels"]["new"] = "label"; });
  clock_.run_for(1s);
  EXPECT_TRUE(is_bound(pod("a")));
}

TEST_F(SchedulerTest, ARefusalByLabelsSaysNothingOfPodsWithOthers) {
  start(nodes_of(1, "8"));
  const Json apart = {{"labelSelector", {{"matchLabels", {{"app", "x"}}}}}, {"topologyKey", "kubernetes.io/hostname"}};
  const auto labelled = [&](const char* name, const Json& affinity) {
    Json spec{{"containers", Json::array({{{"name", "app"}}})}};
    if (!affinity.is_null()) spec["affinity"] = affinity;
    create(resources::kPods,
           {{"metadata", {{"name", name}, {"namespace", "default"}, {"labels", {{"app", name}}}}}, {"spec", spec}});
  };
  labelled("guard", {{"podAntiAffinity", {{"requiredDuringSchedulingIgnoredDuringExecution", Json::array({apart})}}}});
  clock_.run_for(1s);
  ASSERT_TRUE(is_bound(pod("guard")));
  labelled("x", nullptr);
  labelled("y", nullptr);
  clock_.run_for(1s);
  EXPECT_FALSE(is_bound(pod("x")));
  EXPECT_TRUE(is_bound(pod("y")));
}

TEST_F(SchedulerTest, AWorkloadIsSpreadOverNodesIfThatIsAskedFor) {
  for (const bool spread : {false, true}) {
    cluster_.reset();
    for (const Resource& kind :
         {resources::kPods, resources::kReplicaSets, resources::kDeployments, resources::kNodes}) {
      for (const ObjectPtr& object : store_.list(kind)) (void)store_.remove(kind, name_of(*object), {});
    }
    ClusterOptions options = nodes_of(2, "64");
    options.spread_over_hosts = spread;
    start(options);
    create(
        resources::kPods,
        {{"metadata", {{"name", "filler"}, {"namespace", "default"}}},
         {"spec",
          {{"nodeSelector", {{"kubernetes.io/hostname", "n-0"}}},
           {"containers",
            Json::array({{{"name", "app"}, {"resources", {{"requests", {{"cpu", "32"}, {"memory", "128Gi"}}}}}}})}}}});
    clock_.run_for(1s);
    create_deployment("web", {.replicas = 4, .cpu = "1", .memory = "1Gi"});
    clock_.run_for(10s);
    const auto on = [&](const char* node) {
      return count_pods([&](const Json& p) {
        return text_at(p, {"metadata", "labels", "app"}) == "web" && text_at(p, {"spec", "nodeName"}) == node;
      });
    };
    EXPECT_EQ(on("n-0"), spread ? 2u : 0u);
    EXPECT_EQ(on("n-1"), spread ? 2u : 4u);
  }
}

TEST_F(SchedulerTest, APodThatWaitsForAnotherFollowsWhenThatArrives) {
  start(nodes_of(2, "8"));
  create_labelled("a", "a", affinity("podAffinity", "b"));
  clock_.run_for(20s);
  ASSERT_FALSE(is_bound(pod("a")));
  create_labelled("b", "b", Json::object());
  clock_.run_for(1s);
  ASSERT_TRUE(is_bound(pod("b")));
  EXPECT_EQ(node_of("a"), node_of("b"));
}

TEST_F(SchedulerTest, ThatOneArrivesDoesNotCutABackOffShort) {
  start(nodes_of(1, "8"));
  create_labelled("a", "a", affinity("podAffinity", "b"));
  clock_.run_for(200ms);  // the first back-off has begun and takes a second
  create_labelled("b", "b", Json::object());
  clock_.run_for(500ms);
  ASSERT_TRUE(is_bound(pod("b")));
  EXPECT_FALSE(is_bound(pod("a")));
  clock_.run_for(500ms);
  EXPECT_TRUE(is_bound(pod("a")));
}

TEST_F(SchedulerTest, APodThatWaitsForTheOthersToSpreadFollowsThem) {
  start(nodes_of(2, "8"));
  const Json taint{{"key", "k"}, {"effect", "NoSchedule"}};
  change(resources::kNodes, {"", "n-1"}, [&](Json& node) { node["spec"]["taints"] = Json::array({taint}); });
  const Json even{{"maxSkew", 1},
                  {"topologyKey", "kubernetes.io/hostname"},
                  {"whenUnsatisfiable", "DoNotSchedule"},
                  {"labelSelector", {{"matchLabels", {{"app", "x"}}}}}};
  const Json spread{{"topologySpreadConstraints", Json::array({even})}};
  create_labelled("x1", "x", spread);
  clock_.run_for(1s);
  create_labelled("x2", "x", spread);
  clock_.run_for(20s);
  ASSERT_EQ(node_of("x1"), "n-0");
  ASSERT_FALSE(is_bound(pod("x2")));
  create_labelled("x3", "x", {{"nodeName", "n-1"}});
  clock_.run_for(1s);
  EXPECT_EQ(node_of("x2"), "n-0");
}

TEST_F(SchedulerTest, ANewLabelOfAPodOnANodeIsNewsToThoseThatWait) {
  start(nodes_of(1, "8"));
  create_labelled("there", "x", Json::object());
  clock_.run_for(1s);
  create_labelled("shy", "shy", affinity("podAntiAffinity", "x"));
  create_labelled("friend", "friend", affinity("podAffinity", "y"));
  clock_.run_for(20s);
  ASSERT_FALSE(is_bound(pod("shy")));
  ASSERT_FALSE(is_bound(pod("friend")));
  relabel("there", "y");
  clock_.run_for(1s);
  EXPECT_TRUE(is_bound(pod("shy")));
  EXPECT_TRUE(is_bound(pod("friend")));
}

TEST_F(SchedulerTest, AWaitingPodIsTriedWithItsNewLabels) {
  start(nodes_of(1, "8"));
  create_labelled("guard", "guard", affinity("podAntiAffinity", "z"));
  clock_.run_for(1s);
  create_labelled("z", "z", Json::object());
  clock_.run_for(20s);
  ASSERT_FALSE(is_bound(pod("z")));
  relabel("z", "other");
  clock_.run_for(1s);
  EXPECT_TRUE(is_bound(pod("z")));
}

TEST_F(SchedulerTest, WhatWaitsForRoomAloneIsNotTriedWhenAPodArrives) {
  start(nodes_of(1, "1"));
  create_pod("big", "2");
  clock_.run_for(20s);
  const auto told = [&] { return int_at(*store_.list(resources::kEvents).at(0), {"count"}, 1); };
  const std::int64_t before = told();
  create_pod("small", "100m");
  clock_.run_for(1min);
  ASSERT_TRUE(is_bound(pod("small")));
  EXPECT_EQ(events("big").size(), 1u);
  EXPECT_EQ(told(), before);
}

TEST_F(SchedulerTest, WhatHeartbeatsSayTriesNobodyAgain) {
  start(nodes_of(1, "1"));
  create_pod("a", "800m");
  create_pod("b", "800m");
  clock_.run_for(20s);
  const auto refusals = [&] {
    std::int64_t count = 0;
    for (const ObjectPtr& event : store_.list(resources::kEvents)) {
      if (text_at(*event, {"reason"}) == "FailedScheduling") count += int_at(*event, {"count"}, 1);
    }
    return count;
  };
  const std::int64_t before = refusals();
  for (int i = 0; i < 20; ++i) {
    change(
        resources::kNodes, {"", "n-0"},
        [&](Json& node) { node["status"]["conditions"][0]["lastHeartbeatTime"] = std::to_string(i); }, Part::kStatus);
    clock_.run_for(10s);
  }
  EXPECT_EQ(refusals(), before);
}

}  // namespace
}  // namespace fakeapi
