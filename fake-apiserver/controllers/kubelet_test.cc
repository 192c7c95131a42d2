#include "fake-apiserver/controllers/kubelet.h"

#include <algorithm>
#include <map>
#include <tuple>

#include "fake-apiserver/controllers/cluster_test_fixture.h"

namespace fakeapi {
namespace {

constexpr base::Duration kBound = 10ms + 10ms + 50ms;  // deployment, ReplicaSet, scheduler

class KubeletTest : public ClusterTest {
 protected:
  Json only_pod() const { return *pods().at(0); }
  std::string transition(const char* type) const {
    return text_at(*find_condition(only_pod(), type), {"lastTransitionTime"});
  }
  void record_ready_delays() {
    store_.subscribe(resources::kPods, [this](const StoreEvent& event) {
      const std::string name = name_of(*event.object).name;
      if (is_bound(*event.object)) bound_.try_emplace(name, event.at);
      if (event.type == EventType::kAdded) order_.push_back(name);
      if (is_ready(*event.object)) ready_.try_emplace(name, event.at);
    });
  }
  // From the binding until Ready, in the order of creation.
  std::vector<base::Duration> ready_delays() const {
    std::vector<base::Duration> delays;
    for (const std::string& name : order_) {
      if (ready_.contains(name)) delays.push_back(ready_.at(name) - bound_.at(name));
    }
    return delays;
  }

  std::vector<std::string> order_;
  std::map<std::string, base::Time> bound_;
  std::map<std::string, base::Time> ready_;
};

TEST(FirstSuccessTest, TheFirstProbeNotBeforeTheApplicationIsUp) {
  const base::Time t{};
  const ReadinessProbe probe{.initial_delay = 3s, .period = 5s};
  EXPECT_EQ(first_success(probe, t, t), t + 3s);
  EXPECT_EQ(first_success(probe, t, t + 3s), t + 3s);
  EXPECT_EQ(first_success(probe, t, t + 3s + 1ns), t + 8s);
  EXPECT_EQ(first_success(probe, t, t + 8s), t + 8s);
  EXPECT_EQ(first_success(probe, t, t + 8001ms), t + 13s);
  EXPECT_EQ(first_success({.initial_delay = 0s, .period = 0s}, t, t + 7ms), t + 7ms);
}

TEST_F(KubeletTest, APodStartsStepByStepWithTimesRightToTheSecond) {
  ClusterOptions options = simple_options();
  options.pod_start.container_delay = Delay::fixed(2s);
  options.pod_start.boot = Delay::fixed(25s);
  options.pod_start.readiness_probe = ReadinessProbe{.initial_delay = 0s, .period = 5s};
  start(options);
  clock_.run_for(500ms);  // so that seconds are cut, not rounded
  create_deployment("web");
  clock_.run_for(kBound);  // 09:00:00.57
  EXPECT_TRUE(is_bound(only_pod()));
  EXPECT_EQ(text_at(only_pod(), {"status", "phase"}), "Pending");
  EXPECT_EQ(text_at(only_pod(), {"status", "startTime"}), "2026-09-26T09:00:00Z");
  EXPECT_EQ(text_at(only_pod(), {"status", "hostIP"}), "10.0.0.1");
  EXPECT_EQ(condition_text(only_pod(), "Ready"), "False ContainersNotReady");
  const Json waiting{{"waiting", {{"reason", "ContainerCreating"}}}};
  EXPECT_EQ(only_pod()["status"]["containerStatuses"][0]["state"], waiting);

  clock_.run_for(2s);  // :02.57
  EXPECT_EQ(text_at(only_pod(), {"status", "phase"}), "Running");
  const Json running{{"running", {{"startedAt", "2026-09-26T09:00:02Z"}}}};
  EXPECT_EQ(only_pod()["status"]["containerStatuses"][0]["state"], running);
  EXPECT_EQ(condition_text(only_pod(), "Ready"), "False ContainersNotReady");
  EXPECT_EQ(transition("Ready"), "2026-09-26T09:00:00Z");
  EXPECT_EQ(text_at(only_pod(), {"status", "podIP"}), "10.128.0.1");

  clock_.run_for(24999ms);
  EXPECT_EQ(condition_text(only_pod(), "Ready"), "False ContainersNotReady");
  clock_.run_for(1ms);  // :27.57, the sixth probe after the start
  EXPECT_EQ(condition_text(only_pod(), "Ready"), "True ");
  EXPECT_EQ(condition_text(only_pod(), "ContainersReady"), "True ");
  EXPECT_EQ(transition("Ready"), "2026-09-26T09:00:27Z");
  EXPECT_EQ(transition("Initialized"), "2026-09-26T09:00:00Z");
  EXPECT_TRUE(bool_at(only_pod()["status"]["containerStatuses"][0], {"ready"}));

  std::vector<std::string> types;
  const Json pod = only_pod();
  for (const Json& condition : pod["status"]["conditions"]) types.push_back(text_at(condition, {"type"}));
  EXPECT_EQ(types, (std::vector<std::string>{"Initialized", "Ready", "ContainersReady", "PodScheduled"}));
  const std::string name = name_of(only_pod()).name;
  EXPECT_EQ(events(name),
            (std::vector<std::string>{"Scheduled: Successfully assigned default/" + name + " to n-0",
                                      "Pulled: Container image \"app:1\" already present on machine",
                                      "Created: Created container app", "Started: Started container app"}));
}

TEST_F(KubeletTest, ReadinessIsSeenOnTheGridOfTheProbe) {
  struct Case {
    base::Duration boot, initial_delay, period, ready_after_start;
  };
  for (const Case& c : {Case{0s, 0s, 10s, 0s}, Case{1ms, 0s, 10s, 10s}, Case{10s, 0s, 10s, 10s}, Case{0s, 7s, 5s, 7s},
                        Case{7001ms, 7s, 5s, 12s}, Case{23s, 0s, 5s, 25s}}) {
    cluster_.reset();
    ClusterOptions options = simple_options();
    options.pod_start.boot = Delay::fixed(c.boot);
    options.pod_start.readiness_probe = ReadinessProbe{.initial_delay = c.initial_delay, .period = c.period};
    start(options);
    create(resources::kPods, {{"metadata", {{"name", "p"}, {"namespace", "default"}}},
                              {"spec", {{"containers", Json::array({{{"name", "app"}}})}}}});
    const base::Time started = clock_.now() + 50ms + 2s;
    clock_.run_until(started + c.ready_after_start - 1ns);
    EXPECT_FALSE(is_ready(only_pod())) << c.boot / 1ms;
    clock_.run_until(started + c.ready_after_start);
    EXPECT_TRUE(is_ready(only_pod())) << c.boot / 1ms;
    ASSERT_TRUE(store_.remove(resources::kPods, {"default", "p"}, {}));
  }
}

TEST_F(KubeletTest, WithoutAnOptionTheProbeOfThePodCounts) {
  ClusterOptions options = simple_options();
  options.pod_start.boot = Delay::fixed(4s);
  start(options);
  const Json containers =
      Json::array({{{"name", "app"}, {"readinessProbe", {{"initialDelaySeconds", 3}, {"periodSeconds", 20}}}}});
  create_deployment("web", {.pod_spec_extra = {{"containers", containers}}});
  clock_.run_for(kBound + 2s + 22s);
  EXPECT_FALSE(is_ready(only_pod()));
  clock_.run_for(1s);
  EXPECT_TRUE(is_ready(only_pod()));
}

TEST_F(KubeletTest, TheNthPodOfAnOwnerHasTheSameDelaysWhateverElseHappens) {
  ClusterOptions options = simple_options();
  options.pod_start.boot = Delay::lognormal(25s, 0.5);
  options.events = false;
  start(options, nullptr, 42);
  record_ready_delays();
  create_deployment("web", {.replicas = 10});
  clock_.run_for(1h);
  const auto all_at_once = ready_delays();
  ASSERT_EQ(all_at_once.size(), 10u);
  EXPECT_NE(all_at_once[0], all_at_once[1]);

  // Another policy: three first, a shrink and a second workload in between, then the rest.
  base::VirtualTime other_clock(kClusterStart);
  ObjectStore other_store(other_clock, base::Random(99), StoreOptions{});
  std::vector<std::string> order;
  std::map<std::string, base::Time> bound;
  std::map<std::string, base::Duration> delay;
  other_store.subscribe(resources::kPods, [&](const StoreEvent& event) {
    const std::string name = name_of(*event.object).name;
    if (name.substr(0, 4) != "web-") return;
    if (event.type == EventType::kAdded) order.push_back(name);
    if (is_bound(*event.object)) bound.try_emplace(name, event.at);
    if (is_ready(*event.object)) delay.try_emplace(name, event.at - bound[name]);
  });
  Cluster other(options, other_store, other_clock, base::Random(42), nullptr, metrics_);
  ASSERT_TRUE(other_store.create(resources::kDeployments, deployment_object("web", {.replicas = 3})));
  other_clock.run_for(10min);
  ASSERT_TRUE(other_store.create(resources::kDeployments, deployment_object("noise", {.replicas = 20})));
  const auto resize = [&](int replicas) {
    ASSERT_TRUE(other_store.update(resources::kDeployments, {"default", "web"}, Part::kSpec,
                                   [&](Json& object) -> base::Result<> {
                                     object["spec"]["replicas"] = replicas;
                                     return {};
                                   }));
    other_clock.run_for(1h);
  };
  resize(2);
  resize(9);
  ASSERT_EQ(order.size(), 10u);
  for (std::size_t i = 0; i < order.size(); ++i) EXPECT_EQ(delay[order[i]], all_at_once[i]) << i;
}

TEST_F(KubeletTest, ATerminatingPodIsGoneAfterItsDrainOrItsGraceIfThatIsShorter) {
  for (const auto& [termination, grace, gone_after] :
       {std::tuple<base::Duration, base::Duration, base::Duration>{1s, 30s, 1s}, {20s, 30s, 20s}, {20s, 5s, 5s}}) {
    cluster_.reset();
    ClusterOptions options = simple_options();
    options.pod_start.termination_delay = termination;
    start(options);
    create(resources::kPods, {{"metadata", {{"name", "p"}, {"namespace", "default"}}},
                              {"spec", {{"containers", Json::array({{{"name", "app"}}})}}}});
    clock_.run_for(10s);
    ASSERT_TRUE(store_.remove(resources::kPods, {"default", "p"}, {}, grace));
    clock_.run_for(gone_after - 1ms);
    EXPECT_EQ(pods().size(), 1u);
    clock_.run_for(1ms);
    EXPECT_TRUE(pods().empty());
  }
  EXPECT_EQ(events("p").back(), "Killing: Stopping container app");
}

TEST_F(KubeletTest, APodThatIsDeletedBeforeItRunsNeverRuns) {
  ClusterOptions options = simple_options();
  options.pod_start.container_delay = Delay::fixed(60s);
  start(options);
  create_deployment("web");
  clock_.run_for(1s);
  bool ran = false;
  store_.subscribe(resources::kPods, [&](const StoreEvent& event) {
    ran = ran || text_at(*event.object, {"status", "phase"}) == "Running";
  });
  ASSERT_TRUE(store_.remove(resources::kDeployments, {"default", "web"}, {}));
  clock_.run_for(5min);
  EXPECT_TRUE(pods().empty());
  EXPECT_FALSE(ran);
}

TEST_F(KubeletTest, AFinalizerHoldsATerminatedPod) {
  start(simple_options());
  create(resources::kPods,
         {{"metadata", {{"name", "p"}, {"namespace", "default"}, {"finalizers", Json::array({"x/hold"})}}},
          {"spec", {{"containers", Json::array({{{"name", "app"}}})}}}});
  clock_.run_for(10s);
  ASSERT_TRUE(store_.remove(resources::kPods, {"default", "p"}, {}, 30s));
  clock_.run_for(5min);
  EXPECT_EQ(pods().size(), 1u);
  change(resources::kPods, {"default", "p"}, [](Json& pod) { pod["metadata"].erase("finalizers"); });
  EXPECT_TRUE(pods().empty());
}

TEST_F(KubeletTest, PodsOfARemovedNodeGoAndAreReplacedElsewhere) {
  ClusterOptions options = simple_options();
  options.node_pools[0].nodes = 2;
  options.node_pools[0].max_nodes = 2;
  start(options);
  create_deployment("web", {.replicas = 4});
  clock_.run_for(10s);
  ASSERT_TRUE(store_.remove(resources::kNodes, {"", "n-0"}, {}));
  clock_.run_for(10s);
  EXPECT_EQ(ready_pods(), 4u);
  EXPECT_EQ(count_pods([](const Json& pod) { return text_at(pod, {"spec", "nodeName"}) == "n-1"; }), 4u);
}

TEST_F(KubeletTest, AClusterThatIsStartedLaterTakesOverThePodsThatAreThere) {
  ClusterOptions options = simple_options();
  options.pod_start.boot = Delay::fixed(60s);
  start(options);
  create_deployment("web", {.replicas = 3});
  clock_.run_for(30s);  // running, not ready
  start(options);
  clock_.run_for(1min);
  EXPECT_EQ(ready_pods(), 3u);
  EXPECT_EQ(pods().size(), 3u);
  EXPECT_EQ(nodes().size(), 1u);
}

}  // namespace
}  // namespace fakeapi
