#include "scaler/policy/scaling/panic.h"

#include <gtest/gtest.h>

#include "scaler/policy/policy_test_support.h"
#include "scaler/policy/scaling/rise_detector.h"

namespace scaler {
namespace {

using namespace std::chrono_literals;
using testing::kStart;

TEST(RiseDetectorTest, ComparesNowWithTheMeanOfTheStretchBeforeTheWindow) {
  RiseDetector detector(1min, 5min);
  for (int i = 0; i <= 20; ++i) detector.observe(kStart + i * 15s, i < 4 ? 100 : i < 17 ? 200 : 900);

  const auto rise = detector.rise();

  ASSERT_TRUE(rise);
  EXPECT_DOUBLE_EQ(rise->now, 900);
  // Samples 0 to 16 are at least a minute old: 4 of 100, 13 of 200.
  EXPECT_DOUBLE_EQ(rise->mean, (4 * 100.0 + 13 * 200.0) / 17);
  EXPECT_DOUBLE_EQ(rise->slope_per_second, 700.0 / 60);
}

TEST(RiseDetectorTest, KnowsNothingBeforeASampleIsOlderThanTheWindow) {
  RiseDetector detector(1min, 5min);
  EXPECT_FALSE(detector.rise());
  detector.observe(kStart, 100);
  detector.observe(kStart + 1min - 1ns, 900);
  EXPECT_FALSE(detector.rise());
  detector.observe(kStart + 1min, 900);
  EXPECT_TRUE(detector.rise());
}

TEST(RiseDetectorTest, ForgetsWhatIsOlderThanBothWindows) {
  RiseDetector detector(1min, 5min);
  detector.observe(kStart, 100);
  detector.observe(kStart + 5min, 300);
  detector.observe(kStart + 6min, 300);
  EXPECT_DOUBLE_EQ(detector.rise()->mean, 200);
  detector.observe(kStart + 6min + 2s, 300);
  EXPECT_DOUBLE_EQ(detector.rise()->mean, 300);
}

TEST(RiseDetectorTest, ASampleThatIsNotLaterIsLeftOut) {
  RiseDetector detector(1min, 5min);
  detector.observe(kStart, 100);
  detector.observe(kStart, 700);
  detector.observe(kStart + 1min, 300);

  EXPECT_DOUBLE_EQ(detector.rise()->mean, 100);
}

TEST(RiseDetectorTest, DoesNotGrowWithTimeNorWithTheRateOfSamples) {
  RiseDetector detector(1min, 10min);
  for (int i = 0; i < 20000; ++i) detector.observe(kStart + i * 100ms, i);

  EXPECT_LE(detector.slices(), 242u);
  EXPECT_GE(detector.slices(), 200u);
}

PanicSpec doubling() {
  PanicSpec spec;
  spec.rise = 2.0;
  spec.hold = 5min;
  spec.headroom = 1.2;
  return spec;
}

std::vector<base::Result<Demand>> demand(base::Time at, double total) { return {Demand{total, 100, at}}; }

// Ten minutes of 1,000, which 10 pods carry.
Panic calm(const PanicSpec& spec) {
  Panic panic(spec, 1);
  for (int i = 0; i <= 40; ++i) panic.observe(kStart + i * 15s, 10, demand(kStart + i * 15s, 1000), {"rps"});
  return panic;
}
const base::Time kNow = kStart + 10min + 15s;

TEST(PanicTest, BeginsWhenTheDemandIsMoreThanTheFactorAboveItsMean) {
  Panic panic = calm(doubling());
  EXPECT_FALSE(panic.floor());
  EXPECT_EQ(panic.why_unused(), "rps rise 1 <= 2");
  panic.observe(kNow, 10, demand(kNow, 2000), {"rps"});
  EXPECT_FALSE(panic.floor());

  panic.observe(kNow + 15s, 10, demand(kNow + 15s, 2001), {"rps"});

  const auto floor = panic.floor();
  ASSERT_TRUE(floor);
  EXPECT_EQ(floor->replicas, 25);  // ceil(2001 / 100 * 1.2)
  EXPECT_EQ(floor->why, "rps rise 2 > 2: 2001 against a mean of 1000");
  EXPECT_EQ(floor->param, "rise 2 in 1m");
  EXPECT_EQ(floor->trigger, Trigger::kPanic);
  EXPECT_EQ(floor->until, kNow + 15s + 5min);
}

TEST(PanicTest, LetsGoOfNothingUntilItsHoldIsOverWithoutRenewal) {
  Panic panic = calm(doubling());
  panic.observe(kNow, 10, demand(kNow, 5000), {"rps"});
  EXPECT_EQ(panic.floor()->replicas, 60);
  panic.observe(kNow + 15s, 60, demand(kNow + 15s, 3000), {"rps"});  // still three times the mean
  EXPECT_EQ(panic.floor()->replicas, 60);
  EXPECT_EQ(panic.floor()->until, kNow + 15s + 5min);
  panic.observe(kNow + 30s, 70, demand(kNow + 30s, 1000), {"rps"});  // what others raised is held too
  EXPECT_EQ(panic.floor()->replicas, 70);
  panic.observe(kNow + 15s + 5min - 1ns, 70, demand(kNow + 1min, 1000), {"rps"});
  EXPECT_TRUE(panic.floor());
  panic.observe(kNow + 15s + 5min, 70, demand(kNow + 2min, 1000), {"rps"});
  EXPECT_FALSE(panic.floor());
}

TEST(PanicTest, ASlowRiseIsNone) {
  Panic panic = calm(doubling());
  double total = 1000;
  for (int i = 0; i < 120; ++i) {
    total *= 1.012;  // doubles in a quarter of an hour
    const base::Time at = kNow + i * 15s;
    panic.observe(at, 10, demand(at, total), {"rps"});
    ASSERT_FALSE(panic.floor()) << i;
  }
}

TEST(PanicTest, LessThanOnePodCarriesIsNoBaseForAFactor) {
  Panic panic(doubling(), 1);
  for (int i = 0; i <= 40; ++i) panic.observe(kStart + i * 15s, 1, demand(kStart + i * 15s, 1), {"rps"});

  panic.observe(kNow, 1, demand(kNow, 200), {"rps"});
  EXPECT_FALSE(panic.floor());
  panic.observe(kNow + 15s, 1, demand(kNow + 15s, 201), {"rps"});
  EXPECT_TRUE(panic.floor());
}

TEST(PanicTest, ASlopeAloneCanBeTheAlarm) {
  PanicSpec spec = doubling();
  spec.rise.reset();
  spec.slope_per_second = 10;
  spec.min_replicas = 40;
  Panic panic = calm(spec);
  EXPECT_EQ(panic.why_unused(), "rps slope 0/s <= 10/s");

  panic.observe(kNow, 10, demand(kNow, 1700), {"rps"});

  ASSERT_TRUE(panic.floor());
  EXPECT_EQ(panic.floor()->why, "rps slope 11.67/s > 10/s");
  EXPECT_EQ(panic.floor()->replicas, 40);
}

TEST(PanicTest, NoDataNeitherBeginsNorEndsIt) {
  Panic panic = calm(doubling());
  const std::vector<base::Result<Demand>> none = {base::Error{base::ErrorCode::kUnavailable, "gone"}};
  panic.observe(kNow, 10, none, {"rps"});
  EXPECT_FALSE(panic.floor());
  EXPECT_EQ(panic.why_unused(), "rps no data");
  panic.observe(kNow + 15s, 10, demand(kNow + 15s, 5000), {"rps"});
  panic.observe(kNow + 30s, 10, none, {"rps"});
  EXPECT_EQ(panic.floor()->replicas, 60);
}

TEST(PanicTest, AnHeirIsInTheSamePanic) {
  Panic before = calm(doubling());
  before.observe(kNow, 10, demand(kNow, 5000), {"rps"});
  Panic heir(doubling(), 1);
  heir.inherit(before, true);

  heir.observe(kNow + 1min, 10, demand(kNow + 1min, 1000), {"rps"});

  EXPECT_EQ(heir.floor()->replicas, 60);
  EXPECT_EQ(heir.floor()->until, kNow + 5min);
}

}  // namespace
}  // namespace scaler
