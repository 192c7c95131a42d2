#include "fake-apiserver/controllers/write_limit.h"

#include "fake-apiserver/controllers/cluster_test_fixture.h"

namespace fakeapi {
namespace {

TEST(WriteLimitTest, ABurstGoesAtOnceTheRestAtItsRate) {
  base::VirtualTime clock(kClusterStart);
  WriteLimit limit(clock, WriteRate{.per_second = 20, .burst = 30});
  for (int i = 0; i < 30; ++i) EXPECT_TRUE(limit.try_take()) << i;
  EXPECT_FALSE(limit.try_take());
  EXPECT_EQ(limit.wait(), 50ms);
  clock.run_for(50ms);
  EXPECT_TRUE(limit.try_take());
  EXPECT_FALSE(limit.try_take());
  clock.run_for(1h);
  for (int i = 0; i < 30; ++i) EXPECT_TRUE(limit.try_take()) << i;  // it saves no more than a burst
  EXPECT_FALSE(limit.try_take());
}

TEST(WriteLimitTest, AWriteThatGoesAnywayIsPaidLater) {
  base::VirtualTime clock(kClusterStart);
  WriteLimit limit(clock, WriteRate{.per_second = 10, .burst = 1});
  for (int i = 0; i < 3; ++i) limit.take();
  EXPECT_EQ(limit.wait(), 300ms);
}

TEST(WriteLimitTest, WithoutARateThereIsNoLimit) {
  base::VirtualTime clock(kClusterStart);
  WriteLimit limit(clock, std::nullopt);
  for (int i = 0; i < 10'000; ++i) ASSERT_TRUE(limit.try_take());
  EXPECT_EQ(limit.wait(), base::Duration::zero());
}

class LimitedClusterTest : public ClusterTest {
 protected:
  // Seconds until `count` pods are there.
  double seconds_to_create(int count, bool limited) {
    ClusterOptions options = simple_options();
    options.client_side_limits = limited;
    options.events = false;
    start(options);
    create_deployment("web", {.replicas = count});
    while (pods().size() < static_cast<std::size_t>(count) && clock_.now() < kClusterStart + 10min) {
      clock_.run_for(10ms);
    }
    return base::seconds(clock_.now() - kClusterStart);
  }
};

TEST_F(LimitedClusterTest, FiveHundredPodsTakeTheirTimeWhateverTheServer) {
  const double seconds = seconds_to_create(500, true);
  EXPECT_GE(seconds, (500 - 30) / 20.0);
  EXPECT_LE(seconds, 26);
}

TEST_F(LimitedClusterTest, WithoutLimitsTheyAreThereAtOnce) { EXPECT_LT(seconds_to_create(500, false), 1); }

class LimitedProgramsTest : public ClusterTest {
 protected:
  void start_limited(int nodes = 1) {
    ClusterOptions options = simple_options();
    options.client_side_limits = true;
    options.events = false;
    options.node_pools[0].nodes = options.node_pools[0].max_nodes = nodes;
    options.node_pools[0].max_pods = 1000;
    options.node_pools[0].cpu = "1000";
    start(options);
    clock_.run_for(10s);
  }
  // Until `count` of the pods are as they should be.
  double seconds_until(std::size_t count, const std::function<bool(const Json&)>& which) {
    const base::Time began = clock_.now();
    while (count_pods(which) < count && clock_.now() < began + 10min) clock_.run_for(50ms);
    return base::seconds(clock_.now() - began);
  }
  static bool any(const Json&) { return true; }
  static Json set(const char* kind, const Json& extra) {
    Json object = deployment_object("web");
    object["kind"] = kind;
    object["spec"].update(extra);
    return object;
  }
  void create_bare_pods(int count) {
    for (int i = 0; i < count; ++i) {
      Json pod = deployment_object("web", {.cpu = "1m"})["spec"]["template"];
      pod["metadata"].update({{"name", "p-" + std::to_string(i)}, {"namespace", "default"}});
      create(resources::kPods, std::move(pod));
    }
  }
};

TEST_F(LimitedProgramsTest, AJobMakesTwentyPodsASecond) {
  start_limited();
  Json job = set("Job", {{"parallelism", 130}, {"completions", 130}});
  job["spec"].erase("replicas");
  job["spec"]["template"]["spec"]["restartPolicy"] = "Never";
  job["spec"]["template"]["metadata"]["annotations"] = {{"gamenight/runs-for", "1h"}};
  create(resources::kJobs, job);
  const double seconds = seconds_until(130, any);
  EXPECT_GE(seconds, (130 - 30) / 20.0);
  EXPECT_LE(seconds, 2 * (130 - 30) / 20.0 + 1);  // it writes its status in between
}

TEST_F(LimitedProgramsTest, AParallelStatefulSetMakesTwentyPodsASecond) {
  start_limited();
  create(resources::kStatefulSets, set("StatefulSet", {{"replicas", 130}, {"podManagementPolicy", "Parallel"}}));
  const double seconds = seconds_until(130, any);
  EXPECT_GE(seconds, (130 - 30) / 20.0);
  EXPECT_LE(seconds, 2 * (130 - 30) / 20.0 + 1);
}

TEST_F(LimitedProgramsTest, ADaemonSetMakesTwentyPodsASecond) {
  start_limited(130);
  create(resources::kDaemonSets, set("DaemonSet", Json::object()));
  const double seconds = seconds_until(130, any);
  EXPECT_GE(seconds, (130 - 30) / 20.0);
  EXPECT_LE(seconds, 2 * (130 - 30) / 20.0 + 1);
}

TEST_F(LimitedProgramsTest, TheSchedulerBindsFiftyPodsASecond) {
  start_limited();
  create_bare_pods(400);
  const double seconds = seconds_until(400, is_bound);
  EXPECT_GE(seconds, (400 - 100) / 50.0);
  EXPECT_LE(seconds, (400 - 100) / 50.0 + 1);
}

// Each start is told twice: acknowledged, running and ready.
TEST_F(LimitedProgramsTest, AKubeletTellsFiveThingsASecond) {
  start_limited();
  create_bare_pods(50);
  const double seconds = seconds_until(50, is_ready);
  EXPECT_GE(seconds, (2 * 50 - 10) / 5.0 - 1);
  EXPECT_LE(seconds, (3 * 50 - 10) / 5.0 + 2);
}

TEST_F(LimitedProgramsTest, EachKubeletHasALimitOfItsOwn) {
  start_limited(10);
  create_bare_pods(50);
  EXPECT_LE(seconds_until(50, is_ready), 5);
}

}  // namespace
}  // namespace fakeapi
