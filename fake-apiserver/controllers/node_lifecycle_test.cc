#include "fake-apiserver/controllers/node_lifecycle.h"

#include <algorithm>

#include "fake-apiserver/controllers/cluster_test_fixture.h"

namespace fakeapi {
namespace {

const Resource kLeases{"coordination.k8s.io", "leases"};

class NodeLifecycleTest : public ClusterTest {
 protected:
  static ClusterOptions two_nodes() {
    ClusterOptions options = simple_options();
    options.node_pools[0].nodes = options.node_pools[0].max_nodes = 2;
    return options;
  }
  Json node(const std::string& name) const { return *store_.get(resources::kNodes, {"", name}).value(); }
  bool has_taint(const std::string& name, const std::string& key, const std::string& effect) const {
    const Json object = node(name);
    const Json* taints = field_at(object, {"spec", "taints"});
    return taints && std::any_of(taints->begin(), taints->end(), [&](const Json& taint) {
             return text_at(taint, {"key"}) == key && text_at(taint, {"effect"}) == effect;
           });
  }
  std::size_t pods_on(const std::string& name, bool deleting) const {
    return count_pods([&](const Json& pod) {
      return text_at(pod, {"spec", "nodeName"}) == name && is_being_deleted(pod) == deleting;
    });
  }
  void taint(const std::string& name, const char* effect) {
    change(resources::kNodes, {"", name}, [&](Json& object) {
      object["spec"]["taints"] = Json::array({{{"key", "maintenance"}, {"value", "now"}, {"effect", effect}}});
    });
  }
};

TEST_F(NodeLifecycleTest, ASilentNodeIsUnknownAfter40SecondsAndItsPodsAreEvicted300SecondsLater) {
  start(two_nodes());
  create_deployment("web", {.replicas = 4});
  clock_.run_for(20s);
  ASSERT_EQ(ready_pods(), 4u);
  ASSERT_TRUE(cluster_->actions().silence_node("n-0", 0s));
  clock_.run_for(40s - 1ms);
  EXPECT_EQ(condition_text(node("n-0"), "Ready"), "True KubeletReady");
  clock_.run_for(1ms);
  EXPECT_EQ(condition_text(node("n-0"), "Ready"), "Unknown NodeStatusUnknown");
  EXPECT_EQ(condition_text(node("n-0"), "MemoryPressure"), "Unknown NodeStatusUnknown");
  EXPECT_TRUE(has_taint("n-0", "node.kubernetes.io/unreachable", "NoSchedule"));
  EXPECT_TRUE(has_taint("n-0", "node.kubernetes.io/unreachable", "NoExecute"));
  EXPECT_EQ(ready_pods(), 2u);
  EXPECT_EQ(pods_on("n-0", false), 2u);
  clock_.run_for(300s - 1ms);
  EXPECT_EQ(pods_on("n-0", true), 0u);
  clock_.run_for(1ms);
  EXPECT_EQ(pods_on("n-0", true), 2u);
  clock_.run_for(1h);  // nobody ends them: their kubelet hears nothing
  EXPECT_EQ(pods_on("n-0", true), 2u);
  EXPECT_EQ(pods_on("n-1", false), 4u);
  EXPECT_EQ(ready_pods(), 4u);
}

TEST_F(NodeLifecycleTest, TheLaterDefaultOf50SecondsIsAnOption) {
  ClusterOptions options = two_nodes();
  options.node_lifecycle.monitor_grace = 50s;
  start(options);
  clock_.run_for(20s);
  ASSERT_TRUE(cluster_->actions().silence_node("n-0", 0s));
  clock_.run_for(50s - 1ms);
  EXPECT_EQ(condition_text(node("n-0"), "Ready"), "True KubeletReady");
  clock_.run_for(1ms);
  EXPECT_EQ(condition_text(node("n-0"), "Ready"), "Unknown NodeStatusUnknown");
}

TEST_F(NodeLifecycleTest, TheGraceCountsFromTheLastHeartbeatAndIsLookedAtEveryFiveSeconds) {
  start(two_nodes());
  clock_.run_for(27s);  // the last heartbeat was at 20 s
  ASSERT_TRUE(cluster_->actions().silence_node("n-0", 0s));
  clock_.run_for(33s - 1ms);
  EXPECT_EQ(condition_text(node("n-0"), "Ready"), "True KubeletReady");
  clock_.run_for(1ms);
  EXPECT_EQ(condition_text(node("n-0"), "Ready"), "Unknown NodeStatusUnknown");
}

TEST_F(NodeLifecycleTest, ANodeThatIsHeardAgainKeepsItsPods) {
  start(two_nodes());
  create_deployment("web", {.replicas = 4});
  clock_.run_for(20s);
  ASSERT_TRUE(cluster_->actions().silence_node("n-0", 2min));
  clock_.run_for(1min);
  EXPECT_EQ(ready_pods(), 2u);
  clock_.run_for(1min);
  EXPECT_EQ(condition_text(node("n-0"), "Ready"), "True KubeletReady");
  EXPECT_FALSE(node("n-0")["spec"].contains("taints"));
  EXPECT_EQ(ready_pods(), 4u);
  clock_.run_for(1h);
  EXPECT_EQ(pods_on("n-0", false), 2u);
}

TEST_F(NodeLifecycleTest, AShortSilenceIsNotNoticed) {
  start(two_nodes());
  create_deployment("web", {.replicas = 2});
  clock_.run_for(20s);
  ASSERT_TRUE(cluster_->actions().silence_node("n-0", 30s));
  scale("web", 6);
  clock_.run_for(20s);
  EXPECT_LT(ready_pods(), 6u);  // a kubelet that is not heard starts nothing
  clock_.run_for(5min);
  EXPECT_EQ(ready_pods(), 6u);
  EXPECT_EQ(condition_text(node("n-0"), "Ready"), "True KubeletReady");
  EXPECT_FALSE(cluster_->actions().silence_node("n-9", 0s));
}

TEST_F(NodeLifecycleTest, ATaintDrivesOutWhoDoesNotTolerateIt) {
  start(two_nodes());
  const Json stays{{"key", "maintenance"}, {"operator", "Exists"}};
  Json lingers = stays;
  lingers["tolerationSeconds"] = 60;
  create_deployment("goes", {.replicas = 2});
  create_deployment("stays", {.replicas = 2, .pod_spec_extra = {{"tolerations", Json::array({stays})}}});
  create_deployment("lingers", {.replicas = 2, .pod_spec_extra = {{"tolerations", Json::array({lingers})}}});
  clock_.run_for(20s);
  ASSERT_EQ(pods_on("n-0", false), 3u);
  taint("n-0", "NoExecute");
  clock_.run_for(10s);
  EXPECT_EQ(pods_on("n-0", false), 2u);
  clock_.run_for(50s - 1ms);
  EXPECT_EQ(pods_on("n-0", false), 2u);
  clock_.run_for(1ms);
  EXPECT_EQ(pods_on("n-0", false), 1u);
  clock_.run_for(1min);
  EXPECT_EQ(ready_pods(), 6u);
}

TEST_F(NodeLifecycleTest, ATaintThatIsTakenBackInTimeDrivesNobodyOut) {
  start(two_nodes());
  const Json lingers{{"key", "maintenance"}, {"operator", "Exists"}, {"tolerationSeconds", 60}};
  create_deployment("web", {.replicas = 2, .pod_spec_extra = {{"tolerations", Json::array({lingers})}}});
  clock_.run_for(20s);
  taint("n-0", "NoExecute");
  clock_.run_for(30s);
  change(resources::kNodes, {"", "n-0"}, [](Json& object) { object["spec"].erase("taints"); });
  clock_.run_for(10min);
  EXPECT_EQ(pods_on("n-0", false), 1u);
}

TEST_F(NodeLifecycleTest, HeartbeatsRenewALeaseEveryTenSecondsIfTheyAreAskedFor) {
  start(two_nodes());
  clock_.run_for(1min);
  EXPECT_TRUE(store_.list(kLeases).empty());
  ClusterOptions options = two_nodes();
  options.node_lifecycle.heartbeats = true;
  start(options);
  clock_.run_for(25s);
  const Json lease = *store_.get(kLeases, {"kube-node-lease", "n-1"}).value();
  EXPECT_EQ(text_at(lease, {"spec", "holderIdentity"}), "n-1");
  EXPECT_EQ(int_at(lease, {"spec", "leaseDurationSeconds"}), 40);
  EXPECT_EQ(text_at(lease, {"spec", "renewTime"}), "2026-09-26T09:01:20.000000Z");
  ASSERT_TRUE(cluster_->actions().silence_node("n-1", 0s));
  clock_.run_for(5min);
  const Json silent = *store_.get(kLeases, {"kube-node-lease", "n-1"}).value();
  EXPECT_EQ(text_at(silent, {"spec", "renewTime"}), "2026-09-26T09:01:20.000000Z");
}

TEST(StayOnTest, TheShortestTolerationCounts) {
  const std::vector<Taint> taints = {{"a", "", "NoExecute"}, {"b", "", "NoExecute"}, {"c", "", "NoSchedule"}};
  const auto pod = [](Json tolerations) { return Json{{"spec", {{"tolerations", std::move(tolerations)}}}}; };
  const Json all{{"operator", "Exists"}};
  const Json a{{"key", "a"}, {"operator", "Exists"}, {"tolerationSeconds", 10}};
  const Json b{{"key", "b"}, {"operator", "Exists"}, {"tolerationSeconds", 5}};
  EXPECT_EQ(stay_on(pod(Json::array({all})), taints, 300s), std::nullopt);
  EXPECT_EQ(stay_on(pod(Json::array({a, b})), taints, 300s), base::Duration(5s));
  EXPECT_EQ(stay_on(pod(Json::array({a})), taints, 300s), base::Duration::zero());
  EXPECT_EQ(stay_on(pod(Json::array()), {{"node.kubernetes.io/not-ready", "", "NoExecute"}}, 300s),
            base::Duration(300s));
}

}  // namespace
}  // namespace fakeapi
