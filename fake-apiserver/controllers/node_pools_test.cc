#include "fake-apiserver/controllers/node_pools.h"

#include <algorithm>
#include <map>
#include <set>

#include "fake-apiserver/controllers/cluster_test_fixture.h"

namespace fakeapi {
namespace {

class NodePoolsTest : public ClusterTest {
 protected:
  // Nodes of four cores that come 100 s after they are asked for.
  static ClusterOptions pool(int nodes, int max_nodes) {
    ClusterOptions options = simple_options();
    options.node_pools[0].nodes = nodes;
    options.node_pools[0].max_nodes = max_nodes;
    options.node_pools[0].cpu = "4";
    options.node_pools[0].provisioning = Delay::fixed(100s);
    return options;
  }
  std::set<std::string> node_names() const {
    std::set<std::string> names;
    for (const ObjectPtr& node : nodes()) names.insert(name_of(*node).name);
    return names;
  }
};

TEST_F(NodePoolsTest, TheInitialNodesAreThereAndReadyAtOnce) {
  ClusterOptions options = pool(3, 120);
  start(options);
  EXPECT_EQ(node_names(), (std::set<std::string>{"n-000", "n-001", "n-002"}));
  for (const ObjectPtr& each : nodes()) EXPECT_TRUE(is_ready(*each));
  const Json node = *nodes()[0];
  EXPECT_EQ(text_at(node, {"status", "allocatable", "cpu"}), "4");
  EXPECT_EQ(text_at(node, {"status", "allocatable", "pods"}), "110");
  EXPECT_EQ(text_at(node, {"metadata", "labels", kNodePoolLabel}), "n");
}

TEST_F(NodePoolsTest, ANodeTakesAsManyPodsAsItsKubeletAllows) {
  ClusterOptions options = pool(1, 1);
  options.node_pools[0].max_pods = 3;
  start(options);
  create_deployment("web", {.replicas = 5});
  clock_.run_for(10s);
  EXPECT_EQ(ready_pods(), 3u);
}

TEST_F(NodePoolsTest, GrowsByWhatTheWaitingPodsNeedAfterTheProvisioningDelay) {
  start(pool(1, 10));
  create_deployment("web", {.replicas = 11, .cpu = "1"});  // 4 fit; 7 more need two nodes
  clock_.run_until(kClusterStart + 10s + 100s - 1ms);      // the first scan comes at 10 s
  EXPECT_EQ(nodes().size(), 1u);                           // though many scans have seen them wait
  clock_.run_until(kClusterStart + 10s + 100s);
  EXPECT_EQ(nodes().size(), 3u);
  clock_.run_for(1s);
  EXPECT_EQ(count_pods(is_bound), 11u);
  clock_.run_for(5min);
  EXPECT_EQ(nodes().size(), 3u);
  EXPECT_EQ(metrics_.value("fakeapi_nodepool_created_nodes_total", {{"pool", "n"}}), 3);
  const auto all = events();
  EXPECT_EQ(std::count(all.begin(), all.end(), "TriggeredScaleUp: pod triggered scale-up: [{n 1->3 (max: 10)}]"), 7);
}

TEST_F(NodePoolsTest, NodesOnTheirWayAreCountedForPodsThatComeLater) {
  start(pool(1, 10));
  create_deployment("web", {.replicas = 5, .cpu = "1"});  // one pod waits for one node with room for four
  clock_.run_for(30s);
  scale("web", 8);
  clock_.run_for(200s);
  EXPECT_EQ(nodes().size(), 2u);
  scale("web", 9);
  clock_.run_for(200s);
  EXPECT_EQ(nodes().size(), 3u);
}

TEST_F(NodePoolsTest, PodsThatAreJustBeingTriedAgainStillCount) {
  ClusterOptions options = pool(1, 10);
  options.scheduling_delay = 1s;
  start(options);
  create_deployment("web", {.replicas = 9, .cpu = "1"});
  clock_.run_until(kClusterStart + 9500ms);  // half a second before the scan something makes room
  change(resources::kNodes, {"", "n-0"}, [](Json& node) { node["metadata"]["labels"]["new"] = "label"; });
  clock_.run_until(kClusterStart + 110s);
  EXPECT_EQ(nodes().size(), 3u);
}

TEST_F(NodePoolsTest, NeverGrowsBeyondItsMaximum) {
  start(pool(1, 3));
  create_deployment("web", {.replicas = 100, .cpu = "1"});
  clock_.run_for(20min);
  EXPECT_EQ(nodes().size(), 3u);
  EXPECT_EQ(ready_pods(), 12u);
}

TEST_F(NodePoolsTest, APodThatNoNodeCouldHoldDoesNotMakeThePoolGrow) {
  start(pool(1, 10));
  create_deployment("web", {.replicas = 1, .cpu = "5"});
  clock_.run_for(20min);
  EXPECT_EQ(nodes().size(), 1u);
  const auto all = events(name_of(*pods()[0]).name);
  EXPECT_TRUE(
      std::any_of(all.begin(), all.end(), [](const std::string& e) { return e.starts_with("NotTriggerScaleUp"); }));
}

TEST_F(NodePoolsTest, EachNodeHasItsOwnDelayWhichDependsOnItsNumberAlone) {
  ClusterOptions options = pool(1, 10);
  options.node_pools[0].provisioning = Delay::lognormal(150s, 0.35);
  std::vector<std::map<std::string, base::Duration>> runs;
  for (const int first_wave : {17, 9}) {
    base::VirtualTime clock(kClusterStart);
    ObjectStore store(clock, base::Random(7), StoreOptions{});
    Cluster cluster(options, store, clock, base::Random(5), nullptr, metrics_);
    std::map<std::string, base::Duration>& delays = runs.emplace_back();
    base::Time wave = kClusterStart + 10s;
    store.subscribe(resources::kNodes, [&](const StoreEvent& event) {
      if (event.type == EventType::kAdded) delays[name_of(*event.object).name] = event.at - wave;
    });
    ASSERT_TRUE(store.create(resources::kDeployments, deployment_object("web", {.replicas = first_wave, .cpu = "1"})));
    clock.run_until(kClusterStart + 15min);
    wave = kClusterStart + 15min + 10s;
    ASSERT_TRUE(
        store.update(resources::kDeployments, {"default", "web"}, Part::kSpec, [](Json& object) -> base::Result<> {
          object["spec"]["replicas"] = 17;
          return {};
        }));
    clock.run_for(15min);
  }
  ASSERT_EQ(runs[0].size(), 4u);
  EXPECT_EQ(runs[0], runs[1]);
  EXPECT_NE(runs[0].at("n-1"), runs[0].at("n-2"));
}

TEST_F(NodePoolsTest, TheFirstPoolThatCanHelpGrows) {
  ClusterOptions options = pool(1, 2);
  NodePoolOptions big = options.node_pools[0];
  big.name = "big";
  big.cpu = "16";
  big.nodes = 0;
  big.max_nodes = 5;
  options.node_pools.push_back(big);
  start(options);
  create_deployment("small", {.replicas = 8, .cpu = "1"});
  create_deployment("large", {.replicas = 1, .cpu = "15"});
  clock_.run_for(5min);
  EXPECT_EQ(node_names(), (std::set<std::string>{"n-0", "n-1", "big-0"}));
}

TEST_F(NodePoolsTest, EmptyNodesGoAfterTenMinutesButNeverTheInitialOnes) {
  start(pool(2, 10));
  create_deployment("web", {.replicas = 16, .cpu = "1"});
  clock_.run_for(5min);
  ASSERT_EQ(nodes().size(), 4u);
  scale("web", 0);
  const base::Time empty = clock_.now();
  clock_.run_until(empty + 10min - 1s);
  EXPECT_EQ(nodes().size(), 4u);
  clock_.run_until(empty + 10min + 12s);
  EXPECT_EQ(node_names(), (std::set<std::string>{"n-0", "n-1"}));
  clock_.run_for(2h);
  EXPECT_EQ(nodes().size(), 2u);

  scale("web", 12);  // grown again, under new names
  clock_.run_for(5min);
  EXPECT_EQ(node_names(), (std::set<std::string>{"n-0", "n-1", "n-4"}));
}

TEST_F(NodePoolsTest, ANodeThatIsBeingDrainedLeavesItsPlaceToNoOther) {
  ClusterOptions options = pool(2, 3);
  options.autoscaler.scale_down_utilization_threshold = 0.5;
  options.pod_start.termination_delay = 8min;
  start(options);
  for (const char* name : {"a", "b", "c"}) create_deployment(name, {.replicas = 1, .cpu = "2500m"});
  clock_.run_for(5min);
  create_deployment("slow", {.replicas = 1, .cpu = "1", .pod_spec_extra = {{"terminationGracePeriodSeconds", 500}}});
  clock_.run_for(15min);
  ASSERT_EQ(nodes().size(), 3u);
  ASSERT_EQ(ready_pods(), 4u);
  std::map<std::string, std::string> node_of;  // by deployment
  for (const ObjectPtr& pod : pods()) {
    node_of[text_at(*pod, {"metadata", "labels", "app"})] = text_at(*pod, {"spec", "nodeName"});
  }
  std::vector<std::string> beside;  // "slow" first, then others
  for (const char* name : {"a", "b", "c"}) {
    beside.insert(node_of[name] == node_of["slow"] ? beside.begin() : beside.end(), name);
  }
  scale(beside[0], 0);
  clock_.run_for(5min);
  scale(beside[1], 0);
  change(resources::kNodes, {"", node_of[beside[1]]}, [](Json& node) { node["spec"]["unschedulable"] = true; });
  clock_.run_for(6min);
  ASSERT_TRUE(store_.find(resources::kNodes, {"", node_of["slow"]}));
  EXPECT_TRUE(bool_at(*store_.find(resources::kNodes, {"", node_of["slow"]}), {"spec", "unschedulable"}));
  clock_.run_for(1h);
  EXPECT_EQ(nodes().size(), 2u);
  EXPECT_EQ(ready_pods(), 2u);
}

TEST_F(NodePoolsTest, RoomThatPodsOfOneNodeWereTriedInIsThereForThoseOfTheNext) {
  ClusterOptions options = pool(3, 4);
  options.autoscaler.keep_initial_nodes = false;
  options.autoscaler.scale_down_utilization_threshold = 0.5;
  start(options);
  const auto create_pod = [&](const char* name, const char* node, const char* cpu, Json selector) {
    const Json container{{"name", "app"}, {"resources", {{"requests", {{"cpu", cpu}}}}}};
    create(resources::kPods,
           {{"metadata",
             {{"name", name},
              {"namespace", "default"},
              {"annotations", {{"cluster-autoscaler.kubernetes.io/safe-to-evict", "true"}}}}},
            {"spec",
             {{"nodeName", node}, {"nodeSelector", std::move(selector)}, {"containers", Json::array({container})}}}});
  };
  const Json anywhere = Json::object();
  create_pod("keep", "n-0", "3", anywhere);
  create_pod("small", "n-1", "500m", anywhere);  // fits on n-0, but the next one fits nowhere else
  create_pod("bound", "n-1", "500m", {{"kubernetes.io/hostname", "n-1"}});
  create_pod("exact", "n-2", "1", anywhere);  // fits on n-0
  change(resources::kNodes, {"", "n-1"}, [](Json& node) { node["spec"]["unschedulable"] = true; });
  clock_.run_for(15min);
  EXPECT_EQ(node_names(), (std::set<std::string>{"n-0", "n-1"}));
  EXPECT_EQ(pods().size(), 3u);
}

TEST_F(NodePoolsTest, APoolThatIsThereAlreadyIsAsLargeAsItWas) {
  create(resources::kNodes, node_of_pool(pool(1, 1).node_pools[0], 0, "", "10.0.0.1", clock_.now()));
  start(pool(3, 10));
  clock_.run_for(1min);
  EXPECT_EQ(node_names(), (std::set<std::string>{"n-0"}));
  create_deployment("web", {.replicas = 5, .cpu = "1"});
  clock_.run_for(5min);
  EXPECT_EQ(node_names(), (std::set<std::string>{"n-0", "n-1"}));
}

TEST_F(NodePoolsTest, ANodeThatIsUsedInBetweenStays) {
  start(pool(1, 10));
  create_deployment("web", {.replicas = 8, .cpu = "1"});
  clock_.run_for(5min);
  for (int i = 0; i < 6; ++i) {
    scale("web", 0);
    clock_.run_for(8min);
    scale("web", 8);
    clock_.run_for(1min);
  }
  EXPECT_EQ(nodes().size(), 2u);
  EXPECT_EQ(ready_pods(), 8u);
}

TEST_F(NodePoolsTest, WithTheOptionEvenInitialNodesGo) {
  ClusterOptions options = pool(3, 10);
  options.autoscaler.keep_initial_nodes = false;
  start(options);
  clock_.run_for(15min);
  EXPECT_TRUE(nodes().empty());
}

TEST_F(NodePoolsTest, APoolThatCannotGrowCostsNoTimers) {
  start(pool(2, 2));
  create_deployment("web", {.replicas = 20, .cpu = "1"});
  clock_.run_for(1h);
  EXPECT_EQ(nodes().size(), 2u);
  EXPECT_EQ(ready_pods(), 8u);
}

TEST_F(NodePoolsTest, ANewNodeRegistersTaintedAndTakesPodsWhenItIsReady) {
  ClusterOptions options = pool(1, 2);
  options.node_pools[0].readiness = Delay::fixed(20s);
  start(options);
  create_deployment("web", {.replicas = 5, .cpu = "1"});
  clock_.run_for(10s + 100s);
  ASSERT_EQ(nodes().size(), 2u);
  EXPECT_EQ(condition_text(*nodes()[0], "Ready"), "True KubeletReady");
  EXPECT_EQ(condition_text(*nodes()[1], "Ready"), "False KubeletNotReady");
  EXPECT_EQ(text_at(nodes()[1]->at("spec")["taints"][0], {"key"}), "node.kubernetes.io/not-ready");
  clock_.run_for(15s);
  EXPECT_EQ(ready_pods(), 4u);
  clock_.run_for(5s + 15s);
  EXPECT_EQ(condition_text(*nodes()[1], "Ready"), "True KubeletReady");
  EXPECT_FALSE(nodes()[1]->at("spec").contains("taints"));
  EXPECT_EQ(ready_pods(), 5u);
}

TEST_F(NodePoolsTest, ALittleUsedNodeIsDrainedIfItsPodsFitElsewhereAndThatIsAskedFor) {
  for (const double threshold : {0.0, 0.5}) {
    cluster_.reset();
    for (const ObjectPtr& node : nodes()) (void)store_.remove(resources::kNodes, name_of(*node), {});
    ClusterOptions options = pool(1, 4);
    options.autoscaler.scale_down_utilization_threshold = threshold;
    start(options);
    create_deployment("web", {.replicas = 4, .cpu = "1"});
    clock_.run_for(1min);
    create_deployment("more", {.replicas = 4, .cpu = "1"});  // for which a node is added
    clock_.run_for(5min);
    ASSERT_EQ(nodes().size(), 2u);
    scale("web", 1);
    scale("more", 1);
    clock_.run_for(30min);
    EXPECT_EQ(nodes().size(), threshold > 0 ? 1u : 2u);
    EXPECT_EQ(ready_pods(), 2u);
    ASSERT_TRUE(store_.remove(resources::kDeployments, {"default", "web"}, {}));
    ASSERT_TRUE(store_.remove(resources::kDeployments, {"default", "more"}, {}));
    clock_.run_for(1min);
  }
}

}  // namespace
}  // namespace fakeapi
