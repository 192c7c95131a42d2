#include "scaler/policy/kpa/scale_to_zero.h"

#include <gtest/gtest.h>

#include "scaler/policy/policy_test_support.h"

namespace scaler {
namespace {

using namespace std::chrono_literals;
using testing::kStart;
using Zero = ReconcileResult::Zero;

ReconcileInput at(base::Time now, int desired, int ready, int burst = 0) {
  ReconcileInput input;
  input.now = now;
  input.desired = desired;
  input.excess_burst_capacity = burst;
  input.ready = ready;
  return input;
}

// A revision that became active at kStart with one ready pod.
ScaleToZero active(const KpaSpec& spec) {
  ScaleToZero reconciler(spec, kStart - 10s);
  reconciler.reconcile(at(kStart, 1, 1));
  EXPECT_EQ(reconciler.activity(), Activity::kActive);
  return reconciler;
}

// One that was marked inactive at kStart + 60s.
ScaleToZero inactive(const KpaSpec& spec, int burst = 0) {
  ScaleToZero reconciler = active(spec);
  EXPECT_EQ(reconciler.reconcile(at(kStart + 60s, 0, 1, burst)).zero, Zero::kMarkedInactive);
  EXPECT_EQ(reconciler.activity(), Activity::kInactive);
  return reconciler;
}

TEST(ScaleToZeroTest, UnknownAndActiveDoesNothing) {
  ScaleToZero reconciler = active(KpaSpec{});
  const ReconcileResult result = reconciler.reconcile(at(kStart + 2s, -1, 1));
  EXPECT_FALSE(result.apply);
  EXPECT_EQ(result.want, -1);
  EXPECT_EQ(reconciler.activity(), Activity::kActive);
}

TEST(ScaleToZeroTest, BoundsHoldAndAMaximumOfZeroIsNone) {
  KpaSpec spec;
  spec.min_replicas = 2;
  spec.max_replicas = 5;
  ScaleToZero bounded(spec, kStart);
  EXPECT_EQ(bounded.reconcile(at(kStart, 9, 2)).want, 5);
  EXPECT_EQ(bounded.reconcile(at(kStart, 1, 2)).want, 2);
  EXPECT_EQ(bounded.reconcile(at(kStart, 0, 2)).want, 2);

  ScaleToZero unbounded(KpaSpec{}, kStart);
  EXPECT_EQ(unbounded.reconcile(at(kStart, 900, 2)).want, 900);
}

TEST(ScaleToZeroTest, AnUnreachableRevisionHasNoMinimum) {
  KpaSpec spec;
  spec.min_replicas = 2;
  spec.reachable = false;
  spec.initial_scale = 4;
  EXPECT_EQ(ScaleToZero(spec, kStart).least(), 0);
}

TEST(ScaleToZeroTest, InitialScaleHoldsUntilItWasReady) {
  KpaSpec spec;
  spec.initial_scale = 3;
  ScaleToZero reconciler(spec, kStart);
  EXPECT_EQ(reconciler.reconcile(at(kStart, 1, 2)).want, 3);
  EXPECT_EQ(reconciler.activity(), Activity::kActivating);
  EXPECT_EQ(reconciler.reconcile(at(kStart + 2s, 1, 3)).want, 3);
  EXPECT_EQ(reconciler.activity(), Activity::kActive);
  EXPECT_EQ(reconciler.reconcile(at(kStart + 4s, 1, 3)).want, 1);
}

TEST(ScaleToZeroTest, WithoutScaleToZeroOnePodStays) {
  KpaSpec spec;
  spec.enable_scale_to_zero = false;
  ScaleToZero reconciler = active(spec);
  const ReconcileResult result = reconciler.reconcile(at(kStart + 1h, 0, 1));
  EXPECT_EQ(result.zero, Zero::kDisabled);
  EXPECT_EQ(result.want, 1);
  EXPECT_TRUE(result.apply);
}

TEST(ScaleToZeroTest, AnActivatingRevisionIsLeftUntilItsDeadlineHasPassed) {
  ScaleToZero reconciler(KpaSpec{}, kStart);
  const ReconcileResult waiting = reconciler.reconcile(at(kStart + 630s, 0, 0));
  EXPECT_EQ(waiting.zero, Zero::kActivating);
  EXPECT_FALSE(waiting.apply);
  EXPECT_EQ(waiting.until, kStart + 630s);
  const ReconcileResult over = reconciler.reconcile(at(kStart + 631s, 0, 0));
  EXPECT_EQ(over.zero, Zero::kTimedOut);
  EXPECT_TRUE(over.apply);
  EXPECT_EQ(over.want, 0);
  EXPECT_EQ(reconciler.activity(), Activity::kInactive);
}

TEST(ScaleToZeroTest, ARecentlyActiveRevisionKeepsOnePodForTheRestOfTheStableWindow) {
  ScaleToZero reconciler = active(KpaSpec{});
  const ReconcileResult result = reconciler.reconcile(at(kStart + 59s, 0, 3));
  EXPECT_EQ(result.zero, Zero::kRecentlyActive);
  EXPECT_EQ(result.want, 1);
  EXPECT_TRUE(result.apply);
  EXPECT_EQ(result.until, kStart + 60s);
}

TEST(ScaleToZeroTest, GetsTheActivatorIntoThePathBeforeItScalesDown) {
  ScaleToZero reconciler = inactive(KpaSpec{});
  EXPECT_EQ(reconciler.mode(), ServeMode::kProxy);
  const ReconcileResult waiting = reconciler.reconcile(at(kStart + 89s, 0, 1));
  EXPECT_EQ(waiting.zero, Zero::kGrace);
  EXPECT_FALSE(waiting.apply);
  EXPECT_EQ(waiting.until, kStart + 90s);
  const ReconcileResult granted = reconciler.reconcile(at(kStart + 90s, 0, 1));
  EXPECT_EQ(granted.zero, Zero::kGranted);
  EXPECT_TRUE(granted.apply);
  EXPECT_EQ(granted.want, 0);
}

TEST(ScaleToZeroTest, AnActivatorThatHasBeenInThePathForAGracePeriodIsEnough) {
  KpaSpec spec;
  ScaleToZero reconciler = active(spec);
  reconciler.reconcile(at(kStart + 10s, 1, 1, -5));  // little burst capacity: Proxy since then
  EXPECT_EQ(reconciler.mode(), ServeMode::kProxy);
  reconciler.reconcile(at(kStart + 60s, 0, 1, -5));
  EXPECT_EQ(reconciler.activity(), Activity::kInactive);
  EXPECT_EQ(reconciler.reconcile(at(kStart + 62s, 0, 1, -5)).zero, Zero::kGranted);
}

TEST(ScaleToZeroTest, RetentionOutlastsTheGracePeriod) {
  KpaSpec spec;
  spec.pod_retention_period = 5min;
  ScaleToZero reconciler = inactive(spec, -5);
  const ReconcileResult waiting = reconciler.reconcile(at(kStart + 60s + 299s, 0, 1, -5));
  EXPECT_EQ(waiting.zero, Zero::kRetention);
  EXPECT_EQ(waiting.until, kStart + 360s);
  EXPECT_EQ(reconciler.reconcile(at(kStart + 360s, 0, 1, -5)).zero, Zero::kGranted);
}

TEST(ScaleToZeroTest, ForeseesWhenZeroIsGranted) {
  using Period = ReconcileResult::Period;
  for (const int retention : {0, 10, 30, 300}) {
    for (const int proxy_for : {0, 20, 50}) {
      KpaSpec spec;
      spec.pod_retention_period = std::chrono::seconds(retention);
      ScaleToZero reconciler = active(spec);
      const int burst = proxy_for > 0 ? -5 : 0;
      if (burst < 0) reconciler.reconcile(at(kStart + 60s - std::chrono::seconds(proxy_for), 1, 1, burst));
      ReconcileResult result = reconciler.reconcile(at(kStart + 60s, 0, 1, burst));
      ASSERT_EQ(result.zero, Zero::kMarkedInactive);
      ASSERT_TRUE(result.zero_at);
      const base::Time foreseen = std::max(*result.zero_at, kStart + 61s);
      EXPECT_EQ(result.decided_by,
                retention >= 30 || (retention == 10 && proxy_for > 0) ? Period::kRetention : Period::kGrace)
          << retention << " " << proxy_for;
      base::Time now = kStart + 60s;
      while (result.zero != Zero::kGranted) {
        now += 1s;
        result = reconciler.reconcile(at(now, 0, 1, burst));
        if (result.zero != Zero::kGranted) {
          EXPECT_EQ(result.zero_at, foreseen);
        }
      }
      EXPECT_EQ(now, foreseen) << retention << " " << proxy_for;
      EXPECT_FALSE(result.zero_at);
    }
  }
}

TEST(ScaleToZeroTest, NothingGoesToZeroBeforeTheActivatorAnswers) {
  ScaleToZero reconciler = inactive(KpaSpec{});
  ReconcileInput input = at(kStart + 200s, 0, 1);
  input.activator_answers = false;
  const ReconcileResult result = reconciler.reconcile(input);
  EXPECT_EQ(result.zero, Zero::kNotProbed);
  EXPECT_FALSE(result.apply);

  KpaSpec always;
  always.target_burst_capacity = -1;
  ScaleToZero in_path = inactive(always, -1);
  EXPECT_EQ(in_path.reconcile(input).zero, Zero::kGranted);
}

TEST(ScaleToZeroTest, ServesOnlyWithPodsAndBurstCapacity) {
  ScaleToZero reconciler = active(KpaSpec{});
  EXPECT_EQ(reconciler.mode(), ServeMode::kServe);
  reconciler.reconcile(at(kStart + 2s, 3, 3, -1));
  EXPECT_EQ(reconciler.mode(), ServeMode::kProxy);
  reconciler.reconcile(at(kStart + 4s, 3, 3, 0));
  EXPECT_EQ(reconciler.mode(), ServeMode::kServe);
}

TEST(ScaleToZeroTest, TrafficAtZeroActivatesAndTheFirstReadyPodEndsIt) {
  ScaleToZero reconciler = inactive(KpaSpec{});
  reconciler.reconcile(at(kStart + 90s, 0, 0));
  EXPECT_EQ(reconciler.reconcile(at(kStart + 300s, 2, 0)).want, 2);
  EXPECT_EQ(reconciler.activity(), Activity::kActivating);
  reconciler.reconcile(at(kStart + 302s, 2, 1));
  EXPECT_EQ(reconciler.activity(), Activity::kActive);
  EXPECT_EQ(reconciler.activity_since(), kStart + 302s);
}

TEST(ScaleToZeroTest, AnInactiveRevisionWithoutADecisionStaysInactive) {
  ScaleToZero reconciler = inactive(KpaSpec{});
  const ReconcileResult result = reconciler.reconcile(at(kStart + 80s, -1, 1));
  EXPECT_FALSE(result.apply);
  EXPECT_EQ(reconciler.activity(), Activity::kInactive);
  EXPECT_EQ(reconciler.mode(), ServeMode::kProxy);
}

TEST(ScaleToZeroTest, AnInitialScaleOfZeroStartsInactive) {
  KpaSpec spec;
  spec.initial_scale = 0;
  spec.allow_zero_initial_scale = true;
  ScaleToZero reconciler(spec, kStart);
  reconciler.reconcile(at(kStart, -1, 0));
  EXPECT_EQ(reconciler.activity(), Activity::kInactive);
}

TEST(ScaleToZeroTest, ARevisionWithoutDataHasBurstCapacityIfItsInitialScaleCarriesIt) {
  KpaSpec spec;
  EXPECT_EQ(initial_burst_capacity(spec, 100), -1);
  spec.initial_scale = 3;
  EXPECT_EQ(initial_burst_capacity(spec, 100), 0);
  spec.target_burst_capacity = -1;
  EXPECT_EQ(initial_burst_capacity(spec, 100), -1);
  spec.target_burst_capacity = 0;
  EXPECT_EQ(initial_burst_capacity(spec, 100), 0);
}

}  // namespace
}  // namespace scaler
