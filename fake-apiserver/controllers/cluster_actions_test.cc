#include "fake-apiserver/controllers/cluster_actions.h"

#include <map>

#include "fake-apiserver/controllers/cluster_test_fixture.h"
#include "fake-apiserver/controllers/node_table.h"

namespace fakeapi {
namespace {

using Counts = std::map<std::string, int>;

NodePoolOptions pool_of(const std::string& name, int nodes, int max_nodes, std::vector<std::string> zones = {}) {
  NodePoolOptions pool;
  pool.name = name;
  pool.nodes = nodes;
  pool.max_nodes = max_nodes;
  pool.cpu = "4";
  pool.provisioning = Delay::fixed(100s);
  pool.zones = std::move(zones);
  return pool;
}

class ClusterActionsTest : public ClusterTest {
 protected:
  void start_pools(std::vector<NodePoolOptions> pools) {
    ClusterOptions options = simple_options();
    options.node_pools = std::move(pools);
    start(options);
  }
  ClusterActions& actions() { return cluster_->actions(); }

  Counts nodes_by(const char* label) const {
    Counts counts;
    for (const ObjectPtr& node : nodes()) ++counts[text_at(*node, {"metadata", "labels", label})];
    return counts;
  }
  Counts nodes_by_zone() const { return nodes_by(kZoneLabel); }
  Counts nodes_by_pool() const { return nodes_by(kNodePoolLabel); }
  Json only_pod() const { return *pods().at(0); }
  Json container() const { return only_pod()["status"]["containerStatuses"][0]; }
  std::string only_name() const { return name_of(only_pod()).name; }
};

TEST_F(ClusterActionsTest, NodesGoRoundTheZonesOfTheirPool) {
  NodePoolOptions pool = pool_of("n", 4, 8, {"a", "b", "c"});
  pool.region = "west";
  start_pools({pool});
  EXPECT_EQ(nodes_by_zone(), (Counts{{"a", 2}, {"b", 1}, {"c", 1}}));
  EXPECT_EQ(nodes_by(kRegionLabel), (Counts{{"west", 4}}));
  create_deployment("web", {.replicas = 8 * 4, .cpu = "1"});
  clock_.run_for(5min);
  EXPECT_EQ(nodes_by_zone(), (Counts{{"a", 3}, {"b", 3}, {"c", 2}}));
}

TEST_F(ClusterActionsTest, AZoneOutageTakesNodesAndPodsAtOnceAndTheOtherZonesReplaceThem) {
  start_pools({pool_of("n", 3, 6, {"a", "b", "c"})});
  create_deployment("web", {.replicas = 6, .cpu = "1"});
  clock_.run_for(1min);
  ASSERT_EQ(ready_pods(), 6u);

  EXPECT_EQ(actions().fail_zone("a", 10min), 1);
  EXPECT_EQ(nodes_by_zone(), (Counts{{"b", 1}, {"c", 1}}));
  EXPECT_EQ(pods().size(), 4u);
  clock_.run_for(5s);
  EXPECT_EQ(ready_pods(), 6u);  // there was room for the two
  clock_.run_for(5s + 100s);    // a scan, and the way
  EXPECT_EQ(nodes_by_zone(), (Counts{{"b", 2}, {"c", 1}}));
  EXPECT_EQ(metrics_.value("fakeapi_nodepool_lost_nodes_total", {{"pool", "n"}, {"reason", "zone"}}), 1);

  scale("web", 4 * 4);  // while a is out
  clock_.run_for(3min);
  EXPECT_EQ(nodes_by_zone(), (Counts{{"b", 2}, {"c", 2}}));
  clock_.run_for(5min);  // a is back
  scale("web", 5 * 4);
  clock_.run_for(3min);
  EXPECT_EQ(nodes_by_zone(), (Counts{{"a", 1}, {"b", 2}, {"c", 2}}));
}

TEST_F(ClusterActionsTest, NodesOnTheirWayIntoAnOutageAreLostAndAskedForElsewhere) {
  start_pools({pool_of("n", 2, 3, {"a", "b", "c"})});  // a, b
  create_deployment("web", {.replicas = 12, .cpu = "1"});
  clock_.run_for(50s);  // one node is on its way to c
  EXPECT_EQ(actions().fail_zone("c", 1h), 0);
  clock_.run_until(kClusterStart + 110s);
  EXPECT_EQ(nodes().size(), 2u);
  EXPECT_EQ(metrics_.value("fakeapi_nodepool_refused_nodes_total", {{"pool", "n"}}), 1);
  clock_.run_for(10s + 100s);  // no back-off: the pool has other zones
  EXPECT_EQ(nodes_by_zone(), (Counts{{"a", 2}, {"b", 1}}));
}

TEST_F(ClusterActionsTest, APoolWithoutAnyZoneLeftIsLeftAlone) {
  start_pools({pool_of("n", 1, 3, {"a"}), pool_of("spare", 0, 1)});
  create_deployment("web", {.replicas = 2, .cpu = "1"});
  clock_.run_for(5s);
  actions().fail_zone("a", 2h);
  clock_.run_for(2min + 5s);
  EXPECT_EQ(nodes_by_pool(), (Counts{{"spare", 1}}));
  EXPECT_EQ(ready_pods(), 2u);
  clock_.run_for(2h);  // the last back-off may hold on for half an hour
  EXPECT_EQ(nodes_by_pool(), (Counts{{"spare", 1}}));
  clock_.run_for(35min);
  EXPECT_EQ(nodes_by_pool(), (Counts{{"n", 1}, {"spare", 1}}));
}

TEST_F(ClusterActionsTest, AnUnknownZoneOrPoolLosesNothing) {
  start_pools({pool_of("n", 1, 1)});
  EXPECT_EQ(actions().fail_zone("mars", 1h), 0);
  EXPECT_EQ(actions().fail_zone("", 1h), 0);
  EXPECT_EQ(actions().lose_nodes("mars", 3, 1min), 0);
  EXPECT_EQ(actions().lose_nodes("n", 0, 1min), 0);
  EXPECT_EQ(actions().lose_nodes("n", -1, 1min), 0);
  EXPECT_FALSE(actions().shortage("mars", 1h));
  EXPECT_FALSE(actions().restart_container("default", "nobody", "OOMKilled"));
  clock_.run_for(1h);
  EXPECT_EQ(nodes().size(), 1u);
}

TEST_F(ClusterActionsTest, SpotNodesAreDrainedAtTheNoticeAndGoneAfterIt) {
  start_pools({pool_of("n", 2, 4)});
  create_deployment("web", {.replicas = 4, .cpu = "1"});
  clock_.run_for(1min);
  EXPECT_EQ(actions().lose_nodes("n", 1, 2min), 1);
  EXPECT_EQ(nodes().size(), 2u);
  EXPECT_EQ(count_pods([](const Json& pod) { return is_being_deleted(pod); }), 2u);
  EXPECT_EQ(count_pods([](const Json& pod) {
              return int_at(pod, {"metadata", "deletionGracePeriodSeconds"}) == 30;
            }),
            2u);
  clock_.run_for(10s);
  EXPECT_EQ(ready_pods(), 4u);  // on the other node: this one is cordoned
  clock_.run_for(110s - 1ms);
  EXPECT_EQ(nodes().size(), 2u);
  clock_.run_for(1ms);
  EXPECT_EQ(nodes().size(), 1u);
  EXPECT_EQ(metrics_.value("fakeapi_nodepool_lost_nodes_total", {{"pool", "n"}, {"reason", "spot"}}), 1);
  clock_.run_for(2min);
  EXPECT_EQ(nodes().size(), 2u);  // the pool's minimum
}

TEST_F(ClusterActionsTest, WithoutNoticeThePodsDieWithTheirNode) {
  start_pools({pool_of("n", 3, 3)});
  create_deployment("web", {.replicas = 6, .cpu = "1"});
  clock_.run_for(1min);
  EXPECT_EQ(actions().lose_nodes("n", 2, 0s), 2);
  EXPECT_EQ(nodes().size(), 1u);
  EXPECT_EQ(pods().size(), 2u);
  EXPECT_EQ(actions().lose_nodes("n", 5, 0s), 1);
  EXPECT_TRUE(nodes().empty());
}

TEST_F(ClusterActionsTest, InAShortageThePoolIsRefusedBackedOffFromAndTheNextOneTried) {
  start_pools({pool_of("cheap", 1, 9), pool_of("dear", 0, 9)});
  EXPECT_TRUE(actions().shortage("cheap", 4min));
  create_deployment("web", {.replicas = 8, .cpu = "1"});
  clock_.run_until(kClusterStart + 19s);  // asked at 10 s, refused at 15 s
  EXPECT_EQ(metrics_.value("fakeapi_nodepool_refused_nodes_total", {{"pool", "cheap"}}), 1);
  clock_.run_until(kClusterStart + 120s - 1ms);
  EXPECT_EQ(nodes().size(), 1u);
  clock_.run_until(kClusterStart + 120s);  // the other pool was asked at 20 s
  EXPECT_EQ(nodes_by_pool(), (Counts{{"cheap", 1}, {"dear", 1}}));

  clock_.run_until(kClusterStart + 5min + 1s);  // the shortage is over, the back-off is not
  scale("web", 12);
  clock_.run_until(kClusterStart + 8min);
  EXPECT_EQ(nodes_by_pool(), (Counts{{"cheap", 1}, {"dear", 2}}));
  scale("web", 16);
  clock_.run_for(3min);
  EXPECT_EQ(nodes_by_pool(), (Counts{{"cheap", 2}, {"dear", 2}}));
}

TEST_F(ClusterActionsTest, AShortageSwallowsTheNodesOnTheirWay) {
  start_pools({pool_of("n", 1, 9)});
  create_deployment("web", {.replicas = 8, .cpu = "1"});
  clock_.run_until(kClusterStart + 60s);
  actions().shortage("n", 1min);
  clock_.run_until(kClusterStart + 5min);
  EXPECT_EQ(nodes().size(), 1u);
  clock_.run_until(kClusterStart + 110s + 5min + 10s + 100s);
  EXPECT_EQ(nodes().size(), 2u);
}

TEST_F(ClusterActionsTest, AShareOfTheRequestsFails) {
  NodePoolOptions pool = pool_of("n", 1, 9);
  pool.failure_ratio = 1;
  start_pools({pool});
  create_deployment("web", {.replicas = 8, .cpu = "1"});
  clock_.run_until(kClusterStart + 110s - 1ms);  // after the whole way
  EXPECT_EQ(metrics_.value("fakeapi_nodepool_refused_nodes_total", {{"pool", "n"}}), 0);
  clock_.run_until(kClusterStart + 110s);
  EXPECT_EQ(metrics_.value("fakeapi_nodepool_refused_nodes_total", {{"pool", "n"}}), 1);
  clock_.run_until(kClusterStart + 110s + 300s + 100s);
  EXPECT_EQ(metrics_.value("fakeapi_nodepool_refused_nodes_total", {{"pool", "n"}}), 2);
  EXPECT_EQ(nodes().size(), 1u);
}

TEST_F(ClusterActionsTest, AContainerThatIsKilledComesBackWithItsReasonOnRecord) {
  ClusterOptions options = simple_options();
  options.pod_start.boot = Delay::fixed(4s);
  start(options);
  create_deployment("web");
  clock_.run_for(1min);
  ASSERT_TRUE(is_ready(only_pod()));
  const std::string address = text_at(only_pod(), {"status", "podIP"});

  EXPECT_TRUE(actions().restart_container("default", only_name(), "OOMKilled"));
  EXPECT_EQ(condition_text(only_pod(), "Ready"), "False ContainersNotReady");
  EXPECT_EQ(text_at(container(), {"state", "terminated", "reason"}), "OOMKilled");
  EXPECT_EQ(int_at(container(), {"state", "terminated", "exitCode"}), 137);
  EXPECT_FALSE(bool_at(container(), {"ready"}));
  EXPECT_FALSE(actions().restart_container("default", only_name(), "OOMKilled"));  // it does not run

  clock_.run_for(1s);
  EXPECT_EQ(text_at(container(), {"state", "running", "startedAt"}), "2026-09-26T09:01:01Z");
  EXPECT_EQ(text_at(container(), {"lastState", "terminated", "reason"}), "OOMKilled");
  EXPECT_EQ(int_at(container(), {"restartCount"}), 1);
  EXPECT_FALSE(is_ready(only_pod()));
  clock_.run_for(4s);
  EXPECT_TRUE(is_ready(only_pod()));
  EXPECT_EQ(text_at(only_pod(), {"status", "podIP"}), address);
  EXPECT_EQ(text_at(only_pod(), {"status", "phase"}), "Running");
  EXPECT_EQ(pods().size(), 1u);
  clock_.run_for(1s);
  EXPECT_EQ(int_at(deployment("web"), {"status", "readyReplicas"}), 1);
  EXPECT_EQ(metrics_.value("fakeapi_kubelet_ended_containers_total", {{"reason", "OOMKilled"}}), 1);
}

TEST_F(ClusterActionsTest, RestartsBackOffFromTenSecondsToFiveMinutesUntilTenGoodMinutes) {
  start(simple_options());
  create_deployment("web");
  clock_.run_for(1min);
  const auto time_to_restart = [&] {
    EXPECT_TRUE(actions().restart_container("default", only_name(), "Error"));
    const base::Time ended = clock_.now();
    while (!field_at(container(), {"state", "running"})) clock_.run_for(1s);
    return clock_.now() - ended;
  };
  EXPECT_EQ(time_to_restart(), 1s);  // the first is not delayed
  for (const base::Duration wait : {10s, 20s, 40s, 80s, 160s, 300s, 300s}) {
    EXPECT_TRUE(actions().restart_container("default", only_name(), "Error"));
    EXPECT_EQ(text_at(container(), {"state", "waiting", "reason"}), "CrashLoopBackOff");
    EXPECT_EQ(text_at(container(), {"lastState", "terminated", "reason"}), "Error");
    clock_.run_for(wait - 1ms);
    EXPECT_TRUE(field_at(container(), {"state", "waiting"})) << wait / 1s;
    clock_.run_for(1ms);
    EXPECT_TRUE(field_at(container(), {"state", "running"})) << wait / 1s;
  }
  EXPECT_EQ(int_at(container(), {"restartCount"}), 8);
  clock_.run_for(10min);
  EXPECT_EQ(time_to_restart(), 1s);
  EXPECT_EQ(time_to_restart(), 10s);
}

TEST_F(ClusterActionsTest, APodThatIsDeletedWhileItBacksOffGoesAtOnce) {
  start(simple_options());
  create_deployment("web");
  clock_.run_for(1min);
  for (int i = 0; i < 5; ++i) {
    actions().restart_container("default", only_name(), "Error");
    clock_.run_for(i < 4 ? 60s : 1s);
  }
  const std::string name = only_name();
  ASSERT_TRUE(store_.remove(resources::kPods, {"default", name}, {}, 30s));
  EXPECT_FALSE(actions().restart_container("default", name, "Error"));
  clock_.run_for(1ms);
  EXPECT_FALSE(store_.get(resources::kPods, {"default", name}));
}

// Everything that happens to pods and nodes of a cluster in which much goes wrong.
std::string log_of_a_bad_night(std::uint64_t seed) {
  base::VirtualTime clock(kClusterStart);
  ObjectStore store(clock, base::Random(seed), StoreOptions{});
  base::Metrics metrics;
  ClusterOptions options;
  NodePoolOptions pool = pool_of("n", 3, 12, {"a", "b", "c"});
  pool.provisioning = Delay::lognormal(100s, 0.4);
  pool.failure_ratio = 0.3;
  options.node_pools = {pool, pool_of("spare", 0, 2)};
  options.pod_start.boot = Delay::exponential(5s);
  options.image_pull = ImagePullOptions{.bytes = 1e9, .bytes_per_second = 1e8};
  options.headroom = HeadroomOptions{.replicas = 2, .cpu = "2", .memory = "1Gi"};
  std::string log;
  for (const Resource& resource : {resources::kPods, resources::kNodes}) {
    store.subscribe(resource, [&](const StoreEvent& event) {
      log += base::format_rfc3339(event.at) + " " + to_text(*event.object) + "\n";
    });
  }
  Cluster cluster(options, store, clock, base::Random(seed), nullptr, metrics);
  (void)store.create(resources::kDeployments, deployment_object("web", {.replicas = 20, .cpu = "1"}));
  clock.run_for(5min);
  cluster.actions().fail_zone("b", 10min);
  clock.run_for(1min);
  cluster.actions().lose_nodes("n", 2, 30s);
  cluster.actions().shortage("n", 5min);
  for (const ObjectPtr& pod : store.list(resources::kPods)) {
    cluster.actions().restart_container("default", name_of(*pod).name, "OOMKilled");
  }
  clock.run_for(30min);
  return log;
}

TEST(BadNightTest, TheSameSeedGivesTheSameNight) {
  const std::string once = log_of_a_bad_night(5);
  EXPECT_EQ(once, log_of_a_bad_night(5));
  EXPECT_NE(once, log_of_a_bad_night(6));
}

}  // namespace
}  // namespace fakeapi
