#include "fake-apiserver/controllers/metrics_server.h"

#include <map>
#include <set>

#include "fake-apiserver/controllers/cluster_test_fixture.h"

namespace fakeapi {
namespace {

// Pods that burn `cores` since their first sample was possible, and answer `rate` requests a second.
class SteadySampler final : public PodSampler {
 public:
  std::optional<PodSample> sample(const std::string&, const std::string& pod, base::Time at) override {
    if (silent.contains(pod)) return std::nullopt;
    const double age = base::seconds(at - origin);
    return PodSample{.cpu_nanoseconds = static_cast<std::uint64_t>(age * cores * 1e9) - cpu_lost,
                     .memory_bytes = 1000,
                     .rates = {{"requests_per_second", age * rate}}};
  }

  base::Time origin{};  // when the counters were 0
  double cores = 0.5;
  double rate = 40;
  std::uint64_t cpu_lost = 0;
  std::set<std::string> silent;
};

class MetricsServerTest : public ClusterTest {
 protected:
  // A pod that runs from 09:00:02.05 on.
  void create_pod(const std::string& name) {
    create(resources::kPods, {{"metadata", {{"name", name}, {"namespace", "default"}}},
                              {"spec", {{"containers", Json::array({{{"name", "app"}}})}}}});
  }
  std::vector<PodMetrics> pod_metrics() { return cluster_->metrics().pod_metrics("default"); }
  void run_to(base::Duration after_start) { clock_.run_until(kClusterStart + after_start); }

  SteadySampler sampler_;
};

TEST_F(MetricsServerTest, AFreshContainersStartIsItsFirstSample) {
  start(simple_options(), &sampler_);
  create_pod("p");
  sampler_.origin = kClusterStart + 2050ms;
  run_to(15s - 1ms);
  EXPECT_TRUE(pod_metrics().empty());
  run_to(15s);
  ASSERT_EQ(pod_metrics().size(), 1u);
  const PodMetrics first = pod_metrics()[0];
  EXPECT_EQ(first.ns, "default");
  EXPECT_EQ(first.name, "p");
  EXPECT_EQ(first.timestamp, kClusterStart + 15s);
  EXPECT_EQ(first.window, 12950ms);
  ASSERT_EQ(first.containers.size(), 1u);
  EXPECT_EQ(first.containers[0].name, "app");
  EXPECT_EQ(first.containers[0].cpu_nanocores, 500'000'000u);
  EXPECT_EQ(first.containers[0].memory_bytes, 1000u);

  sampler_.cores = 0.8;
  run_to(30s);  // (27.95 s x 0.8 - 12.95 s x 0.5) / 15 s
  EXPECT_EQ(pod_metrics()[0].window, 15s);
  EXPECT_EQ(pod_metrics()[0].timestamp, kClusterStart + 30s);
  EXPECT_NEAR(static_cast<double>(pod_metrics()[0].containers[0].cpu_nanocores), 1.059e9, 1e6);
}

TEST_F(MetricsServerTest, ValuesStandStillBetweenTheSamples) {
  start(simple_options(), &sampler_);
  create_pod("p");
  run_to(15s);
  sampler_.cores = 3;
  run_to(30s - 1ns);
  EXPECT_EQ(pod_metrics()[0].timestamp, kClusterStart + 15s);
}

TEST_F(MetricsServerTest, AContainerThatIsOlderThanAPeriodNeedsTwoSamples) {
  start(simple_options());
  create_pod("p");
  clock_.run_for(1min);
  start(simple_options(), &sampler_);  // a metrics-server that comes a minute later
  clock_.run_for(15s);
  EXPECT_TRUE(pod_metrics().empty());
  clock_.run_for(15s);
  ASSERT_EQ(pod_metrics().size(), 1u);
  EXPECT_EQ(pod_metrics()[0].window, 15s);
  EXPECT_EQ(pod_metrics()[0].containers[0].cpu_nanocores, 500'000'000u);
}

TEST_F(MetricsServerTest, AMissingSampleMakesThePodBeginAnew) {
  start(simple_options(), &sampler_);
  create_pod("p");
  create_pod("q");
  run_to(30s);
  sampler_.silent.insert("p");
  run_to(45s);
  ASSERT_EQ(pod_metrics().size(), 1u);
  EXPECT_EQ(pod_metrics()[0].name, "q");
  sampler_.silent.clear();
  run_to(60s);
  EXPECT_EQ(pod_metrics().size(), 1u);
  run_to(75s);
  EXPECT_EQ(pod_metrics().size(), 2u);
}

TEST_F(MetricsServerTest, ACounterThatFellIsNoUsage) {
  start(simple_options(), &sampler_);
  create_pod("p");
  run_to(60s);
  sampler_.cpu_lost = 25'000'000'000;  // counted from anew
  run_to(75s);
  EXPECT_TRUE(pod_metrics().empty());
  run_to(90s);
  ASSERT_EQ(pod_metrics().size(), 1u);
  EXPECT_EQ(pod_metrics()[0].containers[0].cpu_nanocores, 500'000'000u);
}

TEST_F(MetricsServerTest, ARestartIsAFreshStart) {
  start(simple_options(), &sampler_);
  create_pod("p");
  run_to(31s);
  ASSERT_TRUE(cluster_->actions().restart_container("default", "p", "Error"));
  run_to(32s);  // it runs again
  sampler_.origin = clock_.now();
  sampler_.cores = 0.2;
  run_to(45s);
  ASSERT_EQ(pod_metrics().size(), 1u);
  EXPECT_EQ(pod_metrics()[0].window, 13s);
  EXPECT_EQ(pod_metrics()[0].containers[0].cpu_nanocores, 200'000'000u);
}

TEST_F(MetricsServerTest, APodThatIsGoneIsForgottenAtOnce) {
  start(simple_options(), &sampler_);
  create_pod("p");
  run_to(20s);
  ASSERT_TRUE(store_.remove(resources::kPods, {"default", "p"}, {}));
  EXPECT_TRUE(pod_metrics().empty());
}

TEST_F(MetricsServerTest, ApplicationCountersBecomeRates) {
  start(simple_options(), &sampler_);
  create_pod("p");
  create_pod("q");
  sampler_.origin = kClusterStart + 2050ms;
  run_to(15s);
  MetricsSource& metrics = cluster_->metrics();
  EXPECT_EQ(metrics.pod_value_names(), (std::vector<std::string>{"requests_per_second"}));
  const auto values = metrics.pod_values("default", "requests_per_second");
  ASSERT_EQ(values.size(), 2u);
  EXPECT_EQ(values[0].pod, "p");
  EXPECT_NEAR(values[0].value, 40, 1e-9);
  EXPECT_EQ(values[0].window, 12950ms);
  EXPECT_TRUE(metrics.pod_values("default", "other").empty());
  EXPECT_TRUE(metrics.pod_values("elsewhere", "requests_per_second").empty());
}

TEST_F(MetricsServerTest, ANodeUsesWhatItsPodsUse) {
  ClusterOptions options = simple_options();
  options.node_pools[0].nodes = 2;
  options.node_pools[0].max_nodes = 2;
  start(options, &sampler_);
  EXPECT_TRUE(cluster_->metrics().node_metrics().empty());
  create_deployment("web", {.replicas = 3});
  sampler_.origin = kClusterStart + 2070ms;
  run_to(15s);
  const auto nodes = cluster_->metrics().node_metrics();
  ASSERT_EQ(nodes.size(), 2u);
  EXPECT_EQ(nodes[0].name, "n-0");
  EXPECT_EQ(nodes[0].timestamp, kClusterStart + 15s);
  EXPECT_EQ(nodes[0].cpu_nanocores + nodes[1].cpu_nanocores, 1'500'000'000u);
  EXPECT_EQ(nodes[0].memory_bytes + nodes[1].memory_bytes, 3000u);
}

TEST_F(MetricsServerTest, WithoutASamplerPodsIdle) {
  start(simple_options());
  create_pod("p");
  run_to(60s);
  ASSERT_EQ(pod_metrics().size(), 1u);
  EXPECT_EQ(pod_metrics()[0].containers[0].cpu_nanocores, 20'000'000u);
  EXPECT_EQ(pod_metrics()[0].containers[0].memory_bytes, 50u << 20);
}

TEST_F(MetricsServerTest, TheGridStaysWhereItBegan) {
  ClusterOptions options = simple_options();
  options.metrics_resolution = 60s;
  clock_.run_for(7s);
  start(options, &sampler_);
  create_pod("p");
  clock_.run_for(10min + 59s);
  EXPECT_EQ(pod_metrics()[0].timestamp, kClusterStart + 7s + 10min);
  EXPECT_EQ(pod_metrics()[0].window, 60s);
}

TEST_F(MetricsServerTest, InThe120EraTheWindowIs30SecondsAndTheRateThatOfTheLastTenBeforeEachMinute) {
  ClusterOptions options = simple_options();
  options.metrics_resolution = 60s;
  options.metrics_window = 30s;
  start(options, &sampler_);
  create_pod("p");
  sampler_.origin = kClusterStart;
  sampler_.cores = 0.5;
  run_to(60s - 1ms);
  EXPECT_TRUE(pod_metrics().empty());
  run_to(60s);
  ASSERT_EQ(pod_metrics().size(), 1u);
  EXPECT_EQ(pod_metrics()[0].window, 30s);
  EXPECT_EQ(pod_metrics()[0].timestamp, kClusterStart + 60s);
  run_to(119s);
  EXPECT_EQ(pod_metrics()[0].timestamp, kClusterStart + 60s);
  run_to(120s);
  EXPECT_EQ(pod_metrics()[0].containers[0].cpu_nanocores, 500'000'000u);
  EXPECT_EQ(cluster_->metrics().node_metrics()[0].window, 30s);
}

TEST_F(MetricsServerTest, WithoutASamplerThePodsAnnotationsTellTheUsageOfItsContainers) {
  start(simple_options());
  const Json containers = Json::array({{{"name", "app"}}, {{"name", "sidecar"}}});
  create(resources::kPods, {{"metadata",
                             {{"name", "p"},
                              {"namespace", "default"},
                              {"annotations", {{kCpuAnnotation, "250m"}, {kMemoryAnnotation, "100Mi"}}}}},
                            {"spec", {{"containers", containers}}}});
  run_to(30s);
  ASSERT_EQ(pod_metrics().size(), 1u);
  const PodMetrics metrics = pod_metrics()[0];
  ASSERT_EQ(metrics.containers.size(), 2u);
  EXPECT_EQ(metrics.containers[1].name, "sidecar");
  EXPECT_EQ(metrics.containers[0].cpu_nanocores + metrics.containers[1].cpu_nanocores, 250'000'000u);
  EXPECT_EQ(metrics.containers[0].memory_bytes, 50u * 1024 * 1024);
  change(resources::kPods, {"default", "p"}, [](Json& pod) { pod["metadata"]["annotations"][kCpuAnnotation] = "1"; });
  run_to(45s);
  EXPECT_EQ(pod_metrics()[0].containers[0].cpu_nanocores, 500'000'000u);
}

}  // namespace
}  // namespace fakeapi
