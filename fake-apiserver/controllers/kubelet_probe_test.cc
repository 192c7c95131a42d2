// Probes that do work, drains, pulls: what pods go through while they run.
#include <map>

#include "fake-apiserver/controllers/cluster_test_fixture.h"
#include "fake-apiserver/controllers/image_pulls.h"

namespace fakeapi {
namespace {

class FakeApplications : public PodSampler {
 public:
  std::optional<PodSample> sample(const std::string&, const std::string&, base::Time) override { return PodSample{}; }
  ProbeAnswer probe(const std::string&, const std::string& pod, base::Time) override {
    ++probes;
    const auto special = answers.find(pod);
    return ProbeAnswer{special == answers.end() ? takes : special->second};
  }
  bool drained(const std::string&, const std::string&, base::Time at) override { return at >= drained_at; }

  std::optional<base::Duration> takes = base::Duration::zero();
  std::map<std::string, std::optional<base::Duration>> answers;  // by pod, instead
  base::Time drained_at{};
  int probes = 0;
};

class KubeletProbeTest : public ClusterTest {
 protected:
  static ClusterOptions probing(std::optional<ProbeOptions> readiness, std::optional<ProbeOptions> liveness) {
    ClusterOptions options = simple_options();
    options.pod_start.readiness_probe = readiness;
    options.pod_start.liveness_probe = liveness;
    options.node_lifecycle.monitor_grace = 10min;  // what is silent here is heard again before anybody minds
    return options;
  }
  // Starts one pod whose containers run at the returned time.
  base::Time start_one(const ClusterOptions& options) {
    start(options, &applications_);
    create_deployment("web");
    clock_.run_for(70ms + 2s);  // deployment, ReplicaSet, scheduler, containers
    return clock_.now();
  }
  Json only_pod() const { return *pods().at(0); }
  std::int64_t restarts() const { return int_at(only_pod()["status"]["containerStatuses"][0], {"restartCount"}); }

  FakeApplications applications_;
};

TEST_F(KubeletProbeTest, AReadinessProbeTakesThePodOutAndBackIn) {
  const base::Time started =
      start_one(probing(ProbeOptions{.period = 10s, .failure_threshold = 3, .does_work = true}, std::nullopt));
  EXPECT_TRUE(is_ready(only_pod()));
  applications_.takes = 1s + 1ms;  // just too slow
  clock_.run_until(started + 31s - 1ms);
  EXPECT_TRUE(is_ready(only_pod()));
  clock_.run_until(started + 31s);  // the third failure, when its time-out has passed
  EXPECT_EQ(condition_text(only_pod(), "Ready"), "False ContainersNotReady");
  EXPECT_FALSE(bool_at(only_pod()["status"]["containerStatuses"][0], {"ready"}));
  EXPECT_TRUE(field_at(only_pod()["status"]["containerStatuses"][0], {"state", "running"}));
  clock_.run_for(1s);
  EXPECT_EQ(int_at(deployment("web"), {"status", "readyReplicas"}), 0);
  EXPECT_EQ(events(name_of(only_pod()).name).back(), "Unhealthy: Readiness probe failed: context deadline exceeded");

  applications_.takes = 400ms;
  clock_.run_until(started + 40s + 400ms - 1ns);
  EXPECT_FALSE(is_ready(only_pod()));
  clock_.run_until(started + 40s + 400ms);
  EXPECT_TRUE(is_ready(only_pod()));
  EXPECT_EQ(restarts(), 0);
  EXPECT_EQ(metrics_.value("fakeapi_kubelet_failed_probes_total", {{"probe", "readiness"}}), 3);
  EXPECT_EQ(metrics_.value("fakeapi_kubelet_unready_pods_total"), 1);
}

TEST_F(KubeletProbeTest, APodThatNeverAnswersNeverBecomesReady) {
  applications_.takes = std::nullopt;
  start_one(probing(ProbeOptions{.period = 5s, .does_work = true}, std::nullopt));
  clock_.run_for(10min);
  EXPECT_FALSE(is_ready(only_pod()));
  EXPECT_EQ(metrics_.value("fakeapi_kubelet_unready_pods_total"), 0);
}

TEST_F(KubeletProbeTest, ALivenessProbeThatABusyPodFailsRestartsItAgainAndAgain) {
  const base::Time started =
      start_one(probing(std::nullopt, ProbeOptions{.period = 10s, .failure_threshold = 2, .does_work = true}));
  applications_.takes = 2s;
  clock_.run_until(started + 21s - 1ms);
  EXPECT_TRUE(is_ready(only_pod()));
  clock_.run_until(started + 21s);
  EXPECT_FALSE(is_ready(only_pod()));
  const std::string name = name_of(only_pod()).name;
  const auto all = events(name);
  EXPECT_EQ(std::count(all.begin(), all.end(), "Unhealthy: Liveness probe failed: context deadline exceeded"), 1);
  EXPECT_EQ(all.back(), "Killing: Container app failed liveness probe, will be restarted");
  clock_.run_for(1s);
  EXPECT_EQ(restarts(), 1);
  EXPECT_TRUE(is_ready(only_pod()));  // no readiness probe

  clock_.run_for(20min);
  EXPECT_GT(restarts(), 4);  // the spiral
  const auto spiral = restarts();
  applications_.takes = 1ms;
  clock_.run_for(1h);
  EXPECT_LE(restarts(), spiral + 1);
  EXPECT_TRUE(is_ready(only_pod()));
}

TEST_F(KubeletProbeTest, LivenessWaitsUntilTheApplicationIsUp) {
  applications_.takes = std::nullopt;
  ClusterOptions options = probing(std::nullopt, ProbeOptions{.period = 1s, .failure_threshold = 1, .does_work = true});
  options.pod_start.boot = Delay::fixed(1min);
  const base::Time started = start_one(options);
  clock_.run_until(started + 1min - 1ns);
  EXPECT_EQ(applications_.probes, 0);
  clock_.run_until(started + 1min);
  EXPECT_EQ(metrics_.value("fakeapi_kubelet_ended_containers_total", {{"reason", "Error"}}), 1);
}

TEST_F(KubeletProbeTest, OnlyTheBusyPodSuffers) {
  start(probing(ProbeOptions{.period = 5s, .does_work = true}, ProbeOptions{.period = 5s, .does_work = true}),
        &applications_);
  create_deployment("web", {.replicas = 3});
  clock_.run_for(10s);
  const std::string busy = name_of(*pods()[1]).name;
  applications_.answers[busy] = std::nullopt;
  clock_.run_for(1min);
  for (const ObjectPtr& pod : pods()) EXPECT_EQ(is_ready(*pod), name_of(*pod).name != busy);
  EXPECT_EQ(ready_pods(), 2u);
}

TEST_F(KubeletProbeTest, ProbesThatDoNoWorkCostNothingAfterTheStart) {
  const auto fired_in_an_hour = [&](ClusterOptions options) {
    options.events = false;  // whose ends are timers too
    cluster_.reset();
    for (const ObjectPtr& pod : pods()) (void)store_.remove(resources::kPods, name_of(*pod), {});
    start(options, &applications_);
    create(resources::kPods, {{"metadata", {{"name", "p"}, {"namespace", "default"}}},
                              {"spec", {{"containers", Json::array({{{"name", "app"}}})}}}});
    clock_.run_for(1min);
    const std::uint64_t before = clock_.fired();
    clock_.run_for(1h);
    return clock_.fired() - before;
  };
  const auto without = fired_in_an_hour(simple_options());
  EXPECT_EQ(fired_in_an_hour(probing(ProbeOptions{.period = 1s}, ProbeOptions{.period = 1s})), without);
  EXPECT_EQ(applications_.probes, 0);
}

TEST_F(KubeletProbeTest, TheProbesOfThePodsSpecDoWorkIfToldSo) {
  ClusterOptions options = simple_options();
  options.pod_start.spec_probes_do_work = true;
  start(options, &applications_);
  const Json probe{{"periodSeconds", 2}, {"timeoutSeconds", 3}, {"failureThreshold", 2}};
  const Json containers = Json::array({{{"name", "app"}, {"livenessProbe", probe}}});
  create_deployment("web", {.pod_spec_extra = {{"containers", containers}}});
  clock_.run_for(5s);
  applications_.takes = 3s;  // within the time-out
  clock_.run_for(1min);
  EXPECT_EQ(restarts(), 0);
  applications_.takes = 3001ms;
  clock_.run_for(15s);
  EXPECT_EQ(restarts(), 1);
}

TEST_F(KubeletProbeTest, ATerminatingPodIsNotProbed) {
  ClusterOptions options = probing(std::nullopt, ProbeOptions{.period = 1s, .failure_threshold = 1, .does_work = true});
  options.pod_start.termination_delay = 20s;
  start_one(options);
  const std::string name = name_of(only_pod()).name;
  scale("web", 0);
  clock_.run_for(1s);
  const int probes = applications_.probes;
  applications_.takes = std::nullopt;
  clock_.run_for(10s);
  EXPECT_EQ(applications_.probes, probes);
  EXPECT_EQ(metrics_.value("fakeapi_kubelet_ended_containers_total", {{"reason", "Error"}}), 0);
}

TEST_F(KubeletProbeTest, ATerminatingPodStaysUntilItHasDrainedButNotBeyondItsGrace) {
  struct Case {
    base::Duration drained, gone;
  };
  for (const Case& c : {Case{0s, 1s}, Case{1500ms, 2s}, Case{17s, 17s}, Case{1h, 30s}}) {
    cluster_.reset();
    start(simple_options(), &applications_);
    create(resources::kPods, {{"metadata", {{"name", "p"}, {"namespace", "default"}}},
                              {"spec", {{"containers", Json::array({{{"name", "app"}}})}}}});
    clock_.run_for(10s);
    applications_.drained_at = clock_.now() + c.drained;
    ASSERT_TRUE(store_.remove(resources::kPods, {"default", "p"}, {}, 30s));
    EXPECT_FALSE(is_ready(only_pod()));  // no endpoint any more
    clock_.run_for(c.gone - 1ms);
    EXPECT_EQ(pods().size(), 1u) << c.drained / 1ms;
    clock_.run_for(1ms);
    EXPECT_TRUE(pods().empty()) << c.drained / 1ms;
  }
}

TEST_F(KubeletProbeTest, EachNodePullsAnImageOnceAndContainersWaitForIt) {
  ClusterOptions options = simple_options();
  options.node_pools[0].nodes = 2;
  options.node_pools[0].max_nodes = 2;
  options.image_pull = ImagePullOptions{.bytes = 3e9, .bytes_per_second = 1e8};  // 30 s
  start(options);
  create_deployment("web", {.replicas = 4});
  clock_.run_for(70ms + 30s + 2s - 1ms);
  EXPECT_EQ(ready_pods(), 0u);
  clock_.run_for(1ms);
  EXPECT_EQ(ready_pods(), 4u);
  EXPECT_EQ(metrics_.value("fakeapi_kubelet_image_pulls_total"), 2);
  const auto all = events();
  EXPECT_EQ(std::count(all.begin(), all.end(), "Pulling: Pulling image \"app:1\""), 2);
  scale("web", 8);
  clock_.run_for(3s);
  EXPECT_EQ(ready_pods(), 8u);
}

TEST_F(KubeletProbeTest, InitialNodesMayHoldImagesNewNodesAreCold) {
  ClusterOptions options = simple_options();
  options.node_pools[0].cpu = "4";
  options.node_pools[0].max_nodes = 2;
  options.node_pools[0].provisioning = Delay::fixed(100s);
  options.image_pull = ImagePullOptions{.bytes = 3e9, .bytes_per_second = 1e8, .initial_images = {"app:1"}};
  start(options);
  create_deployment("web", {.replicas = 8, .cpu = "1"});
  clock_.run_for(3s);
  EXPECT_EQ(ready_pods(), 4u);
  clock_.run_until(kClusterStart + 10s + 100s + 50ms + 30s + 2s - 1ms);
  EXPECT_EQ(ready_pods(), 4u);
  clock_.run_for(1ms);
  EXPECT_EQ(ready_pods(), 8u);
}

TEST_F(KubeletProbeTest, ADeploymentMayHaveItsOwnWayToStart) {
  ClusterOptions options = simple_options();
  PodStartOptions slow;
  slow.container_delay = Delay::fixed(40s);
  options.pod_start_of[{"default", "slow-api"}] = slow;
  start(options);
  create_deployment("web");
  create_deployment("slow-api");
  create_deployment("slow");
  clock_.run_for(39s);
  EXPECT_EQ(ready_pods(), 2u);
  clock_.run_for(2s);
  EXPECT_EQ(ready_pods(), 3u);
}

TEST_F(KubeletProbeTest, WhatProbesFindWhileTheNodeIsSilentIsToldOnceItIsHeard) {
  start_one(probing(ProbeOptions{.period = 10s, .failure_threshold = 3, .does_work = true}, std::nullopt));
  ASSERT_TRUE(is_ready(only_pod()));
  ASSERT_TRUE(cluster_->actions().silence_node("n-0", 38s));
  applications_.takes = std::nullopt;
  clock_.run_for(36s);
  EXPECT_TRUE(is_ready(only_pod()));
  clock_.run_for(3s);
  EXPECT_FALSE(is_ready(only_pod()));
  EXPECT_EQ(restarts(), 0);
}

TEST_F(KubeletProbeTest, OfVerdictsInSilenceTheLastCounts) {
  start_one(probing(ProbeOptions{.period = 1s, .failure_threshold = 3, .does_work = true}, std::nullopt));
  ASSERT_TRUE(cluster_->actions().silence_node("n-0", 30s));
  applications_.takes = std::nullopt;
  clock_.run_for(10s);
  applications_.takes = base::Duration::zero();
  clock_.run_for(25s);
  EXPECT_TRUE(is_ready(only_pod()));
  EXPECT_EQ(metrics_.value("fakeapi_kubelet_unready_pods_total"), 0);
}

TEST_F(KubeletProbeTest, ALivenessProbeThatFailedInSilenceRestartsThePodOnce) {
  start_one(probing(std::nullopt, ProbeOptions{.period = 1s, .failure_threshold = 3, .does_work = true}));
  ASSERT_TRUE(cluster_->actions().silence_node("n-0", 30s));
  applications_.takes = std::nullopt;
  clock_.run_for(29s);
  EXPECT_EQ(restarts(), 0);
  applications_.takes = base::Duration::zero();
  clock_.run_for(20s);
  EXPECT_EQ(restarts(), 1);
}

}  // namespace
}  // namespace fakeapi
