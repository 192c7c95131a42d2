#include "fake-apiserver/controllers/cluster.h"

#include <boost/asio/io_context.hpp>
#include <map>

#include "common/base/real_clock.h"
#include "fake-apiserver/controllers/cluster_test_fixture.h"

namespace fakeapi {
namespace {

// The cluster of the reference load: 40 nodes of 16 cores that may become 200, pods of one core that boot for long.
ClusterOptions game_night() {
  ClusterOptions options;
  NodePoolOptions pool;
  pool.name = "general";
  pool.nodes = 40;
  pool.max_nodes = 200;
  pool.cpu = "16";
  pool.memory = "64Gi";
  options.node_pools = {pool};
  options.pod_start.boot = Delay::lognormal(25s, 0.5);
  options.pod_start.readiness_probe = ReadinessProbe{.initial_delay = 0s, .period = 5s};
  return options;
}

// What a run has written, in the order of writing.
class Digest {
 public:
  explicit Digest(ObjectStore& store) {
    store.subscribe_all(
        [this](const StoreEvent& event) { add(event.object->dump() + base::format_rfc3339_nano(event.at)); });
  }
  void add(const std::string& text) { value_ = base::stable_hash(text, value_); }
  std::uint64_t value() const { return value_; }

 private:
  std::uint64_t value_ = 0;
};

// A night in short: a rush that needs more nodes, a rollout in the middle of it, the way home.
std::uint64_t night(std::uint64_t seed, bool events) {
  base::VirtualTime clock(kClusterStart);
  ObjectStore store(clock, base::Random(seed).fork("store"), StoreOptions{});
  base::Metrics metrics;
  Digest digest(store);
  ClusterOptions options = game_night();
  options.node_pools[0].nodes = 4;
  options.node_pools[0].max_nodes = 8;
  options.events = events;
  Cluster cluster(options, store, clock, base::Random(seed), nullptr, metrics);
  const auto change = [&](const std::function<void(Json&)>& how) {
    const auto changed =
        store.update(resources::kDeployments, {"default", "api"}, Part::kSpec, [&](Json& object) -> base::Result<> {
          how(object["spec"]);
          return {};
        });
    EXPECT_TRUE(changed);
  };
  EXPECT_TRUE(store.create(resources::kDeployments, deployment_object("api", {.replicas = 20, .cpu = "1"})));
  clock.run_for(5min);
  change([](Json& spec) { spec["replicas"] = 100; });
  clock.run_for(2min);
  change([](Json& spec) { spec["template"]["spec"]["containers"][0]["image"] = "app:2"; });
  clock.run_for(5min);
  change([](Json& spec) { spec["replicas"] = 30; });
  clock.run_for(20min);
  for (const PodMetrics& pod : cluster.metrics().pod_metrics("")) {
    digest.add(pod.name + std::to_string(pod.containers[0].cpu_nanocores));
  }
  return digest.value();
}

TEST(ClusterDeterminismTest, TheSameSeedGivesTheSameNightToTheByte) {
  const std::uint64_t once = night(1, true);
  EXPECT_EQ(once, night(1, true));
  EXPECT_NE(once, night(2, true));
  EXPECT_EQ(night(3, false), night(3, false));
}

TEST_F(ClusterTest, SixHundredPodsComeUpOnNodesThatAreThereAndNodesThatCome) {
  ClusterOptions options = game_night();
  options.events = false;
  start(options);
  create_deployment("api", {.replicas = 20, .cpu = "1"});
  clock_.run_for(5min);
  ASSERT_EQ(ready_pods(), 20u);
  scale("api", 700);
  clock_.run_for(2s);
  EXPECT_EQ(pods().size(), 700u);
  EXPECT_EQ(count_pods(is_bound), 640u);  // 40 nodes of 16 cores
  clock_.run_for(10min);
  EXPECT_EQ(ready_pods(), 700u);
  EXPECT_EQ(nodes().size(), 44u);  // 60 more pods, 16 to a node
  EXPECT_EQ(int_at(deployment("api"), {"status", "readyReplicas"}), 700);
}

TEST(ClusterDeterminismTest, SixHundredPodsComeUpTheSameWayTwice) {
  std::vector<std::uint64_t> digests;
  for (int run = 0; run < 2; ++run) {
    base::VirtualTime clock(kClusterStart);
    ObjectStore store(clock, base::Random(1), StoreOptions{});
    base::Metrics metrics;
    Digest digest(store);
    ClusterOptions options = game_night();
    options.events = false;
    Cluster cluster(options, store, clock, base::Random(1), nullptr, metrics);
    ASSERT_TRUE(store.create(resources::kDeployments, deployment_object("api", {.replicas = 600, .cpu = "1"})));
    clock.run_for(2min);
    digests.push_back(digest.value());
  }
  EXPECT_EQ(digests[0], digests[1]);
}

TEST_F(ClusterTest, SchedulingALargeBatchIsOneTimerNotOneEach) {
  ClusterOptions options = game_night();
  options.node_pools[0].nodes = 200;
  options.create_batch_interval = 0s;
  options.events = false;
  start(options);
  clock_.run_for(1min);
  create_deployment("api", {.replicas = 600, .cpu = "1"});
  const base::Time asked = clock_.now();
  std::map<base::Time, int> bound;
  store_.subscribe(resources::kPods, [&](const StoreEvent& event) {
    if (event.previous && is_bound(*event.object) && !is_bound(*event.previous)) ++bound[event.at];
  });
  clock_.run_for(10s);
  EXPECT_EQ(bound, (std::map<base::Time, int>{{asked + 70ms, 600}}));
  // 600 pods on 200 nodes: three each, for the spread is even.
  std::map<std::string, int> by_node;
  for (const ObjectPtr& pod : pods()) ++by_node[text_at(*pod, {"spec", "nodeName"})];
  for (const auto& [node, count] : by_node) EXPECT_EQ(count, 3) << node;
}

TEST_F(ClusterTest, ADestroyedClusterLeavesNoTimersAndNoSubscriptions) {
  start(game_night());
  create_deployment("api", {.replicas = 20});
  clock_.run_for(100ms);  // pods half way up
  cluster_.reset();
  EXPECT_EQ(clock_.next_due(), std::nullopt);
  scale("api", 5);  // nobody listens
  clock_.run_for(1h);
  EXPECT_EQ(pods().size(), 20u);
}

TEST_F(ClusterTest, AQuietClusterOnlySamplesAndScans) {
  start(game_night());
  create_deployment("api", {.replicas = 20});
  clock_.run_for(15min);
  const Revision before = store_.revision();
  const std::uint64_t fired = clock_.fired();
  clock_.run_for(10min);
  EXPECT_EQ(store_.revision(), before);
  EXPECT_EQ(clock_.fired() - fired, 40u + 60u);  // samples each 15 s, scans each 10 s
}

TEST(ClusterOnRealTimeTest, WorksTheSame) {
  boost::asio::io_context context(1);
  base::RealClock clock(context.get_executor());
  ObjectStore store(clock, base::Random(1), StoreOptions{});
  base::Metrics metrics;
  ClusterOptions options;
  options.pod_start.container_delay = Delay::fixed(1ms);
  Cluster cluster(options, store, clock, base::Random(1), nullptr, metrics);
  ASSERT_TRUE(store.create(resources::kDeployments, deployment_object("web", {.replicas = 3})));
  std::set<std::string> ready;
  store.subscribe(resources::kPods, [&](const StoreEvent& event) {
    const Json* condition = find_condition(*event.object, "Ready");
    if (condition && text_at(*condition, {"status"}) == "True") ready.insert(name_of(*event.object).name);
    if (ready.size() == 3) context.stop();
  });
  context.run_for(20s);
  EXPECT_EQ(ready.size(), 3u);
}

}  // namespace
}  // namespace fakeapi
