// Where affinities, spread constraints, taints and ports let pods go, as a cluster with nodes of several zones shows
// it.
#include "fake-apiserver/controllers/placement_rules.h"

#include <map>
#include <set>

#include "fake-apiserver/controllers/cluster_test_fixture.h"
#include "fake-apiserver/controllers/node_table.h"
#include "fake-apiserver/controllers/placement.h"

namespace fakeapi {
namespace {

constexpr const char* kRequired = "requiredDuringSchedulingIgnoredDuringExecution";
constexpr const char* kPreferred = "preferredDuringSchedulingIgnoredDuringExecution";

class PlacementRulesTest : public ClusterTest {
 protected:
  // n-0 and n-3 are in zone a, n-1 in b, n-2 in c.
  void start_zones(int nodes = 4, const char* cpu = "16") {
    ClusterOptions options = simple_options();
    options.node_pools[0].nodes = options.node_pools[0].max_nodes = nodes;
    options.node_pools[0].cpu = cpu;
    options.node_pools[0].zones = {"a", "b", "c"};
    start(options);
  }
  void label_node(const std::string& node, const std::string& key, const std::string& value) {
    change(resources::kNodes, {"", node}, [&](Json& object) { object["metadata"]["labels"][key] = value; });
  }
  void taint_node(const std::string& node, const std::string& key, const std::string& effect) {
    change(resources::kNodes, {"", node}, [&](Json& object) {
      object["spec"]["taints"].push_back({{"key", key}, {"value", "v"}, {"effect", effect}});
    });
  }
  // Its node; "" if it waits.
  std::string place(const std::string& name, Json spec = Json::object(), const std::string& app = "web",
                    const std::string& ns = "default") {
    if (!spec.contains("containers")) spec["containers"] = Json::array({{{"name", "app"}}});
    create(resources::kPods,
           {{"metadata", {{"name", name}, {"namespace", ns}, {"labels", {{"app", app}}}}}, {"spec", std::move(spec)}});
    clock_.run_for(1s);
    return node_of(name, ns);
  }
  std::string node_of(const std::string& name, const std::string& ns = "default") const {
    return text_at(*store_.get(resources::kPods, {ns, name}).value(), {"spec", "nodeName"});
  }
  std::string why(const std::string& name) const {
    const Json pod = *store_.get(resources::kPods, {"default", name}).value();
    return text_at(*find_condition(pod, "PodScheduled"), {"message"});
  }
  static Json selects(const std::string& app) { return {{"matchLabels", {{"app", app}}}}; }
  static Json node_affinity(const Json& expressions) {
    Json term{{"matchExpressions", expressions}};
    return {{"affinity", {{"nodeAffinity", {{kRequired, {{"nodeSelectorTerms", Json::array({term})}}}}}}}};
  }
  static Json pod_affinity(const char* kind, const std::string& app, const std::string& key) {
    const Json term{{"labelSelector", selects(app)}, {"topologyKey", key}};
    return {{"affinity", {{kind, {{kRequired, Json::array({term})}}}}}};
  }
  static Json spread(const std::string& key, const char* when, int skew = 1) {
    const Json constraint{
        {"maxSkew", skew}, {"topologyKey", key}, {"whenUnsatisfiable", when}, {"labelSelector", selects("web")}};
    return {{"topologySpreadConstraints", Json::array({constraint})}};
  }
};

TEST_F(PlacementRulesTest, NodeAffinityKnowsAllItsOperators) {
  start_zones();
  label_node("n-1", "disk", "ssd");
  label_node("n-2", "disk", "hdd");
  label_node("n-2", "cores", "32");
  label_node("n-1", "cores", "8");
  const auto list = [](const char* key, const char* op, Json values = Json::array()) {
    return Json::array({{{"key", key}, {"operator", op}, {"values", std::move(values)}}});
  };
  EXPECT_EQ(place("in", node_affinity(list("disk", "In", {"ssd", "nvme"}))), "n-1");
  EXPECT_EQ(place("greater", node_affinity(list("cores", "Gt", {"8"}))), "n-2");
  EXPECT_EQ(place("less", node_affinity(list("cores", "Lt", {"9"}))), "n-1");
  EXPECT_NE(place("exists", node_affinity(list("disk", "Exists"))), "n-0");
  const std::set<std::string> without{"n-0", "n-3"};
  EXPECT_TRUE(without.contains(place("absent", node_affinity(list("disk", "DoesNotExist")))));
  EXPECT_NE(place("not-in", node_affinity(list("disk", "NotIn", {"ssd"}))), "n-1");
  EXPECT_EQ(place("none", node_affinity(list("disk", "In", {"tape"}))), "");
  EXPECT_EQ(why("none"), "0/4 nodes are available: 4 node(s) didn't match Pod's node affinity/selector.");
  EXPECT_EQ(place("nonsense", node_affinity(list("disk", "Like", {"ssd"}))), "");
}

TEST_F(PlacementRulesTest, MatchFieldsNameTheNode) {
  start_zones();
  const Json field{{"key", "metadata.name"}, {"operator", "In"}, {"values", Json::array({"n-2"})}};
  const Json term{{"matchFields", Json::array({field})}};
  const Json spec{{"affinity", {{"nodeAffinity", {{kRequired, {{"nodeSelectorTerms", Json::array({term})}}}}}}}};
  EXPECT_EQ(place("p", spec), "n-2");
}

TEST_F(PlacementRulesTest, APreferredNodeWinsUnlessItIsFull) {
  start_zones(4, "4");
  label_node("n-2", "disk", "ssd");
  const Json wish{
      {"weight", 100},
      {"preference",
       {{"matchExpressions", Json::array({{{"key", "disk"}, {"operator", "In"}, {"values", Json::array({"ssd"})}}})}}}};
  Json spec{{"affinity", {{"nodeAffinity", {{kPreferred, Json::array({wish})}}}}}};
  spec["containers"] = Json::array({{{"name", "app"}, {"resources", {{"requests", {{"cpu", "3"}}}}}}});
  EXPECT_EQ(place("first", spec), "n-2");
  EXPECT_NE(place("second", spec), "");
  EXPECT_NE(node_of("second"), "n-2");
}

TEST_F(PlacementRulesTest, PodsThatBelongTogetherShareTheirZone) {
  start_zones();
  const std::string cache = place("cache", {{"nodeSelector", {{"kubernetes.io/hostname", "n-1"}}}}, "cache");
  ASSERT_EQ(cache, "n-1");
  EXPECT_EQ(place("p", pod_affinity("podAffinity", "cache", kZoneLabel)), "n-1");
  EXPECT_EQ(place("lonely", pod_affinity("podAffinity", "nobody", kZoneLabel)), "");
  EXPECT_EQ(why("lonely"), "0/4 nodes are available: 4 node(s) didn't match pod affinity rules.");
  // The first of a group that wants to be with itself may go anywhere.
  EXPECT_NE(place("first", pod_affinity("podAffinity", "group", kZoneLabel), "group"), "");
}

TEST_F(PlacementRulesTest, PodsThatShunEachOtherAreOnDifferentNodes) {
  start_zones(3);
  const Json spec = pod_affinity("podAntiAffinity", "web", "kubernetes.io/hostname");
  std::set<std::string> used{place("a", spec), place("b", spec), place("c", spec)};
  EXPECT_EQ(used, (std::set<std::string>{"n-0", "n-1", "n-2"}));
  EXPECT_EQ(place("d", spec), "");
  EXPECT_EQ(why("d"), "0/3 nodes are available: 3 node(s) didn't match pod anti-affinity rules.");
  ASSERT_TRUE(store_.remove(resources::kPods, {"default", "b"}, {}));
  clock_.run_for(5s);
  EXPECT_NE(node_of("d"), "");
}

TEST_F(PlacementRulesTest, ThoseThatAreThereMayShunTheNewcomer) {
  start_zones(1);
  ASSERT_EQ(place("hermit", pod_affinity("podAntiAffinity", "web", "kubernetes.io/hostname"), "hermit"), "n-0");
  EXPECT_EQ(place("p"), "");
  EXPECT_EQ(why("p"), "0/1 nodes are available: 1 node(s) didn't satisfy existing pods anti-affinity rules.");
  EXPECT_EQ(place("other", Json::object(), "db"), "n-0");
  create(Resource{"", "namespaces"}, {{"metadata", {{"name", "far"}}}});
  EXPECT_EQ(place("elsewhere", Json::object(), "web", "far"), "n-0");  // terms are about their own namespace
}

TEST_F(PlacementRulesTest, PreferredPodsDrawAndRepel) {
  start_zones(3);
  ASSERT_EQ(place("cache", {{"nodeSelector", {{"kubernetes.io/hostname", "n-2"}}}}, "cache"), "n-2");
  const auto wish = [&](const char* kind) {
    const Json term{{"labelSelector", selects("cache")}, {"topologyKey", "kubernetes.io/hostname"}};
    return Json{{"affinity", {{kind, {{kPreferred, Json::array({{{"weight", 100}, {"podAffinityTerm", term}}})}}}}}};
  };
  EXPECT_EQ(place("near", wish("podAffinity")), "n-2");
  EXPECT_NE(place("away", wish("podAntiAffinity")), "n-2");
}

TEST_F(PlacementRulesTest, SpreadOverZonesKeepsTheSkewOrWaits) {
  start_zones();
  std::map<std::string, int> zones;
  for (const char* name : {"p1", "p2", "p3", "p4", "p5", "p6"}) {
    const std::string node = place(name, spread(kZoneLabel, "DoNotSchedule"));
    ++zones[text_at(*store_.get(resources::kNodes, {"", node}).value(), {"metadata", "labels", kZoneLabel})];
  }
  EXPECT_EQ(zones, (std::map<std::string, int>{{"a", 2}, {"b", 2}, {"c", 2}}));
  change(resources::kNodes, {"", "n-1"}, [](Json& node) { node["spec"]["unschedulable"] = true; });
  ASSERT_NE(place("p7", spread(kZoneLabel, "DoNotSchedule")), "");
  ASSERT_NE(place("p8", spread(kZoneLabel, "DoNotSchedule")), "");
  EXPECT_EQ(place("p9", spread(kZoneLabel, "DoNotSchedule")), "");
  EXPECT_EQ(why("p9"),
            "0/4 nodes are available: 1 node(s) were unschedulable, 3 node(s) didn't match pod topology spread "
            "constraints.");
  EXPECT_NE(place("p10", spread(kZoneLabel, "ScheduleAnyway")), "");
}

TEST_F(PlacementRulesTest, SpreadOverHostsIsAWishIfItMayBeBroken) {
  start_zones(2);
  std::map<std::string, int> nodes;
  for (const char* name : {"p1", "p2", "p3", "p4"}) {
    ++nodes[place(name, spread("kubernetes.io/hostname", "ScheduleAnyway"))];
  }
  EXPECT_EQ(nodes, (std::map<std::string, int>{{"n-0", 2}, {"n-1", 2}}));
  EXPECT_EQ(place("p5", spread("rack", "DoNotSchedule")), "");
  EXPECT_EQ(
      why("p5"),
      "0/2 nodes are available: 2 node(s) didn't match pod topology spread constraints (missing required label).");
}

TEST_F(PlacementRulesTest, TaintsKeepAwayOrOnlyWouldRather) {
  start_zones(2);
  taint_node("n-0", "soft", "PreferNoSchedule");
  EXPECT_EQ(place("p1"), "n-1");
  taint_node("n-1", "hard", "NoSchedule");
  EXPECT_EQ(place("p2"), "n-0");
  taint_node("n-0", "harder", "NoExecute");
  clock_.run_for(5min);
  EXPECT_EQ(place("p3"), "");
  EXPECT_EQ(why("p3"),
            "0/2 nodes are available: 1 node(s) had untolerated taint {hard: v}, 1 node(s) had untolerated taint "
            "{harder: v}.");
}

TEST_F(PlacementRulesTest, APortOfTheHostIsTakenOnce) {
  start_zones(1);
  const auto with_port = [](int port, const char* protocol) {
    const Json ports = Json::array({{{"containerPort", 80}, {"hostPort", port}, {"protocol", protocol}}});
    return Json{{"containers", Json::array({{{"name", "app"}, {"ports", ports}}})}};
  };
  EXPECT_EQ(place("a", with_port(8080, "TCP")), "n-0");
  EXPECT_EQ(place("b", with_port(8080, "TCP")), "");
  EXPECT_EQ(why("b"), "0/1 nodes are available: 1 node(s) didn't have free ports for the requested pod ports.");
  EXPECT_EQ(place("c", with_port(8080, "UDP")), "n-0");
}

TEST_F(PlacementRulesTest, ExtendedResourcesAreCounted) {
  start_zones(2);
  change(
      resources::kNodes, {"", "n-1"}, [](Json& node) { node["status"]["allocatable"]["example.com/gpu"] = "2"; },
      Part::kAll);
  const Json spec{
      {"containers", Json::array({{{"name", "app"}, {"resources", {{"limits", {{"example.com/gpu", "1"}}}}}}})}};
  EXPECT_EQ(place("a", spec), "n-1");
  EXPECT_EQ(place("b", spec), "n-1");
  EXPECT_EQ(place("c", spec), "");
  EXPECT_EQ(why("c"), "0/2 nodes are available: 2 Insufficient example.com/gpu.");
}

TEST_F(PlacementRulesTest, AGatedPodIsNotTriedUntilItsGatesAreGone) {
  start_zones(1);
  EXPECT_EQ(place("p", {{"schedulingGates", Json::array({{{"name", "x/wait"}}})}}), "");
  const Json pod = *store_.get(resources::kPods, {"default", "p"}).value();
  EXPECT_EQ(condition_text(pod, "PodScheduled"), "False SchedulingGated");
  change(resources::kPods, {"default", "p"}, [](Json& object) { object["spec"].erase("schedulingGates"); });
  clock_.run_for(1s);
  EXPECT_EQ(node_of("p"), "n-0");
}

TEST_F(PlacementRulesTest, APodThatFailedBacksOffFromOneToTenSeconds) {
  start_zones(1, "1");
  const auto needs = [](const char* cpu) {
    return Json{{"containers", Json::array({{{"name", "app"}, {"resources", {{"requests", {{"cpu", cpu}}}}}}})}};
  };
  ASSERT_EQ(place("full", needs("1")), "n-0");
  create(resources::kPods, {{"metadata", {{"name", "p"}, {"namespace", "default"}}}, {"spec", needs("1")}});
  clock_.run_for(100ms);  // refused at 50 ms
  ASSERT_TRUE(store_.remove(resources::kPods, {"default", "full"}, {}));
  clock_.run_for(50ms + 1s - 100ms);
  EXPECT_EQ(node_of("p"), "");
  clock_.run_for(50ms);
  EXPECT_EQ(node_of("p"), "n-0");
}

TEST(NodesToScoreTest, FewerOfManyNodesAreScored) {
  const auto nodes_scored = [](std::size_t nodes) { return nodes_to_score(nodes); };
  EXPECT_EQ(nodes_scored(100), 100u);
  EXPECT_EQ(nodes_scored(150), 100u);
  EXPECT_EQ(nodes_scored(1000), 420u);
  EXPECT_EQ(nodes_scored(5000), 500u);
  EXPECT_EQ(nodes_scored(50000), 2500u);
}

TEST_F(PlacementRulesTest, WhatAPodForbadeInNamespacesByLabelEndsWithItEvenIfTheLabelsHaveChanged) {
  start_zones(1);
  const Resource namespaces{"", "namespaces"};
  create(namespaces, {{"metadata", {{"name", "default"}, {"labels", {{"team", "a"}}}}}});
  Json away = pod_affinity("podAntiAffinity", "web", "kubernetes.io/hostname");
  away["affinity"]["podAntiAffinity"][kRequired][0]["namespaceSelector"] = {{"matchLabels", {{"team", "a"}}}};
  ASSERT_EQ(place("guard", away, "guard"), "n-0");
  ASSERT_EQ(place("refused"), "");
  change(namespaces, {"", "default"}, [](Json& object) { object["metadata"]["labels"]["team"] = "b"; });
  ASSERT_TRUE(store_.remove(resources::kPods, {"default", "guard"}, {}, 0s));
  clock_.run_for(1min);
  EXPECT_EQ(place("taken"), "n-0");
  EXPECT_EQ(node_of("refused"), "n-0");
}

}  // namespace
}  // namespace fakeapi
