// A cluster that is taken down at any moment and goes on from a snapshot: nothing twice, nothing well that was not.
#include <algorithm>
#include <map>
#include <tuple>

#include "fake-apiserver/controllers/cluster_test_fixture.h"

namespace fakeapi {
namespace {

// What is kept of a cluster: its objects as they are in the store.
struct Snapshot {
  base::Time time{};
  Revision revision = 0;
  std::vector<std::pair<Resource, Json>> objects;
};

// A cluster with everything that it stands on.
struct World {
  World(const ClusterOptions& options, base::Time start) : clock(start) { begin(options); }
  World(const ClusterOptions& options, Snapshot snapshot) : clock(snapshot.time) {
    store.restore(snapshot.revision, std::move(snapshot.objects));
    begin(options);
  }

  void begin(const ClusterOptions& options) {
    store.subscribe(resources::kPods, [this](const StoreEvent& event) { note_pod(event); });
    cluster = std::make_unique<Cluster>(options, store, clock, base::Random(1), nullptr, metrics);
  }
  void note_pod(const StoreEvent& event) {
    const std::string name = name_of(*event.object).name;
    if (event.type == EventType::kAdded) created.push_back(name);
    const bool was = event.previous && ready(*event.previous);
    if (event.type != EventType::kDeleted && !was && ready(*event.object)) became_ready[name].push_back(event.at);
  }
  Snapshot snapshot() const {
    Snapshot snapshot{clock.now(), store.revision(), {}};
    for (const Resource& resource : store.resources()) {
      for (const ObjectPtr& object : store.list(resource)) snapshot.objects.emplace_back(resource, *object);
    }
    return snapshot;
  }

  static bool ready(const Json& object) {
    const Json* condition = find_condition(object, "Ready");
    return condition && text_at(*condition, {"status"}) == "True";
  }
  ObjectPtr pod(const std::string& name) const { return store.find(resources::kPods, {"default", name}); }
  std::vector<ObjectPtr> pods_like(const std::string& stem) const {
    std::vector<ObjectPtr> found;
    for (const ObjectPtr& pod : store.list(resources::kPods)) {
      if (name_of(*pod).name.starts_with(stem) && !is_being_deleted(*pod)) found.push_back(pod);
    }
    return found;
  }
  static std::int64_t restarts(const Json& pod) {
    return int_at(at_path(pod, {"status", "containerStatuses"}).at(0), {"restartCount"});
  }
  // Of all pods that have one, and of all nodes.
  std::vector<std::string> addresses() const {
    std::vector<std::string> found;
    for (const ObjectPtr& pod : store.list(resources::kPods)) {
      if (const std::string ip = text_at(*pod, {"status", "podIP"}); !ip.empty()) found.push_back(ip);
    }
    for (const ObjectPtr& node : store.list(resources::kNodes)) {
      found.push_back(text_at(at_path(*node, {"status", "addresses"}).at(0), {"address"}));
    }
    return found;
  }

  base::VirtualTime clock;
  ObjectStore store{clock, base::Random(7), StoreOptions{}};
  base::Metrics metrics;
  std::vector<std::string> created;  // pods, in order
  std::map<std::string, std::vector<base::Time>> became_ready;
  std::unique_ptr<Cluster> cluster;
};

ClusterOptions options_of_world() {
  ClusterOptions options;
  NodePoolOptions pool;
  pool.name = "n";
  pool.nodes = 3;
  pool.max_nodes = 5;
  pool.cpu = "4";
  pool.provisioning = Delay::fixed(30s);
  pool.readiness = Delay::fixed(20s);
  options.node_pools = {pool};
  options.node_lifecycle.heartbeats = true;
  options.pod_start.termination_delay = 10s;
  return options;
}

Json pod_template(const std::string& app, const Json& annotations, const Json& spec_extra = Json::object()) {
  Json object = deployment_object(app)["spec"]["template"];
  object["metadata"]["annotations"] = annotations;
  object["spec"].update(spec_extra);
  return object;
}

Json workload(const char* kind, const std::string& name, const Json& spec) {
  return {{"apiVersion", std::string(kind) == "Job" ? "batch/v1" : "apps/v1"},
          {"kind", kind},
          {"metadata", {{"name", name}, {"namespace", "default"}}},
          {"spec", spec}};
}

const Json kCrashes{{"gamenight/runs-for", "5s"}, {"gamenight/exit-code", "1"}};

void populate(World& world) {
  const auto create = [&](const Resource& resource, Json object) {
    ASSERT_TRUE(world.store.create(resource, std::move(object)));
  };
  create(resources::kDeployments, deployment_object("web", {.replicas = 4, .cpu = "1"}));
  Json crash = deployment_object("crash");
  crash["spec"]["template"] = pod_template("crash", kCrashes);
  create(resources::kDeployments, crash);
  Json init = deployment_object("init");
  init["spec"]["template"] =
      pod_template("init", {{"gamenight/init-exit-code", "3"}},
                   {{"initContainers", Json::array({{{"name", "first"}, {"image", "setup:1"}}})}});
  create(resources::kDeployments, init);
  const Json selector{{"matchLabels", {{"app", "db"}}}};
  create(resources::kStatefulSets,
         workload("StatefulSet", "db",
                  {{"replicas", 3}, {"selector", selector}, {"template", pod_template("db", Json::object())}}));
  create(resources::kDaemonSets, workload("DaemonSet", "agent",
                                          {{"selector", {{"matchLabels", {{"app", "agent"}}}}},
                                           {"template", pod_template("agent", Json::object())}}));
  create(resources::kJobs,
         workload("Job", "sum",
                  {{"parallelism", 2},
                   {"completions", 6},
                   {"template", pod_template("sum", {{"gamenight/runs-for", "30s"}}, {{"restartPolicy", "Never"}})}}));
}

// As `kubectl drain` does: the pods of Deployments go, each with its grace.
void drain(World& world, const std::string& node) {
  const auto cordon = [](Json& object) -> base::Result<> {
    object["spec"]["unschedulable"] = true;
    return {};
  };
  ASSERT_TRUE(world.store.update(resources::kNodes, {"", node}, Part::kSpec, cordon));
  for (const ObjectPtr& pod : world.store.list(resources::kPods)) {
    const auto owner = controller_of(*pod);
    if (text_at(*pod, {"spec", "nodeName"}) != node || !owner || owner->kind == "DaemonSet") continue;
    ASSERT_TRUE(world.store.remove(resources::kPods, name_of(*pod), {}, 30s));
  }
}

class RestoreTest : public testing::TestWithParam<int> {
 protected:
  // A busy cluster `seconds` after its start; at 60 s it wants a fourth node, at 100 s one of its nodes is drained.
  static std::unique_ptr<World> run_for(std::chrono::seconds until) {
    auto world = std::make_unique<World>(options_of_world(), kClusterStart);
    populate(*world);
    world->clock.run_for(std::min<std::chrono::seconds>(until, 60s));
    if (until <= 60s) return world;
    grow(*world);
    world->clock.run_for(std::min<std::chrono::seconds>(until, 100s) - 60s);
    if (until <= 100s) return world;
    drain(*world, "n-1");
    world->clock.run_for(until - 100s);
    return world;
  }
  static void grow(World& world) {
    const auto more = [](Json& object) -> base::Result<> {
      object["spec"]["replicas"] = 11;
      return {};
    };
    ASSERT_TRUE(world.store.update(resources::kDeployments, {"default", "web"}, Part::kSpec, more));
  }
};

TEST_P(RestoreTest, NothingIsMadeTwiceAndNoAddressIsGivenTwice) {
  const auto before = run_for(std::chrono::seconds(GetParam()));
  World after(options_of_world(), before->snapshot());
  for (int second = 0; second < 300; ++second) {
    after.clock.run_for(1s);
    std::vector<std::string> addresses = after.addresses();
    std::sort(addresses.begin(), addresses.end());
    const auto twice = std::adjacent_find(addresses.begin(), addresses.end());
    ASSERT_EQ(twice, addresses.end()) << *twice << " after " << second << " s";
    ASSERT_LE(after.pods_like("db-").size(), 3u);
    ASSERT_LE(after.pods_like("sum-").size(), 6u);
    ASSERT_LE(after.pods_like("web-").size(), 11u);
    ASSERT_LE(after.store.list(resources::kNodes).size(), 5u);
  }
  // Both clusters end with the same things.
  before->clock.run_for(300s);
  for (const Resource& resource :
       {resources::kDeployments, resources::kReplicaSets, resources::kStatefulSets, resources::kJobs,
        Resource{"apps", "controllerrevisions"}, Resource{"coordination.k8s.io", "leases"}}) {
    const auto names = [&](const World& world) {
      std::vector<std::string> found;
      for (const ObjectPtr& object : world.store.list(resource)) found.push_back(name_of(*object).name);
      return found;
    };
    EXPECT_EQ(names(*before), names(after)) << resource.plural;
  }
  for (const char* stem : {"web-", "crash-", "init-", "db-", "agent-", "sum-"}) {
    EXPECT_EQ(after.pods_like(stem).size(), before->pods_like(stem).size()) << stem;
  }
  EXPECT_EQ(after.store.list(resources::kNodes).size(), before->store.list(resources::kNodes).size());
  const Json job = *after.store.find(resources::kJobs, {"default", "sum"});
  EXPECT_EQ(int_at(job, {"status", "succeeded"}), 6);
}

TEST_P(RestoreTest, WhatRunsGoesOnUndisturbed) {
  const auto before = run_for(std::chrono::seconds(GetParam()));
  World after(options_of_world(), before->snapshot());
  std::map<std::string, Json> well;  // status by name
  for (const ObjectPtr& pod : before->store.list(resources::kPods)) {
    if (World::ready(*pod) && !is_being_deleted(*pod) && !name_of(*pod).name.starts_with("crash-")) {
      well[name_of(*pod).name] = at_path(*pod, {"status"});
    }
  }
  after.clock.run_for(5s);
  for (const auto& [name, status] : well) {
    const ObjectPtr pod = after.pod(name);
    ASSERT_TRUE(pod) << name;
    // Those of the Job come to their end.
    if (name.starts_with("sum-")) continue;
    EXPECT_EQ(at_path(*pod, {"status"}), status) << name;
  }
  for (const auto& [name, times] : after.became_ready) EXPECT_FALSE(well.contains(name)) << name;
}

TEST_P(RestoreTest, AContainerThatCrashesKeepsItsRestartsAndItsBackOff) {
  const auto before = run_for(std::chrono::seconds(GetParam()));
  World after(options_of_world(), before->snapshot());
  // A second apart at most: what a status tells of times are whole seconds.
  const auto follow = [](World& world, const std::string& name) {
    std::map<std::int64_t, base::Time> starts;
    for (int i = 0; i < 700; ++i) {
      world.clock.run_for(1s);
      const ObjectPtr pod = world.pod(name);
      if (pod) starts.emplace(World::restarts(*pod), world.clock.now());
    }
    return starts;
  };
  for (const char* stem : {"crash-"}) {
    for (const ObjectPtr& pod : before->pods_like(stem)) {
      const std::string name = name_of(*pod).name;
      const auto expected = follow(*before, name);
      const auto found = follow(after, name);
      EXPECT_LE(std::max(found.size(), expected.size()) - std::min(found.size(), expected.size()), 1u);
      EXPECT_GE(found.size(), 3u);
      for (const auto& [restart, at] : expected) {
        // A second before the beginning, or after the end.
        const bool edge = restart == expected.begin()->first || restart == expected.rbegin()->first;
        if (edge && !found.contains(restart)) continue;
        ASSERT_TRUE(found.contains(restart)) << restart;
        EXPECT_LE(std::chrono::abs(found.at(restart) - at), 2s) << "restart " << restart;
      }
    }
  }
}

INSTANTIATE_TEST_SUITE_P(After, RestoreTest,
                         testing::Values(1, 2, 3, 8, 14, 21, 40, 62, 75, 92, 99, 101, 105, 130, 200),
                         [](const auto& test) { return std::to_string(test.param) + "Seconds"; });

TEST(RestoredPodTest, OneInCrashLoopBackOffDoesNotBecomeReadyBeforeItsBackOffIsOver) {
  World before(options_of_world(), kClusterStart);
  Json crash = deployment_object("crash");
  crash["spec"]["template"] = pod_template("crash", kCrashes);
  ASSERT_TRUE(before.store.create(resources::kDeployments, crash));
  const auto state = [](const World& world) {
    return at_path(at_path(*world.pods_like("crash-").front(), {"status", "containerStatuses"}).at(0), {"state"});
  };
  before.clock.run_for(5s);
  for (int i = 0; text_at(state(before), {"waiting", "message"}).find("back-off 40s") == std::string::npos; ++i) {
    ASSERT_LT(i, 600);
    before.clock.run_for(1s);
  }
  World after(options_of_world(), before.snapshot());
  const Json ended = *before.pods_like("crash-").front();
  const auto finished =
      time_at(at_path(ended, {"status", "containerStatuses"}).at(0), {"lastState", "terminated", "finishedAt"});
  ASSERT_TRUE(finished);
  after.clock.run_for(5s);
  EXPECT_EQ(after.pods_like("crash-").front()->at("status"), ended.at("status"));
  after.clock.run_for(50s);
  const std::string name = name_of(ended).name;
  ASSERT_EQ(after.became_ready[name].size(), 1u);
  EXPECT_GE(after.became_ready[name].front(), *finished + 40s);
  EXPECT_LE(after.became_ready[name].front(), *finished + 42s);
  EXPECT_EQ(World::restarts(*after.pod(name)), World::restarts(ended) + 1);
  // The next wait is twice as long.
  EXPECT_EQ(text_at(state(after), {"waiting", "message"}).find("back-off 1m20s"), std::string::npos);
  EXPECT_NE(text_at(state(after), {"waiting", "message"}).find("back-off 80s"), std::string::npos);
}

TEST(RestoredPodTest, AnInitContainerThatFailsGoesOnFailing) {
  World before(options_of_world(), kClusterStart);
  populate(before);
  before.clock.run_for(40s);
  World after(options_of_world(), before.snapshot());
  const auto init = [](const World& world) {
    return at_path(*world.pods_like("init-").front(), {"status", "initContainerStatuses"}).at(0);
  };
  EXPECT_GT(int_at(init(before), {"restartCount"}), 0);
  for (int i = 0; i < 300; ++i) {
    before.clock.run_for(1s);
    after.clock.run_for(1s);
    EXPECT_LE(std::abs(int_at(init(after), {"restartCount"}) - int_at(init(before), {"restartCount"})), 1) << i;
  }
  EXPECT_EQ(int_at(init(after), {"restartCount"}), int_at(init(before), {"restartCount"}));
  EXPECT_FALSE(World::ready(*after.pods_like("init-").front()));
}

TEST(RestoredPodTest, OneThatEndsTakesTheRestOfItsTime) {
  World before(options_of_world(), kClusterStart);
  populate(before);
  before.clock.run_for(20s);
  ASSERT_TRUE(before.store.remove(resources::kPods, {"default", "db-2"}, {}, 30s));
  before.clock.run_for(4s);
  const std::string uid = uid_of(*before.pod("db-2"));
  World after(options_of_world(), before.snapshot());
  after.clock.run_for(5s);
  ASSERT_TRUE(after.pod("db-2"));
  EXPECT_EQ(uid_of(*after.pod("db-2")), uid);  // asked 9 s ago, of 10
  after.clock.run_for(2s);
  EXPECT_TRUE(!after.pod("db-2") || uid_of(*after.pod("db-2")) != uid);
}

TEST(RestoredPodTest, TheDeadlineOfAPodStillCounts) {
  World before(options_of_world(), kClusterStart);
  Json pod{{"apiVersion", "v1"},
           {"kind", "Pod"},
           {"metadata", {{"name", "short"}, {"namespace", "default"}}},
           {"spec", pod_template("short", Json::object(), {{"activeDeadlineSeconds", 60}})["spec"]}};
  ASSERT_TRUE(before.store.create(resources::kPods, pod));
  before.clock.run_for(20s);
  World after(options_of_world(), before.snapshot());
  after.clock.run_for(38s);
  EXPECT_EQ(text_at(*after.pod("short"), {"status", "phase"}), "Running");
  after.clock.run_for(4s);
  EXPECT_EQ(text_at(*after.pod("short"), {"status", "reason"}), "DeadlineExceeded");
}

TEST(RestoredNodeTest, OneThatWasSilentIsHeardAgainAndKeepsItsPods) {
  World before(options_of_world(), kClusterStart);
  populate(before);
  before.clock.run_for(20s);
  ASSERT_TRUE(before.cluster->actions().silence_node("n-0", 0s));
  before.clock.run_for(60s);
  const auto node = [](const World& world) { return *world.store.find(resources::kNodes, {"", "n-0"}); };
  ASSERT_EQ(text_at(*find_condition(node(before), "Ready"), {"status"}), "Unknown");
  World after(options_of_world(), before.snapshot());
  after.clock.run_for(1s);
  EXPECT_TRUE(World::ready(node(after)));
  EXPECT_FALSE(field_at(node(after), {"spec", "taints"}));
  after.clock.run_for(10min);
  for (const ObjectPtr& pod : before.store.list(resources::kPods)) {
    if (text_at(*pod, {"spec", "nodeName"}) != "n-0" || !controller_of(*pod) || controller_of(*pod)->kind == "Job")
      continue;
    ASSERT_TRUE(after.pod(name_of(*pod).name)) << name_of(*pod).name;
    EXPECT_EQ(uid_of(*after.pod(name_of(*pod).name)), uid_of(*pod));
  }
}

TEST(RestoredNodeTest, ATaintThatDrivesOutDoesSoAfterARestore) {
  ClusterOptions options = options_of_world();
  options.node_lifecycle.heartbeats = false;  // nothing else happens to the node
  World before(options, kClusterStart);
  populate(before);
  before.clock.run_for(20s);
  before.cluster.reset();  // while nobody looks
  const auto taint = [](Json& object) -> base::Result<> {
    object["spec"]["taints"] = Json::array({{{"key", "gone"}, {"effect", "NoExecute"}}});
    return {};
  };
  ASSERT_TRUE(before.store.update(resources::kNodes, {"", "n-0"}, Part::kSpec, taint));
  World after(options, before.snapshot());
  after.clock.run_for(30s);
  for (const ObjectPtr& pod : after.store.list(resources::kPods)) {
    if (controller_of(*pod)->kind == "Job") continue;
    EXPECT_NE(text_at(*pod, {"spec", "nodeName"}), "n-0") << name_of(*pod).name;
  }
}

// Karpenter's nodes: one comes up, one is being emptied.
TEST(RestoredNodeTest, KarpenterCountsOnAndFinishesWhatItHasBegun) {
  ClusterOptions options = options_of_world();
  options.node_pools[0].max_nodes = 3;
  options.karpenter.emplace();
  options.karpenter->registration = Delay::fixed(10s);
  options.karpenter->readiness = Delay::fixed(20s);
  World before(options, kClusterStart);
  ASSERT_TRUE(before.store.create(resources::kDeployments, deployment_object("web", {.replicas = 20, .cpu = "1"})));
  before.clock.run_for(25s);
  const std::size_t coming = before.store.list(resources::kNodes).size();
  ASSERT_GT(coming, 3u);
  World after(options, before.snapshot());
  after.clock.run_for(2min);
  EXPECT_EQ(after.store.list(resources::kNodes).size(), coming);
  for (const ObjectPtr& node : after.store.list(resources::kNodes)) EXPECT_TRUE(World::ready(*node));
  EXPECT_EQ(after.pods_like("web-").size(), 20u);
  const auto scale = [&](World& world, int replicas) {
    const auto change = [replicas](Json& object) -> base::Result<> {
      object["spec"]["replicas"] = replicas;
      return {};
    };
    ASSERT_TRUE(world.store.update(resources::kDeployments, {"default", "web"}, Part::kSpec, change));
  };
  scale(after, 60);
  after.clock.run_for(2min);
  std::vector<std::string> addresses = after.addresses();
  std::sort(addresses.begin(), addresses.end());
  EXPECT_EQ(std::adjacent_find(addresses.begin(), addresses.end()), addresses.end());
  EXPECT_GT(after.store.list(resources::kNodes).size(), coming);
}

TEST(RestoredNodeTest, WhatWasBeingEmptiedIsEmptiedToTheEnd) {
  ClusterOptions options = options_of_world();
  options.node_pools[0].max_nodes = 3;
  options.karpenter.emplace();
  options.karpenter->consolidation = false;
  options.karpenter->registration = Delay::fixed(10s);
  World before(options, kClusterStart);
  ASSERT_TRUE(before.store.create(resources::kDeployments, deployment_object("web", {.replicas = 20, .cpu = "1"})));
  before.clock.run_for(2min);
  std::string leaving;
  for (const ObjectPtr& node : before.store.list(resources::kNodes)) {
    if (name_of(*node).name.starts_with("karpenter-")) leaving = name_of(*node).name;
  }
  ASSERT_NE(leaving, "");
  const auto drain = [](Json& node) -> base::Result<> {
    node["spec"]["unschedulable"] = true;
    node["metadata"]["annotations"]["gamenight/drained-by"] = "karpenter";
    return {};
  };
  ASSERT_TRUE(before.store.update(resources::kNodes, {"", leaving}, Part::kSpec, drain));
  World after(options, before.snapshot());
  after.clock.run_for(2min);
  EXPECT_FALSE(after.store.find(resources::kNodes, {"", leaving}));
  EXPECT_EQ(after.pods_like("web-").size(), 20u);
}

TEST(RestoredStoreTest, NoUidIsGivenTwiceWithTheSameSeed) {
  World before(options_of_world(), kClusterStart);
  populate(before);
  before.clock.run_for(30s);
  World after(options_of_world(), before.snapshot());
  after.clock.run_for(1s);
  ASSERT_TRUE(after.store.create(resources::kDeployments, deployment_object("other", {.replicas = 30})));
  after.clock.run_for(1min);
  std::map<std::string, std::string> owners;
  for (const Resource& resource : after.store.resources()) {
    for (const ObjectPtr& object : after.store.list(resource)) {
      const auto [at, added] = owners.emplace(uid_of(*object), resource.plural + "/" + name_of(*object).name);
      EXPECT_TRUE(added) << at->second << " and " << resource.plural << "/" << name_of(*object).name;
    }
  }
}

}  // namespace
}  // namespace fakeapi
