// Nodes are added for pods, and taken from them, by the scheduler's own rules.
#include <map>

#include "fake-apiserver/controllers/cluster_test_fixture.h"
#include "fake-apiserver/controllers/node_table.h"

namespace fakeapi {
namespace {

constexpr const char* kRequired = "requiredDuringSchedulingIgnoredDuringExecution";
constexpr const char* kHost = "kubernetes.io/hostname";

using ByZone = std::map<std::string, int>;

class NodePoolsPlacementTest : public ClusterTest {
 protected:
  // Nodes of four cores that come 100 s after they are asked for.
  static ClusterOptions pool(int nodes, int max_nodes, std::vector<std::string> zones = {}) {
    ClusterOptions options = simple_options();
    options.node_pools[0].nodes = nodes;
    options.node_pools[0].max_nodes = max_nodes;
    options.node_pools[0].cpu = "4";
    options.node_pools[0].provisioning = Delay::fixed(100s);
    options.node_pools[0].zones = std::move(zones);
    return options;
  }
  static ClusterOptions karpenter() {
    ClusterOptions options = pool(1, 1);
    options.karpenter.emplace();
    options.karpenter->registration = Delay::fixed(45s);
    options.karpenter->readiness = Delay::fixed(10s);
    return options;
  }
  static Json apart(const std::string& app, const char* topology_key) {
    const Json term{{"labelSelector", {{"matchLabels", {{"app", app}}}}}, {"topologyKey", topology_key}};
    return {{"affinity", {{"podAntiAffinity", {{kRequired, Json::array({term})}}}}}};
  }
  static Json spread(const std::string& app, const char* topology_key) {
    const Json constraint{{"maxSkew", 1},
                          {"topologyKey", topology_key},
                          {"whenUnsatisfiable", "DoNotSchedule"},
                          {"labelSelector", {{"matchLabels", {{"app", app}}}}}};
    return {{"topologySpreadConstraints", Json::array({constraint})}};
  }
  static Json with_host_port(int port) {
    const Json ports = Json::array({{{"containerPort", 80}, {"hostPort", port}}});
    return {{"containers", Json::array({{{"name", "app"}, {"image", "app:1"}, {"ports", ports}}})}};
  }
  ByZone nodes_by_zone() const {
    ByZone zones;
    for (const ObjectPtr& node : nodes()) ++zones[text_at(*node, {"metadata", "labels", kZoneLabel})];
    return zones;
  }
};

TEST_F(NodePoolsPlacementTest, PodsThatShunEachOtherGetANodeEach) {
  start(pool(1, 10));
  create_deployment("web", {.replicas = 4, .pod_spec_extra = apart("web", kHost)});
  clock_.run_for(5min);
  EXPECT_EQ(ready_pods(), 4u);
  EXPECT_EQ(nodes().size(), 4u);
}

TEST_F(NodePoolsPlacementTest, PodsThatWantTheSamePortOfTheHostGetANodeEach) {
  start(pool(1, 10));
  create_deployment("web", {.replicas = 3, .pod_spec_extra = with_host_port(8080)});
  clock_.run_for(5min);
  EXPECT_EQ(ready_pods(), 3u);
  EXPECT_EQ(nodes().size(), 3u);
}

TEST_F(NodePoolsPlacementTest, WhomThoseThatAreThereShunGetsANodeOfItsOwn) {
  start(pool(1, 10));
  create_deployment("hermit", {.replicas = 1, .pod_spec_extra = apart("web", kHost)});
  clock_.run_for(10s);
  create_deployment("other", {.replicas = 1});
  create_deployment("web", {.replicas = 2});
  clock_.run_for(5min);
  EXPECT_EQ(ready_pods(), 4u);
  EXPECT_EQ(nodes().size(), 2u);
}

TEST_F(NodePoolsPlacementTest, ASpreadOverZonesGetsItsNodeInTheZoneThatItLacks) {
  start(pool(2, 10, {"a", "b"}));
  create_deployment("filler", {.replicas = 1, .cpu = "4", .pod_spec_extra = {{"nodeSelector", {{kZoneLabel, "b"}}}}});
  clock_.run_for(10s);
  create_deployment("web", {.replicas = 4, .cpu = "500m", .pod_spec_extra = spread("web", kZoneLabel)});
  clock_.run_for(5min);
  EXPECT_EQ(ready_pods(), 5u);
  EXPECT_EQ(nodes_by_zone(), (ByZone{{"a", 1}, {"b", 2}}));
}

TEST_F(NodePoolsPlacementTest, WhatNoZoneIsLeftForGetsNoNode) {
  start(pool(1, 10, {"a", "b", "c"}));
  create_deployment("web", {.replicas = 5, .pod_spec_extra = apart("web", kZoneLabel)});
  clock_.run_for(20min);
  EXPECT_EQ(ready_pods(), 3u);
  EXPECT_EQ(nodes_by_zone(), (ByZone{{"a", 1}, {"b", 1}, {"c", 1}}));
}

TEST_F(NodePoolsPlacementTest, NodesThatAreNotReadyYetAreRoom) {
  ClusterOptions options = pool(1, 10);
  options.node_pools[0].readiness = Delay::fixed(2min);
  start(options);
  create_deployment("web", {.replicas = 5, .cpu = "1"});
  clock_.run_for(10min);
  EXPECT_EQ(ready_pods(), 5u);
  EXPECT_EQ(metrics_.value("fakeapi_nodepool_created_nodes_total", {{"pool", "n"}}), 2);
}

TEST_F(NodePoolsPlacementTest, ANodeWhosePodsMayGoNowhereElseIsNotDrained) {
  ClusterOptions options = pool(1, 4);
  options.autoscaler.scale_down_utilization_threshold = 0.5;
  start(options);
  create_deployment("web", {.replicas = 2, .pod_spec_extra = apart("web", kHost)});
  clock_.run_for(5min);
  ASSERT_EQ(nodes().size(), 2u);
  clock_.run_for(1h);
  EXPECT_EQ(nodes().size(), 2u);
  EXPECT_EQ(ready_pods(), 2u);
  for (const ObjectPtr& node : nodes()) EXPECT_FALSE(bool_at(*node, {"spec", "unschedulable"}));
}

TEST_F(NodePoolsPlacementTest, PodsOfDaemonSetsHoldNoEmptyNode) {
  start(pool(1, 4));
  Json spec{{"template", deployment_object("agent")["spec"]["template"]}};
  spec["selector"] = {{"matchLabels", {{"app", "agent"}}}};
  create(resources::kDaemonSets, {{"apiVersion", "apps/v1"},
                                  {"kind", "DaemonSet"},
                                  {"metadata", {{"name", "agent"}, {"namespace", "default"}}},
                                  {"spec", std::move(spec)}});
  create_deployment("web", {.replicas = 6, .cpu = "1"});
  clock_.run_for(5min);
  ASSERT_EQ(nodes().size(), 2u);
  ASSERT_EQ(ready_pods(), 8u);
  scale("web", 0);
  clock_.run_for(15min);
  EXPECT_EQ(nodes().size(), 1u);
  EXPECT_EQ(pods().size(), 1u);  // the other agent went with its node
}

TEST_F(NodePoolsPlacementTest, EmptyNodesGoAtOnceThoughOthersAreUsedLittle) {
  ClusterOptions options = pool(1, 10);
  options.autoscaler.scale_down_utilization_threshold = 0.5;
  options.autoscaler.max_empty_bulk_delete = 1;
  start(options);
  create_deployment("web", {.replicas = 3, .pod_spec_extra = apart("web", kHost)});
  create_deployment("more", {.replicas = 3, .cpu = "3500m"});
  clock_.run_for(5min);
  ASSERT_EQ(ready_pods(), 6u);
  scale("more", 0);
  scale("web", 1);
  clock_.run_for(20min);
  EXPECT_EQ(nodes().size(), 1u);
  EXPECT_EQ(ready_pods(), 1u);
}

TEST_F(NodePoolsPlacementTest, KarpenterGivesPodsThatShunEachOtherANodeEach) {
  start(karpenter());
  create_deployment("web", {.replicas = 4, .pod_spec_extra = apart("web", kHost)});
  clock_.run_for(3min);
  EXPECT_EQ(ready_pods(), 4u);
  EXPECT_EQ(nodes().size(), 4u);
  clock_.run_for(30min);  // nor are they moved together
  EXPECT_EQ(ready_pods(), 4u);
  EXPECT_EQ(nodes().size(), 4u);
}

TEST_F(NodePoolsPlacementTest, KarpenterLaunchesInTheZonesThatPodsNeed) {
  ClusterOptions options = karpenter();
  options.node_pools[0].nodes = options.node_pools[0].max_nodes = 0;
  options.karpenter->zones = {"a", "b", "c"};
  options.karpenter->consolidation = false;  // which would move a pod to the node of the picky one
  start(options);
  create_deployment("web", {.replicas = 4, .pod_spec_extra = apart("web", kZoneLabel)});
  clock_.run_for(5min);
  EXPECT_EQ(ready_pods(), 3u);
  EXPECT_EQ(nodes_by_zone(), (ByZone{{"a", 1}, {"b", 1}, {"c", 1}}));
  create_deployment("picky", {.replicas = 1, .cpu = "6", .pod_spec_extra = {{"nodeSelector", {{kZoneLabel, "b"}}}}});
  clock_.run_for(3min);
  EXPECT_EQ(nodes_by_zone(), (ByZone{{"a", 1}, {"b", 2}, {"c", 1}}));
}

TEST_F(NodePoolsPlacementTest, KarpenterWaitsForNodesThatAreNotReadyYet) {
  ClusterOptions options = karpenter();
  options.karpenter->readiness = Delay::fixed(2min);
  start(options);
  create_deployment("web", {.replicas = 4, .cpu = "3"});
  clock_.run_for(5min);
  EXPECT_EQ(ready_pods(), 4u);
  EXPECT_EQ(metrics_.value("fakeapi_karpenter_launched_nodes_total", {{"type", "huge"}}), 1);  // 9 cores
  EXPECT_EQ(nodes().size(), 2u);
}

TEST_F(NodePoolsPlacementTest, KarpenterTakesANodeThatHasFallenSilentForNoRoom) {
  start(karpenter());
  create_deployment("web", {.replicas = 2, .cpu = "3"});
  clock_.run_for(2min);
  ASSERT_EQ(nodes().size(), 2u);
  ObjectName fallen;
  for (const ObjectPtr& node : nodes()) {
    if (name_of(*node).name.starts_with("karpenter")) fallen = name_of(*node);
  }
  change(
      resources::kNodes, fallen,
      [](Json& node) {
        for (Json& condition : node["status"]["conditions"]) {
          if (condition["type"] == "Ready") condition.update({{"status", "Unknown"}, {"reason", "NodeStatusUnknown"}});
        }
        node["spec"]["taints"] = Json::array({{{"key", "node.kubernetes.io/unreachable"}, {"effect", "NoSchedule"}}});
      },
      Part::kAll);
  create_deployment("more", {.replicas = 1, .cpu = "500m"});
  create_deployment("other", {.replicas = 1, .cpu = "1"});
  clock_.run_for(2min);
  EXPECT_EQ(nodes().size(), 3u);
}

}  // namespace
}  // namespace fakeapi
