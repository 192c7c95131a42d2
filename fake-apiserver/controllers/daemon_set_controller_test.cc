#include "fake-apiserver/controllers/daemon_set_controller.h"

#include "fake-apiserver/controllers/cluster_test_fixture.h"

namespace fakeapi {
namespace {

class DaemonSetControllerTest : public ClusterTest {
 protected:
  void start_set(const Json& pod_spec_extra = Json::object()) {
    ClusterOptions options = simple_options();
    options.node_pools[0].nodes = options.node_pools[0].max_nodes = 3;
    start(options);
    create_set("100m", pod_spec_extra);
    clock_.run_for(1min);
  }
  void create_set(const char* cpu, const Json& pod_spec_extra = Json::object()) {
    const DeploymentOptions of_pods{.cpu = cpu, .pod_spec_extra = pod_spec_extra};
    Json spec{{"template", deployment_object("agent", of_pods)["spec"]["template"]}};
    spec["selector"] = {{"matchLabels", {{"app", "agent"}}}};
    create(resources::kDaemonSets, {{"apiVersion", "apps/v1"},
                                    {"kind", "DaemonSet"},
                                    {"metadata", {{"name", "agent"}, {"namespace", "default"}}},
                                    {"spec", std::move(spec)}});
  }
  void create_pod(const std::string& name, const char* cpu, int priority = 0) {
    Json pod = deployment_object(name, {.cpu = cpu})["spec"]["template"];
    pod["metadata"]["name"] = name;
    pod["metadata"]["namespace"] = "default";
    pod["spec"]["priority"] = priority;
    create(resources::kPods, std::move(pod));
  }
  std::string node_of(const std::string& pod) const {
    return text_at(*store_.get(resources::kPods, {"default", pod}).value(), {"spec", "nodeName"});
  }
  // Nodes of four cores.
  static ClusterOptions small_nodes(int nodes, int most) {
    ClusterOptions options = simple_options();
    options.node_pools[0].nodes = nodes;
    options.node_pools[0].max_nodes = most;
    options.node_pools[0].cpu = "4";
    return options;
  }
  Json set() const { return *store_.get(resources::kDaemonSets, {"default", "agent"}).value(); }
  std::int64_t status(const char* field) const { return int_at(set(), {"status", field}); }
};

TEST_F(DaemonSetControllerTest, EveryNodeHasOne) {
  start_set();
  ASSERT_EQ(pods().size(), 3u);
  std::set<std::string> used;
  for (const ObjectPtr& pod : pods()) used.insert(text_at(*pod, {"spec", "nodeName"}));
  EXPECT_EQ(used.size(), 3u);
  for (const char* field : {"desiredNumberScheduled", "currentNumberScheduled", "numberReady", "numberAvailable",
                            "updatedNumberScheduled"}) {
    EXPECT_EQ(status(field), 3) << field;
  }
}

TEST_F(DaemonSetControllerTest, NodesThatComeLaterGetOneAndTaintsKeepItAway) {
  start_set();
  Json node = *nodes()[0];
  node["metadata"] = {{"name", "late"}, {"labels", {{"kubernetes.io/hostname", "late"}}}};
  create(resources::kNodes, node);
  node["metadata"] = {{"name", "special"}};
  node["spec"]["taints"] = Json::array({{{"key", "gpu"}, {"value", "yes"}, {"effect", "NoSchedule"}}});
  create(resources::kNodes, node);
  clock_.run_for(1min);
  EXPECT_EQ(pods().size(), 4u);
  EXPECT_EQ(status("desiredNumberScheduled"), 4);
}

TEST_F(DaemonSetControllerTest, ANodeSelectorChoosesTheNodes) {
  start_set({{"nodeSelector", {{"disk", "fast"}}}});
  EXPECT_TRUE(pods().empty());
  change(resources::kNodes, name_of(*nodes()[1]), [](Json& node) { node["metadata"]["labels"]["disk"] = "fast"; });
  clock_.run_for(1min);
  EXPECT_EQ(pods().size(), 1u);
  change(resources::kNodes, name_of(*nodes()[1]), [](Json& node) { node["metadata"]["labels"].erase("disk"); });
  clock_.run_for(1min);
  EXPECT_TRUE(pods().empty());
}

TEST_F(DaemonSetControllerTest, AnUpdateReplacesOneAtATime) {
  start_set();
  std::size_t fewest = 3;
  store_.subscribe(resources::kPods, [&](const StoreEvent&) { fewest = std::min(fewest, ready_pods()); });
  change(resources::kDaemonSets, {"default", "agent"},
         [](Json& object) { object["spec"]["template"]["spec"]["containers"][0]["image"] = "app:2"; });
  clock_.run_for(5min);
  EXPECT_EQ(fewest, 2u);
  EXPECT_EQ(status("updatedNumberScheduled"), 3);
  EXPECT_EQ(ready_pods(), 3u);
}

TEST_F(DaemonSetControllerTest, ALostPodIsReplaced) {
  start_set();
  ASSERT_TRUE(store_.remove(resources::kPods, name_of(*pods()[0]), {}));
  clock_.run_for(1min);
  EXPECT_EQ(ready_pods(), 3u);
}

TEST_F(DaemonSetControllerTest, ANodeAffinityChoosesTheNodes) {
  const Json in_place{{"key", "kubernetes.io/hostname"}, {"operator", "In"}, {"values", {"n-1"}}};
  const Json required{{"nodeSelectorTerms", Json::array({{{"matchExpressions", Json::array({in_place})}}})}};
  start_set({{"affinity", {{"nodeAffinity", {{"requiredDuringSchedulingIgnoredDuringExecution", required}}}}}});
  ASSERT_EQ(pods().size(), 1u);
  EXPECT_EQ(text_at(*pods()[0], {"spec", "nodeName"}), "n-1");
  EXPECT_EQ(status("desiredNumberScheduled"), 1);
}

TEST_F(DaemonSetControllerTest, APodWaitsForRoomOnItsOwnNode) {
  start(small_nodes(2, 2));
  create_pod("first", "3");
  create_pod("second", "2");
  clock_.run_for(1min);
  ASSERT_NE(node_of("first"), node_of("second"));
  create_set("2");
  clock_.run_for(1min);
  ASSERT_EQ(pods().size(), 4u);
  EXPECT_EQ(count_pods(is_bound), 3u);  // beside three cores two have no room
  EXPECT_EQ(status("currentNumberScheduled"), 2);
  EXPECT_EQ(status("numberReady"), 1);
  ASSERT_TRUE(store_.remove(resources::kPods, {"default", "first"}, {}));
  clock_.run_for(1min);
  EXPECT_EQ(status("numberReady"), 2);
}

TEST_F(DaemonSetControllerTest, APodThatWaitsGoesWithItsNode) {
  start(small_nodes(1, 1));
  create_pod("big", "3");
  clock_.run_for(1min);
  create_set("2");
  clock_.run_for(1min);
  ASSERT_EQ(pods().size(), 2u);
  ASSERT_TRUE(store_.remove(resources::kNodes, {"", "n-0"}, {}));
  clock_.run_for(1min);
  for (const ObjectPtr& pod : pods()) EXPECT_EQ(name_of(*pod).name, "big");
  EXPECT_EQ(status("desiredNumberScheduled"), 0);
}

TEST_F(DaemonSetControllerTest, APreemptedPodDoesNotTakeItsPlaceBack) {
  start(small_nodes(1, 1));
  create_set("3", {{"terminationGracePeriodSeconds", 0}});
  clock_.run_for(1min);
  ASSERT_EQ(status("numberReady"), 1);
  create_pod("vital", "3", 1000);
  clock_.run_for(1min);
  EXPECT_EQ(node_of("vital"), "n-0");
  EXPECT_EQ(pods().size(), 2u);
  EXPECT_EQ(count_pods(is_bound), 1u);
  const Revision before = store_.revision();
  clock_.run_for(10min);
  EXPECT_LT(store_.revision() - before, 100u);
}

TEST_F(DaemonSetControllerTest, NewNodesAreCountedWithWhatTheirDaemonsTake) {
  ClusterOptions options = small_nodes(1, 6);
  start(options);
  create_set("1", {{"priority", 1000}});  // before the pods that wait for a new node
  clock_.run_for(1min);
  create_pod("big", "3500m");  // no node has room for it beside its daemon
  clock_.run_for(1h);
  EXPECT_EQ(nodes().size(), 1u);
  EXPECT_EQ(metrics_.value("fakeapi_nodepool_created_nodes_total", {{"pool", "n"}}), 1);
  create_deployment("web", {.replicas = 9, .cpu = "1"});  // three to a node
  clock_.run_for(10min);
  EXPECT_EQ(nodes().size(), 3u);
  EXPECT_EQ(status("numberReady"), 3);
  EXPECT_EQ(ready_pods(), 12u);
}

TEST_F(DaemonSetControllerTest, KarpenterCountsWhatDaemonsTake) {
  ClusterOptions options = small_nodes(1, 1);
  options.karpenter.emplace();
  start(options);
  create_set("1");
  clock_.run_for(1min);
  create_pod("big", "3500m");  // with the daemon too much for a node of four cores
  clock_.run_for(10min);
  ASSERT_EQ(nodes().size(), 2u);
  EXPECT_EQ(count_pods(is_bound), 3u);
  EXPECT_EQ(metrics_.value("fakeapi_karpenter_launched_nodes_total", {{"type", "large"}}), 1);
}

}  // namespace
}  // namespace fakeapi
