// The tuner beside an HPA in virtual time: a round of the tuner every 15 s, the HPA's own in between, five minutes at
// most.
#include <gtest/gtest.h>

#include <algorithm>
#include <functional>

#include "scaler/policy/policy_test_support.h"
#include "scaler/policy/tuner/tuner_policy.h"

namespace scaler {
namespace {

using namespace std::chrono_literals;
using testing::kStart;

// Percent of one pod's request that all pods together use, shared evenly; followed at once and without tolerance.
struct SmallHpa {
  int min = 1;
  int max = 1000;
  int target = 20;
  int replicas = 1;
  int load = 0;

  int utilization() const { return load / replicas; }
  void round() { replicas = std::clamp((load + target - 1) / target, min, max); }
};

class TunerInCluster {
 public:
  TunerInCluster(const HpaTunerSpec& rules, const SmallHpa& hpa) : policy_(testing::tuner(rules)), hpa_(hpa) {}

  // Whether `reached` comes to hold within five minutes.
  bool eventually(const std::function<bool()>& reached) {
    for (const base::Time until = now_ + 5min; now_ < until; now_ += 15s) {
      if (reached()) return true;
      round();
    }
    return reached();
  }
  void run_for(base::Duration time) {
    for (const base::Time until = now_ + time; now_ < until; now_ += 15s) round();
  }

  SmallHpa& hpa() { return hpa_; }
  TunerPolicy& policy() { return policy_; }
  std::optional<int> decision;
  std::vector<PolicyEvent> events;

 private:
  void round() {
    hpa_.round();
    Observation observation;
    observation.now = now_;
    observation.hpa = HpaObservation{hpa_.min, hpa_.max, hpa_.replicas, hpa_.utilization(), hpa_.target};
    observation.decision_min = decision;
    const Decision decided = policy_.evaluate(observation);
    if (decided.final == decided.current) return;
    ASSERT_LE(decided.final, hpa_.max) << "the API server would refuse it";
    hpa_.min = decided.final;
    policy_.applied(decided);
    events.insert(events.end(), decided.events.begin(), decided.events.end());
  }

  base::Time now_ = kStart;
  TunerPolicy policy_;
  SmallHpa hpa_;
};

HpaTunerSpec rules(int min, int idle) {
  HpaTunerSpec spec;
  spec.min_replicas = min;
  spec.max_replicas = 100;
  spec.downscale_forbidden_window = 30s;
  spec.upscale_forbidden_window_after_downscale = 30s;
  spec.cpu_idling_percentage = idle;
  spec.use_decision_service = true;
  return spec;
}

TEST(TunerClusterTest, ATunersMinimumBeatsTheHpasWithItsEventAndTime) {
  TunerInCluster cluster(rules(5, 5), {});

  EXPECT_TRUE(cluster.eventually([&] { return cluster.hpa().min == 5; }));

  ASSERT_EQ(cluster.events.size(), 1u);
  EXPECT_EQ(cluster.events[0].reason, "SuccessfulUpscaleMin");
  EXPECT_EQ(cluster.events[0].message, "SET Min to 5");
  EXPECT_EQ(cluster.policy().status().last_up_scale_time, kStart);
  EXPECT_FALSE(cluster.policy().status().last_down_scale_time);
}

TEST(TunerClusterTest, TheDecisionServiceIsFollowedUpAndDown) {
  TunerInCluster cluster(rules(1, 5), {});
  for (const int decided : {13, 16, 7}) {
    cluster.decision = decided;
    EXPECT_TRUE(cluster.eventually([&] { return cluster.hpa().min == decided; })) << decided;
  }
  EXPECT_EQ(cluster.events.back().reason, "SuccessfulDownscaleMin");
}

TEST(TunerClusterTest, TheMinimumIsNotLoweredUnderLoad) {
  SmallHpa busy;
  busy.load = 15 * 6;  // 6 % of fifteen pods
  TunerInCluster cluster(rules(1, 5), busy);
  cluster.decision = 15;
  ASSERT_TRUE(cluster.eventually([&] { return cluster.hpa().min == 15; }));

  cluster.decision = 1;
  cluster.run_for(5min);
  EXPECT_EQ(cluster.hpa().min, 15);

  cluster.hpa().load = 15 * 4;
  EXPECT_TRUE(cluster.eventually([&] { return cluster.hpa().min < 15; }));
  cluster.hpa().load = 0;
  EXPECT_TRUE(cluster.eventually([&] { return cluster.hpa().min == 1; }));
}

TEST(TunerClusterTest, TheMinimumFollowsTheDesiredReplicasUpToTheHpasMaximumAndBack) {
  SmallHpa hpa;
  hpa.max = 3;
  hpa.load = 200;
  TunerInCluster cluster(rules(1, 5), hpa);
  EXPECT_TRUE(cluster.eventually([&] { return cluster.hpa().min == 3; }));

  cluster.hpa().load = 0;
  EXPECT_TRUE(cluster.eventually([&] { return cluster.hpa().min == 1; }));
  EXPECT_EQ(cluster.events.size(), 2u);
}

}  // namespace
}  // namespace scaler
