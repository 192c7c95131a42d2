#include "fake-apiserver/controllers/preemption.h"

#include <map>

#include "fake-apiserver/controllers/cluster_test_fixture.h"
#include "fake-apiserver/controllers/headroom.h"

namespace fakeapi {
namespace {

class PreemptionTest : public ClusterTest {
 protected:
  static ClusterOptions nodes_of(int count, const char* cpu) {
    ClusterOptions options = simple_options();
    options.node_pools[0].nodes = count;
    options.node_pools[0].max_nodes = count;
    options.node_pools[0].cpu = cpu;
    return options;
  }
  void create_pod(const std::string& name, const char* cpu, int priority, const Json& extra = Json::object()) {
    Json spec{{"priority", priority},
              {"containers", Json::array({{{"name", "app"}, {"resources", {{"requests", {{"cpu", cpu}}}}}}})}};
    spec.update(extra);
    create(resources::kPods, {{"metadata", {{"name", name}, {"namespace", "default"}}}, {"spec", std::move(spec)}});
    clock_.run_for(1s);
  }
  bool exists(const std::string& name) const { return store_.get(resources::kPods, {"default", name}).has_value(); }
  Json pod(const std::string& name) const { return *store_.get(resources::kPods, {"default", name}).value(); }
  std::string node_of(const std::string& name) const { return text_at(pod(name), {"spec", "nodeName"}); }
  bool leaves(const std::string& name) const { return !exists(name) || is_being_deleted(pod(name)); }
  std::size_t headroom_pods(bool bound) const {
    return count_pods([&](const Json& p) { return name_of(p).ns == kHeadroomName.ns && is_bound(p) == bound; });
  }
};

TEST_F(PreemptionTest, TheLowestPriorityGivesWayWithItsGraceThenThePodIsBound) {
  ClusterOptions options = nodes_of(2, "2");
  options.pod_start.termination_delay = 5s;
  start(options);
  create_pod("low", "2", 1);
  create_pod("mid", "2", 2);
  clock_.run_for(10s);
  create_pod("high", "2", 3);
  EXPECT_TRUE(is_being_deleted(pod("low")));
  EXPECT_FALSE(is_being_deleted(pod("mid")));
  EXPECT_EQ(text_at(pod("high"), {"status", "nominatedNodeName"}), node_of("low"));
  EXPECT_FALSE(is_bound(pod("high")));
  EXPECT_EQ(condition_text(pod("high"), "PodScheduled"), "False Unschedulable");
  const std::string node = node_of("low");
  EXPECT_EQ(events("low").at(4), "Preempted: Preempted by pod " + uid_of(pod("high")) + " on node " + node);

  clock_.run_for(5s);
  EXPECT_FALSE(exists("low"));
  EXPECT_EQ(node_of("high"), node);
  EXPECT_EQ(metrics_.value("fakeapi_scheduler_preempted_pods_total"), 1);
}

TEST_F(PreemptionTest, EqualAndHigherPrioritiesStay) {
  start(nodes_of(1, "2"));
  create_pod("first", "2", 5);
  create_pod("second", "2", 5);
  create_pod("third", "2", 4);
  clock_.run_for(1min);
  EXPECT_FALSE(leaves("first"));
  EXPECT_FALSE(is_bound(pod("second")));
  EXPECT_FALSE(is_bound(pod("third")));
}

TEST_F(PreemptionTest, WhoWouldNotFitAnywayDrivesNobodyOut) {
  start(nodes_of(2, "2"));
  create_pod("low", "2", 1);
  create_pod("huge", "3", 9);
  create_pod("elsewhere", "2", 9, {{"nodeSelector", {{"disk", "ssd"}}}});
  create_pod("other", "2", 1);
  clock_.run_for(1min);
  EXPECT_FALSE(leaves("low"));
  EXPECT_FALSE(leaves("other"));
}

TEST_F(PreemptionTest, NoMoreVictimsThanNeededAndTheMoreImportantStay) {
  start(nodes_of(1, "4"));
  create_pod("a", "1", 1);
  create_pod("b", "1", 2);
  create_pod("c", "1", 1);
  create_pod("d", "1", 3);
  create_pod("high", "1", 9);
  EXPECT_TRUE(leaves("c"));  // of the two lowest the younger
  EXPECT_FALSE(leaves("a"));
  create_pod("higher", "2", 9);
  clock_.run_for(5s);
  EXPECT_TRUE(leaves("a"));
  EXPECT_TRUE(leaves("b"));
  EXPECT_FALSE(leaves("d"));
  EXPECT_FALSE(leaves("high"));
  EXPECT_TRUE(is_bound(pod("higher")));
}

TEST_F(PreemptionTest, APolicyOfNeverWaits) {
  start(nodes_of(1, "2"));
  create_pod("low", "2", 1);
  create_pod("high", "2", 9, {{"preemptionPolicy", "Never"}});
  clock_.run_for(1min);
  EXPECT_FALSE(leaves("low"));
}

TEST_F(PreemptionTest, APriorityClassCountsAsItsValue) {
  start(nodes_of(1, "2"));
  create(resources::kPriorityClasses, {{"metadata", {{"name", "vital"}}}, {"value", 1000}});
  create_pod("low", "2", 1);
  create(resources::kPods,
         {{"metadata", {{"name", "high"}, {"namespace", "default"}}},
          {"spec",
           {{"priorityClassName", "vital"},
            {"containers", Json::array({{{"name", "app"}, {"resources", {{"requests", {{"cpu", "2"}}}}}}})}}}});
  clock_.run_for(10s);
  EXPECT_TRUE(leaves("low"));
  EXPECT_TRUE(is_bound(pod("high")));
}

TEST_F(PreemptionTest, TheRoomIsKeptForThePodThatItWasMadeFor) {
  ClusterOptions options = nodes_of(1, "4");
  options.pod_start.termination_delay = 20s;
  start(options);
  create_pod("keeps", "2", 9);
  create_pod("low", "2", 1);
  clock_.run_for(10s);
  create_pod("high", "2", 9);
  ASSERT_TRUE(is_being_deleted(pod("low")));
  change(resources::kPods, {"default", "keeps"}, [](Json&) {});
  ASSERT_TRUE(store_.remove(resources::kPods, {"default", "keeps"}, {}));  // room for one at once: high takes it
  create_pod("late", "2", 1);
  clock_.run_for(1min);
  EXPECT_TRUE(is_bound(pod("high")));
  EXPECT_TRUE(is_bound(pod("late")));
}

TEST_F(PreemptionTest, WhileVictimsLeaveALowerPriorityGetsNoneOfTheirRoom) {
  ClusterOptions options = nodes_of(1, "4");
  options.pod_start.termination_delay = 20s;
  start(options);
  create_pod("small", "1", 1);
  create_pod("big", "3", 1);
  clock_.run_for(10s);
  create_pod("high", "4", 9);
  ASSERT_TRUE(is_being_deleted(pod("small")));
  ASSERT_TRUE(store_.remove(resources::kPods, {"default", "small"}, {}, 0s));  // early; the other one still drains
  create_pod("sneaky", "1", 5);
  clock_.run_for(5s);
  EXPECT_FALSE(is_bound(pod("sneaky")));
  clock_.run_for(30s);
  EXPECT_TRUE(is_bound(pod("high")));
  EXPECT_FALSE(is_bound(pod("sneaky")));
}

TEST_F(PreemptionTest, WhileOneWaitsForItsVictimsTheNextFindsItsOwn) {
  ClusterOptions options = nodes_of(2, "2");
  options.pod_start.termination_delay = 25s;
  start(options);
  create_pod("low-1", "2", 1);
  create_pod("low-2", "2", 1);
  clock_.run_for(10s);
  create_pod("high-1", "2", 9);
  clock_.run_for(5s);
  create_pod("high-2", "2", 9);
  EXPECT_TRUE(is_being_deleted(pod("low-1")));
  EXPECT_TRUE(is_being_deleted(pod("low-2")));
  EXPECT_NE(text_at(pod("high-1"), {"status", "nominatedNodeName"}),
            text_at(pod("high-2"), {"status", "nominatedNodeName"}));
  clock_.run_for(30s);
  EXPECT_TRUE(is_bound(pod("high-1")));
  EXPECT_TRUE(is_bound(pod("high-2")));
}

TEST_F(PreemptionTest, APodThatIsDeletedGivesItsReservationBack) {
  ClusterOptions options = nodes_of(1, "4");
  options.pod_start.termination_delay = 20s;
  start(options);
  create_pod("low", "4", 1);
  clock_.run_for(10s);
  create_pod("high", "4", 9);
  ASSERT_TRUE(is_being_deleted(pod("low")));
  ASSERT_TRUE(store_.remove(resources::kPods, {"default", "high"}, {}));
  create_pod("late", "4", 2);
  clock_.run_for(30s);
  EXPECT_TRUE(is_bound(pod("late")));
}

TEST_F(PreemptionTest, RoomThatNobodyWaitsForAnyMoreIsOfferedToTheOthers) {
  ClusterOptions options = nodes_of(1, "4");
  options.headroom = HeadroomOptions{.replicas = 1, .cpu = "4", .memory = "1Gi"};
  options.scheduling_delay = 500ms;
  start(options);
  clock_.run_for(10s);
  const Json container{{"name", "app"}, {"resources", {{"requests", {{"cpu", "4"}}}}}};
  create(resources::kPods, {{"metadata", {{"name", "high"}, {"namespace", "default"}}},
                            {"spec", {{"priority", 9}, {"containers", Json::array({container})}}}});
  clock_.run_for(700ms);  // it has had one turn: the pause pod is gone, and the next turn is to come
  ASSERT_EQ(headroom_pods(true), 0u);
  ASSERT_FALSE(is_bound(pod("high")));
  ASSERT_TRUE(store_.remove(resources::kPods, {"default", "high"}, {}));
  clock_.run_for(2s);
  EXPECT_EQ(headroom_pods(true), 1u);
}

TEST_F(PreemptionTest, HeadroomGivesWayAtOnceAndMakesThePoolGrow) {
  ClusterOptions options = nodes_of(2, "4");
  options.node_pools[0].max_nodes = 4;
  options.node_pools[0].provisioning = Delay::fixed(100s);
  options.headroom = HeadroomOptions{.replicas = 2, .cpu = "3", .memory = "1Gi", .priority = -10};
  options.pod_start.boot = Delay::fixed(10s);
  start(options);
  clock_.run_until(kClusterStart + 5s);
  EXPECT_EQ(headroom_pods(true), 2u);
  EXPECT_EQ(ready_pods(), 2u);  // they need no boot

  create_deployment("web", {.replicas = 2, .cpu = "3"});
  clock_.run_for(200ms);
  EXPECT_EQ(count_pods([](const Json& p) { return name_of(p).ns == "default" && is_bound(p); }), 2u);
  EXPECT_EQ(headroom_pods(true), 0u);
  EXPECT_EQ(headroom_pods(false), 2u);
  clock_.run_until(kClusterStart + 10s + 100s + 1s);
  EXPECT_EQ(nodes().size(), 4u);
  EXPECT_EQ(headroom_pods(true), 2u);
}

TEST_F(PreemptionTest, NoNodeIsAddedForExpendablePods) {
  ClusterOptions options = nodes_of(1, "1");
  options.node_pools[0].max_nodes = 4;
  options.headroom = HeadroomOptions{.replicas = 3, .cpu = "1", .memory = "1Gi", .priority = -11};
  start(options);
  clock_.run_for(20min);
  EXPECT_EQ(nodes().size(), 1u);
}

TEST_F(PreemptionTest, AHeadroomThatIsThereIsLeftAsItIs) {
  ClusterOptions options = nodes_of(1, "64");
  options.headroom = HeadroomOptions{.replicas = 3, .cpu = "1", .memory = "1Gi"};
  start(options);
  clock_.run_for(1min);
  start(options);
  clock_.run_for(1min);
  EXPECT_EQ(headroom_pods(true), 3u);
}

TEST_F(PreemptionTest, OneThatDrivesNobodyOutKeepsNoEqualFromDoingSo) {
  start(nodes_of(1, "2"));
  create_pod("low", "2", 1);
  for (const char* name : {"never", "high"}) {
    Json spec{{"priority", 9},
              {"preemptionPolicy", name == std::string("never") ? "Never" : "PreemptLowerPriority"},
              {"containers", Json::array({{{"name", "app"}, {"resources", {{"requests", {{"cpu", "2"}}}}}}})}};
    create(resources::kPods, {{"metadata", {{"name", name}, {"namespace", "default"}}}, {"spec", std::move(spec)}});
  }
  clock_.run_for(1s);
  EXPECT_TRUE(leaves("low"));
}

TEST_F(PreemptionTest, OneWhoseNodeHasGoneIsOfferedANewOne) {
  ClusterOptions options = nodes_of(1, "2");
  options.node_pools[0].max_nodes = 2;
  options.node_pools[0].provisioning = Delay::fixed(1min);
  options.pod_start.termination_delay = 20s;
  start(options);
  create_pod("low", "2", 1);
  clock_.run_for(10s);
  create_pod("high", "2", 9);
  ASSERT_EQ(text_at(pod("high"), {"status", "nominatedNodeName"}), "n-0");
  ASSERT_TRUE(store_.remove(resources::kNodes, {"", "n-0"}, {}));
  clock_.run_for(15min);
  EXPECT_TRUE(is_bound(pod("high")));
}

TEST_F(PreemptionTest, AVictimTakesItsPortOfTheHostAlong) {
  start(nodes_of(1, "4"));
  const auto with_port = [](const char* protocol) {
    const Json ports = Json::array({{{"containerPort", 80}, {"hostPort", 8080}, {"protocol", protocol}}});
    return Json{{"containers", Json::array({{{"name", "app"}, {"ports", ports}}})}};
  };
  create_pod("low", "0", 1, with_port("TCP"));
  create_pod("bystander", "0", 1, with_port("UDP"));
  ASSERT_EQ(node_of("low"), "n-0");
  create_pod("high", "0", 9, with_port("TCP"));
  clock_.run_for(1min);
  EXPECT_FALSE(exists("low"));
  EXPECT_EQ(node_of("bystander"), "n-0");
  EXPECT_EQ(node_of("high"), "n-0");
}

TEST_F(PreemptionTest, AVictimTakesItsAntiAffinityAlong) {
  start(nodes_of(1, "4"));
  const auto shuns = [](const char* app) {
    const Json term{{"labelSelector", {{"matchLabels", {{"app", app}}}}}, {"topologyKey", "kubernetes.io/hostname"}};
    return Json{{"podAntiAffinity", {{"requiredDuringSchedulingIgnoredDuringExecution", Json::array({term})}}}};
  };
  const auto create_labelled = [&](const char* name, int priority, const Json& affinity) {
    Json spec{{"priority", priority}, {"containers", Json::array({{{"name", "app"}}})}};
    if (!affinity.is_null()) spec["affinity"] = affinity;
    create(resources::kPods, {{"metadata", {{"name", name}, {"namespace", "default"}, {"labels", {{"app", name}}}}},
                              {"spec", std::move(spec)}});
    clock_.run_for(1min);
  };
  create_labelled("guard", 1, shuns("late"));
  create_labelled("early", 1, nullptr);
  create_labelled("bystander", 1, nullptr);
  create_labelled("late", 9, nullptr);  // whom the guard shuns
  EXPECT_FALSE(exists("guard"));
  EXPECT_EQ(node_of("late"), "n-0");
  create_labelled("proud", 9, shuns("early"));  // who shuns the early one
  EXPECT_FALSE(exists("early"));
  EXPECT_EQ(node_of("proud"), "n-0");
  EXPECT_EQ(node_of("bystander"), "n-0");
}

TEST_F(PreemptionTest, WhoeverShunsItsVictimsWaitsUntilTheyAreGone) {
  ClusterOptions options = nodes_of(1, "4");
  options.pod_start.termination_delay = 20s;
  start(options);
  const Json term{{"labelSelector", Json::object()}, {"topologyKey", "kubernetes.io/hostname"}};
  const Json alone{{"podAntiAffinity", {{"requiredDuringSchedulingIgnoredDuringExecution", Json::array({term})}}}};
  create_pod("low", "1", 1);
  clock_.run_for(10s);
  create_pod("high", "1", 9, {{"affinity", alone}});
  clock_.run_for(10s);
  ASSERT_TRUE(is_being_deleted(pod("low")));
  EXPECT_FALSE(is_bound(pod("high")));
  clock_.run_for(20s);
  EXPECT_EQ(node_of("high"), "n-0");
}

TEST_F(PreemptionTest, AVictimLeavesTheSpreadThatItIsPartOf) {
  start(nodes_of(2, "2"));
  const Json constraint{{"maxSkew", 1},
                        {"topologyKey", "kubernetes.io/hostname"},
                        {"whenUnsatisfiable", "DoNotSchedule"},
                        {"labelSelector", {{"matchLabels", {{"app", "web"}}}}}};
  const auto create_web = [&](const char* name, int priority, const char* node) {
    Json spec{{"priority", priority},
              {"topologySpreadConstraints", Json::array({constraint})},
              {"containers", Json::array({{{"name", "app"}}})}};
    if (*node) spec["nodeSelector"] = {{"disk", node}};
    create(resources::kPods, {{"metadata", {{"name", name}, {"namespace", "default"}, {"labels", {{"app", "web"}}}}},
                              {"spec", std::move(spec)}});
    clock_.run_for(1min);
  };
  create_pod("full", "2", 20, {{"nodeSelector", {{"kubernetes.io/hostname", "n-1"}}}});
  ASSERT_EQ(node_of("full"), "n-1");
  change(resources::kNodes, {"", "n-1"}, [](Json& node) { node["spec"]["unschedulable"] = true; });
  create_web("low", 1, "");
  ASSERT_EQ(node_of("low"), "n-0");
  create_web("high", 9, "");  // n-0 would have two, n-1 none
  EXPECT_FALSE(exists("low"));
  EXPECT_EQ(node_of("high"), "n-0");
}

TEST_F(PreemptionTest, AllWhoseNodeHasGoneAreToldSo) {
  ClusterOptions options = nodes_of(1, "4");
  options.pod_start.termination_delay = 20s;
  start(options);
  create_pod("low", "3500m", 1);
  create_pod("tiny", "100m", 1);
  clock_.run_for(10s);
  create_pod("high-1", "1", 9);
  create_pod("high-2", "1", 9);
  for (const char* name : {"high-1", "high-2"}) {
    ASSERT_EQ(text_at(pod(name), {"status", "nominatedNodeName"}), "n-0") << name;
  }
  ASSERT_TRUE(store_.remove(resources::kNodes, {"", "n-0"}, {}));
  clock_.run_for(1s);
  for (const char* name : {"high-1", "high-2"}) {
    EXPECT_EQ(text_at(pod(name), {"status", "nominatedNodeName"}), "") << name;
  }
}

TEST_F(PreemptionTest, OfManyNodesATenthButAHundredAreCompared) {
  EXPECT_EQ(nodes_to_compare(50), 100u);
  EXPECT_EQ(nodes_to_compare(1000), 100u);
  EXPECT_EQ(nodes_to_compare(5000), 500u);

  start(nodes_of(150, "1"));
  create_deployment("low", {.replicas = 150, .cpu = "1", .pod_spec_extra = {{"priority", 2}}});
  clock_.run_for(10s);
  PodCache cache(store_);
  NodeTable table(store_, cache);
  create_pod("high", "1", 9, {{"preemptionPolicy", "Never"}});
  const PlacementRequest request(*cache.find({"default", "high"}));
  std::size_t begin = 0;
  const PreemptionContext context{.reserved = nullptr, .rules = nullptr, .budgets = {}, .start = &begin};
  const auto first = choose_victims(request, table.in_order(), cache, context);
  ASSERT_TRUE(first);
  EXPECT_EQ(begin, 100u);
  const auto second = choose_victims(request, table.in_order(), cache, context);
  ASSERT_TRUE(second);
  EXPECT_EQ(begin, 50u);  // round
}

}  // namespace
}  // namespace fakeapi
