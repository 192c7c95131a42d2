// Rolling updates as a service goes through them: how many pods serve at the worst moment, and what ends up running.
#include <algorithm>
#include <map>

#include "fake-apiserver/controllers/cluster_test_fixture.h"

namespace fakeapi {
namespace {

Json rolling(const Json& surge, const Json& unavailable) {
  return {{"type", "RollingUpdate"}, {"rollingUpdate", {{"maxSurge", surge}, {"maxUnavailable", unavailable}}}};
}

class RolloutTest : public ClusterTest {
 protected:
  void start_web(int replicas, const Json& strategy, base::Duration boot = 20s) {
    ClusterOptions options = simple_options();
    options.pod_start.boot = Delay::fixed(boot);
    options.pod_start.termination_delay = 5s;
    start(options);
    create_deployment("web", {.replicas = replicas, .strategy = strategy});
    clock_.run_for(5min);
    ASSERT_EQ(ready_pods(), static_cast<std::size_t>(replicas));
    watch();
  }
  void watch() {
    fewest_ready_ = most_pods_ = ready_pods();
    store_.subscribe(resources::kPods, [this](const StoreEvent&) {
      fewest_ready_ = std::min(fewest_ready_, ready_pods());
      most_pods_ = std::max(most_pods_, count_pods([](const Json& pod) { return !is_being_deleted(pod); }));
    });
  }
  std::map<std::string, int> ready_by_image() const {
    std::map<std::string, int> counts;
    for (const ObjectPtr& pod : pods()) {
      if (is_ready(*pod)) ++counts[text_at(pod->at("spec").at("containers")[0], {"image"})];
    }
    return counts;
  }

  std::size_t fewest_ready_ = 0;
  std::size_t most_pods_ = 0;
};

using ByImage = std::map<std::string, int>;

TEST_F(RolloutTest, WithTwoReplicasOneUnavailableIsHalfTheCapacity) {
  start_web(2, rolling(2, 1));
  set_image("web", "app:2");
  clock_.run_for(5min);
  EXPECT_EQ(ready_by_image(), (ByImage{{"app:2", 2}}));
  EXPECT_EQ(fewest_ready_, 1u);
  EXPECT_LE(most_pods_, 4u);
}

TEST_F(RolloutTest, WithTwoReplicasNoneUnavailableKeepsBoth) {
  start_web(2, rolling(2, 0));
  set_image("web", "app:2");
  clock_.run_for(5min);
  EXPECT_EQ(ready_by_image(), (ByImage{{"app:2", 2}}));
  EXPECT_EQ(fewest_ready_, 2u);
  EXPECT_EQ(most_pods_, 4u);
}

TEST_F(RolloutTest, TheDefaultQuarterOfTwoReplicasLosesNone) {
  start_web(2, nullptr);  // 25% up is one more, 25% down is none less
  set_image("web", "app:2");
  clock_.run_for(5min);
  EXPECT_EQ(fewest_ready_, 2u);
  EXPECT_EQ(most_pods_, 3u);
}

TEST_F(RolloutTest, PercentagesAreOfTheReplicas) {
  start_web(10, rolling("30%", "20%"));
  set_image("web", "app:2");
  clock_.run_for(10min);
  EXPECT_EQ(ready_by_image(), (ByImage{{"app:2", 10}}));
  EXPECT_EQ(fewest_ready_, 8u);
  EXPECT_EQ(most_pods_, 13u);
}

TEST_F(RolloutTest, ASecondChangeInTheMiddleWinsAndTheServiceHolds) {
  start_web(8, rolling(2, 1), 30s);
  set_image("web", "app:2");
  clock_.run_for(40s);
  const ByImage mixed = ready_by_image();
  ASSERT_GT(mixed.at("app:1"), 0);
  ASSERT_GT(mixed.at("app:2"), 0);
  // Of the ReplicaSets: their controllers act each on its own, so for a moment there may be a pod more.
  std::int64_t most_wanted = 0;
  store_.subscribe(resources::kReplicaSets, [&](const StoreEvent&) {
    std::int64_t wanted = 0;
    for (const ObjectPtr& set : replica_sets()) wanted += int_at(*set, {"spec", "replicas"});
    most_wanted = std::max(most_wanted, wanted);
  });
  set_image("web", "app:3");
  clock_.run_for(20min);
  EXPECT_EQ(ready_by_image(), (ByImage{{"app:3", 8}}));
  EXPECT_EQ(pods().size(), 8u);
  EXPECT_EQ(fewest_ready_, 7u);
  EXPECT_EQ(most_wanted, 10);
  EXPECT_EQ(condition_text(deployment("web"), "Progressing"), "True NewReplicaSetAvailable");
}

TEST_F(RolloutTest, ARollBackInTheMiddleReturnsToTheOldPods) {
  start_web(6, rolling(2, 1), 30s);
  set_image("web", "app:2");
  clock_.run_for(10s);  // none of the new ones is up
  set_image("web", "app:1");
  clock_.run_for(10min);
  EXPECT_EQ(ready_by_image(), (ByImage{{"app:1", 6}}));
  EXPECT_EQ(fewest_ready_, 5u);
}

TEST_F(RolloutTest, AnAutoscalerMayScaleWhileItRolls) {
  start_web(4, rolling("25%", "25%"), 30s);
  set_image("web", "app:2");
  clock_.run_for(35s);
  scale("web", 12);
  clock_.run_for(20min);
  EXPECT_EQ(ready_by_image(), (ByImage{{"app:2", 12}}));
  EXPECT_EQ(fewest_ready_, 3u);
  EXPECT_EQ(int_at(deployment("web"), {"status", "updatedReplicas"}), 12);
}

TEST_F(RolloutTest, AVersionThatNeverComesUpStopsTheRollout) {
  ClusterOptions options = simple_options();
  options.pod_start.spec_probes_do_work = false;
  start(options);
  create_deployment("web", {.replicas = 4, .strategy = rolling(1, 1)});
  clock_.run_for(1min);
  watch();
  change(resources::kDeployments, {"default", "web"}, [](Json& object) {
    object["spec"]["template"]["spec"]["nodeSelector"] = {{"disk", "none-has-this"}};
  });
  clock_.run_for(1h);
  EXPECT_EQ(fewest_ready_, 3u);
  EXPECT_EQ(ready_pods(), 3u);
  EXPECT_EQ(condition_text(deployment("web"), "Progressing"), "False ProgressDeadlineExceeded");
}

TEST_F(RolloutTest, APodLeavesReadinessAtItsDeletionAndEndsWithinItsOwnGrace) {
  ClusterOptions options = simple_options();
  options.pod_start.termination_delay = 1h;  // it never ends by itself
  start(options);
  create_deployment("web", {.replicas = 2, .pod_spec_extra = {{"terminationGracePeriodSeconds", 45}}});
  clock_.run_for(1min);
  scale("web", 1);
  clock_.run_for(20ms);
  EXPECT_EQ(ready_pods(), 1u);
  EXPECT_EQ(pods().size(), 2u);
  clock_.run_for(20ms);
  EXPECT_EQ(int_at(deployment("web"), {"status", "readyReplicas"}), 1);
  clock_.run_for(45s - 41ms);
  EXPECT_EQ(pods().size(), 2u);
  clock_.run_for(41ms);
  EXPECT_EQ(pods().size(), 1u);
}

TEST_F(RolloutTest, BlueAndGreenStandSideBySideUntilBlueIsTakenDown) {
  start_web(5, nullptr);
  create_deployment("green", {.replicas = 5, .image = "app:2"});
  clock_.run_for(1min);
  EXPECT_EQ(ready_by_image(), (ByImage{{"app:1", 5}, {"app:2", 5}}));
  ASSERT_TRUE(store_.remove(resources::kDeployments, {"default", "web"}, {}));
  clock_.run_for(1min);
  EXPECT_EQ(ready_by_image(), (ByImage{{"app:2", 5}}));
  EXPECT_EQ(fewest_ready_, 5u);
}

}  // namespace
}  // namespace fakeapi
