#include "scaler/policy/kpa/decider.h"

#include <gtest/gtest.h>

#include "scaler/policy/policy_test_support.h"

namespace scaler {
namespace {

using namespace std::chrono_literals;
using testing::kStart;

// A pod is to have 10 and can take 20; rates that do not bind unless a test says so.
DeciderSpec ten_a_pod() {
  DeciderSpec spec;
  spec.target_value = 10;
  spec.total_value = 20;
  return spec;
}

int desired(Decider& decider, base::Time now, double stable, double panic, int ready) {
  return decider.tick(now, stable, panic, ready).desired;
}

TEST(DeciderSpecTest, TargetIsTheShareOfWhatAPodCanTake) {
  EXPECT_DOUBLE_EQ(decider_spec(KpaSpec{}).total_value, 100);
  EXPECT_DOUBLE_EQ(decider_spec(KpaSpec{}).target_value, 70);

  KpaSpec rps;
  rps.metric = KpaSpec::Metric::kRps;
  rps.container_concurrency = 10;  // says nothing about requests per second
  EXPECT_DOUBLE_EQ(decider_spec(rps).total_value, 200);
  EXPECT_DOUBLE_EQ(decider_spec(rps).target_value, 140);
}

TEST(DeciderSpecTest, AnnotationReplacesTheTotalButNotAboveContainerConcurrency) {
  KpaSpec kpa;
  kpa.container_concurrency = 50;
  EXPECT_DOUBLE_EQ(decider_spec(kpa).total_value, 50);
  kpa.target = 80;
  EXPECT_DOUBLE_EQ(decider_spec(kpa).total_value, 50);
  kpa.target = 30;
  EXPECT_DOUBLE_EQ(decider_spec(kpa).total_value, 30);
  kpa.container_concurrency = 0;
  kpa.target = 800;
  EXPECT_DOUBLE_EQ(decider_spec(kpa).total_value, 800);
  kpa.metric = KpaSpec::Metric::kRps;
  kpa.container_concurrency = 50;
  EXPECT_DOUBLE_EQ(decider_spec(kpa).total_value, 800);
}

TEST(DeciderSpecTest, TargetIsNeverBelowAHundredth) {
  KpaSpec kpa;
  kpa.target = 0.01;
  EXPECT_DOUBLE_EQ(decider_spec(kpa).target_value, 0.01);
}

TEST(DeciderSpecTest, PanicWindowIsRoundedToSecondsAndAtLeastOne) {
  KpaSpec kpa;
  EXPECT_EQ(panic_window(kpa), 6s);
  kpa.stable_window = 65s;
  EXPECT_EQ(panic_window(kpa), 7s);  // 6.5
  kpa.stable_window = 6s;
  EXPECT_EQ(panic_window(kpa), 1s);
  kpa.panic_window_percentage = 1;
  EXPECT_EQ(panic_window(kpa), 1s);  // 0.06
  kpa.panic_window_percentage = 100;
  EXPECT_EQ(panic_window(kpa), 6s);
}

TEST(DeciderTest, RoundsUp) {
  Decider decider(ten_a_pod(), kStart, 1);
  EXPECT_EQ(desired(decider, kStart, 11, 0, 4), 2);
  EXPECT_EQ(desired(decider, kStart, 40, 0, 4), 4);
  EXPECT_EQ(desired(decider, kStart, 40.000001, 0, 4), 5);
}

TEST(DeciderTest, NoReadyPodCountsAsOne) {
  DeciderSpec spec = ten_a_pod();
  spec.max_scale_up_rate = 10;
  Decider decider(spec, kStart, 0);
  EXPECT_EQ(desired(decider, kStart, 1000, 0, 0), 10);
}

TEST(DeciderTest, RatesAreRelativeToReadyPods) {
  DeciderSpec spec = ten_a_pod();
  spec.max_scale_up_rate = 1.1;
  spec.max_scale_down_rate = 1.5;
  Decider decider(spec, kStart, 1);
  const DeciderTick up = decider.tick(kStart, 300, 0, 10);
  EXPECT_EQ(up.raw_stable, 30);
  EXPECT_EQ(up.desired, 11);  // ceil(1.1 * 10)
  const DeciderTick down = decider.tick(kStart, 0, 0, 10);
  EXPECT_EQ(down.raw_stable, 0);
  EXPECT_EQ(down.desired, 6);  // floor(10 / 1.5)
}

TEST(DeciderTest, UnreachableRevisionShrinksAtOnceAndIgnoresTheDelay) {
  DeciderSpec spec = ten_a_pod();
  spec.reachable = false;
  spec.scale_down_delay = 300s;
  Decider decider(spec, kStart, 1);
  EXPECT_EQ(desired(decider, kStart, 100, 0, 10), 10);
  EXPECT_EQ(desired(decider, kStart + 2s, 0, 0, 10), 0);
}

TEST(DeciderTest, ActivationScaleMayExceedTheRateAndNeedsTraffic) {
  DeciderSpec spec = ten_a_pod();
  spec.max_scale_up_rate = 2;
  spec.activation_scale = 5;
  Decider decider(spec, kStart, 1);
  EXPECT_EQ(desired(decider, kStart, 1, 0, 1), 5);
  EXPECT_EQ(desired(decider, kStart, 0, 0, 1), 0);
  spec.activation_scale = 1;
  decider.update(spec);
  EXPECT_EQ(desired(decider, kStart, 1, 0, 1), 1);
}

TEST(DeciderTest, PanicsAtTheThresholdByTheUnlimitedValue) {
  DeciderSpec spec = ten_a_pod();
  spec.max_scale_up_rate = 1.5;
  Decider below(spec, kStart, 1);
  EXPECT_EQ(desired(below, kStart, 40, 70, 4), 4);
  EXPECT_FALSE(below.panic_since());

  Decider at(spec, kStart, 1);
  EXPECT_EQ(desired(at, kStart, 40, 71, 4), 6);  // ceil(1.5 * 4), not 8
  EXPECT_EQ(at.panic_since(), kStart);
}

TEST(DeciderTest, NothingShrinksInPanic) {
  Decider decider(ten_a_pod(), kStart, 1);
  EXPECT_EQ(desired(decider, kStart, 40, 200, 4), 20);
  EXPECT_EQ(desired(decider, kStart + 2s, 40, 60, 20), 20);
  EXPECT_EQ(desired(decider, kStart + 4s, 250, 60, 20), 25);  // the stable window may ask for more
  EXPECT_EQ(desired(decider, kStart + 6s, 10, 10, 20), 25);
}

TEST(DeciderTest, PanicEndsAfterAStableWindowStrictly) {
  Decider decider(ten_a_pod(), kStart, 1);
  desired(decider, kStart, 40, 200, 4);
  EXPECT_EQ(decider.panic_until(), kStart + 60s);
  EXPECT_EQ(desired(decider, kStart + 60s, 150, 150, 20), 20);
  EXPECT_EQ(desired(decider, kStart + 60s + 1ns, 150, 150, 20), 15);
  EXPECT_FALSE(decider.panic_since());
  EXPECT_EQ(decider.most_panic_pods(), 0);
}

TEST(DeciderTest, ARenewedPanicStartsItsClockAnew) {
  Decider decider(ten_a_pod(), kStart, 1);
  desired(decider, kStart, 40, 200, 4);
  desired(decider, kStart + 30s, 40, 200, 10);
  EXPECT_EQ(decider.panic_since(), kStart + 30s);
  EXPECT_EQ(desired(decider, kStart + 62s, 50, 50, 20), 20);
}

TEST(DeciderTest, StartsInPanicWithMoreThanOnePod) {
  Decider many(ten_a_pod(), kStart, 7);
  EXPECT_EQ(many.panic_since(), kStart);
  EXPECT_EQ(desired(many, kStart + 60s, 10, 10, 7), 7);
  EXPECT_EQ(desired(many, kStart + 61s, 10, 10, 7), 3);  // floor(7 / 2)

  Decider one(ten_a_pod(), kStart, 1);
  EXPECT_FALSE(one.panic_since());
}

TEST(DeciderTest, ScaleDownDelayKeepsTheMostThatWasWanted) {
  DeciderSpec spec = ten_a_pod();
  spec.scale_down_delay = 10s;
  Decider decider(spec, kStart, 1);
  EXPECT_EQ(desired(decider, kStart, 80, 0, 8), 8);
  EXPECT_EQ(desired(decider, kStart + 2s, 60, 0, 8), 8);
  EXPECT_EQ(decider.delay().largest_until(), kStart + 10s);
  EXPECT_EQ(desired(decider, kStart + 9s, 50, 0, 8), 8);
  EXPECT_EQ(desired(decider, kStart + 10s, 50, 0, 8), 6);
  EXPECT_EQ(desired(decider, kStart + 11s, 90, 0, 8), 9);
}

TEST(DeciderTest, DelayKeepsTheLargerOfOneBucket) {
  DeciderSpec spec = ten_a_pod();
  spec.scale_down_delay = 2s;
  Decider decider(spec, kStart, 1);
  EXPECT_EQ(desired(decider, kStart, 80, 0, 8), 8);
  EXPECT_EQ(desired(decider, kStart + 1s, 50, 0, 8), 8);
  EXPECT_EQ(desired(decider, kStart + 2s, 50, 0, 8), 5);
}

TEST(DeciderTest, BurstCapacityIsThatOfAllReadyPodsLessBurstAndPanicValue) {
  DeciderSpec spec = ten_a_pod();
  spec.target_burst_capacity = 100;
  Decider decider(spec, kStart, 1);
  EXPECT_EQ(decider.tick(kStart, 0, 25.5, 4).excess_burst_capacity, -46);  // floor(80 - 100 - 25.5)
  EXPECT_EQ(decider.tick(kStart, 0, 0, 0).excess_burst_capacity, -100);    // none is none here
  EXPECT_EQ(decider.tick(kStart, 0, 0, 5).excess_burst_capacity, 0);

  spec.target_burst_capacity = 0;
  decider.update(spec);
  EXPECT_EQ(decider.tick(kStart, 0, 500, 1).excess_burst_capacity, 0);
  spec.target_burst_capacity = -1;
  decider.update(spec);
  EXPECT_EQ(decider.tick(kStart, 0, 0, 50).excess_burst_capacity, -1);
}

TEST(DeciderTest, ActivatorsCarryTheCapacityAndTheBurst) {
  DeciderSpec spec = ten_a_pod();
  Decider decider(spec, kStart, 1);
  EXPECT_EQ(decider.tick(kStart, 0, 0, 20).activators, 7);  // ceil((400 + 211) / 100)
  EXPECT_EQ(decider.tick(kStart, 0, 0, 0).activators, 3);   // ceil(211 / 100)
  spec.target_burst_capacity = -1;
  decider.update(spec);
  EXPECT_EQ(decider.tick(kStart, 0, 0, 20).activators, 4);
  EXPECT_EQ(decider.tick(kStart, 0, 0, 1).activators, 2);
  spec.target_burst_capacity = 0;
  decider.update(spec);
  EXPECT_EQ(decider.tick(kStart, 0, 0, 1000).activators, 2);
}

TEST(DeciderTest, AbsurdValuesSaturate) {
  DeciderSpec spec = ten_a_pod();
  spec.max_scale_up_rate = 1e12;
  Decider decider(spec, kStart, 1);
  EXPECT_EQ(desired(decider, kStart, 1e300, 0, 1000), std::numeric_limits<int>::max());
}

}  // namespace
}  // namespace scaler
