// Scale to zero, and what a PodAutoscaler without data leaves alone.
#include <gtest/gtest.h>

#include "scaler/policy/kpa/kpa_test_support.h"

namespace scaler {
namespace {

using namespace kpa_testing;

// Busy until the start, idle from then on: marked after a minute, and gone at `gone`, as was told when it was marked.
void expect_last_pod_to_go(KpaPolicy& policy, base::Duration gone, const std::string& next,
                           const std::string& granted) {
  const std::string grace = "scale-to-zero-grace-period";
  base::Time now = kStart - 2s;
  int pods = 1;
  follow(policy, now, kStart, pods, 5);
  const Decision marked = follow(policy, now, kStart + 60s, pods, 0);
  EXPECT_EQ(steps_of(marked), "scale-to-zero 0>1");
  ASSERT_TRUE(marked.next);
  EXPECT_EQ(marked.next->when, kStart + gone);
  EXPECT_EQ(marked.next->why, next);
  const Decision last = follow(policy, now, kStart + gone, pods, 0);
  EXPECT_EQ(pods, 0);
  EXPECT_EQ(why_unused(last, grace), granted);
  EXPECT_EQ(why_unused(follow(policy, now, kStart + gone + 2s, pods, 0), grace), "");
}

TEST(KpaZeroTest, GoesToZeroAndComesBackByItself) {
  KpaPolicy policy(kpa(ten_a_pod()));
  base::Time now = kStart - 2s;
  int pods = 1;
  follow(policy, now, kStart, pods, 5);
  ASSERT_EQ(pods, 1);

  const Decision recent = follow(policy, now, kStart + 2s, pods, 0);
  EXPECT_EQ(recent.final, 1);
  base::Time gone{};
  while (pods > 0 && now < kStart + 600s) {
    follow(policy, now, now + 2s, pods, 0);
    gone = now;
  }
  // 60 s of silence in the stable window, marked inactive, then the grace period.
  EXPECT_EQ(gone, kStart + 90s);

  EXPECT_EQ(follow(policy, now, now + 100s, pods, 0).final, 0);
  const Decision woken = follow(policy, now, now + 2s, pods, 35);
  EXPECT_EQ(woken.current, 0);
  EXPECT_GE(woken.final, 1);
}

TEST(KpaZeroTest, TellsHowLongTheLastPodStays) {
  KpaSpec spec = ten_a_pod();
  spec.pod_retention_period = 120s;
  KpaPolicy policy(kpa(spec));
  base::Time now = kStart - 2s;
  int pods = 1;
  follow(policy, now, kStart, pods, 5);
  const Decision marked = follow(policy, now, kStart + 60s, pods, 0);
  EXPECT_EQ(steps_of(marked), "scale-to-zero 0>1");
  ASSERT_TRUE(marked.next);
  EXPECT_EQ(marked.next->when, kStart + 180s);
  EXPECT_EQ(marked.next->why, "scale-to-zero-pod-retention-period is over");
  const Decision retained = follow(policy, now, kStart + 62s, pods, 0);
  EXPECT_EQ(steps_of(retained), "scale-to-zero-pod-retention-period 0>1");
  EXPECT_EQ(retained.steps[0].param, "120s");
  EXPECT_EQ(retained.steps[0].remaining, "118s");
  ASSERT_TRUE(retained.next);
  EXPECT_EQ(retained.next->when, kStart + 180s);
  const Decision gone = follow(policy, now, kStart + 180s, pods, 0);
  EXPECT_EQ(pods, 0);
  EXPECT_EQ(why_unused(gone, "scale-to-zero-pod-retention-period"), "inactive for 120s >= 120s");
  EXPECT_EQ(why_unused(gone, "scale-to-zero-grace-period"), "inactive for 120s >= 30s");
}

TEST(KpaZeroTest, APodMarkedInactiveTellsWhenTheGracePeriodEnds) {
  KpaPolicy policy(kpa(ten_a_pod()));
  expect_last_pod_to_go(policy, 90s, "scale-to-zero-grace-period is over", "inactive for 30s >= 30s");
}

// A lone pod has too little burst capacity for the default of 211: the activator is always in its path.
TEST(KpaZeroTest, AnActivatorInThePathForTheGracePeriodLetsTheLastPodGoAtOnce) {
  KpaSpec spec = ten_a_pod();
  spec.target_burst_capacity = 211;
  KpaPolicy policy(kpa(spec));
  expect_last_pod_to_go(policy, 62s, "the activator was in the path for the scale-to-zero-grace-period already",
                        "the activator is in the path for 62s >= 30s");
}

TEST(KpaZeroTest, ATargetAtZeroIsNotSwitchedOff) {
  KpaPolicy policy(kpa(ten_a_pod()));
  const Decision idle = policy.evaluate(at(kStart, 0, 0));
  EXPECT_EQ(idle.final, 0);
  EXPECT_EQ(idle.error, "");
  EXPECT_EQ(policy.evaluate(at(kStart + 2s, 0, 30)).final, 2);  // mean of three seconds: 20
}

TEST(KpaZeroTest, MinimumIsKeptWithoutDataWhileTheRevisionStarts) {
  KpaSpec spec = ten_a_pod();
  spec.min_replicas = 3;
  KpaPolicy policy(kpa(spec));
  const Decision decision = policy.evaluate(target_of(kStart, 0));
  EXPECT_EQ(decision.final, 3);
  EXPECT_EQ(steps_of(decision), "min-scale 0>3");
}

TEST(KpaZeroTest, APolicyThatComesToRunningPodsWithoutDataLeavesThem) {
  KpaSpec spec = ten_a_pod();
  spec.min_replicas = 3;
  spec.max_replicas = 5;
  for (const bool ready : {true, false}) {
    KpaPolicy policy(kpa(spec));
    for (base::Time now = kStart; now < kStart + 200s; now += 2s) {
      Observation observation = target_of(now, 8);
      for (PodObservation& pod : observation.pods) {
        if (!ready) pod.ready = ConditionStatus::kFalse;
      }
      ASSERT_EQ(policy.evaluate(observation).final, 8);
    }
  }
}

TEST(KpaZeroTest, WithoutScaleToZeroTheLastPodStays) {
  KpaSpec spec = ten_a_pod();
  spec.enable_scale_to_zero = false;
  KpaPolicy policy(kpa(spec));
  EXPECT_EQ(steps_of(policy.evaluate(at(kStart, 1, 0))), "enable-scale-to-zero 0>1");
}

}  // namespace
}  // namespace scaler
