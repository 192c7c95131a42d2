#include "scaler/policy/hpa/rate_limits.h"

#include <gtest/gtest.h>

#include "scaler/policy/policy_test_support.h"

namespace scaler {
namespace {

using namespace std::chrono_literals;
using testing::kStart;
using testing::percent_per;
using testing::pods_per;
using testing::rules;

TEST(RateLimitsTest, AChangeExactlyOnePeriodOldIsForgotten) {
  const std::vector<ScaleEvent> events = {{4, kStart, false}};

  EXPECT_EQ(change_within(events, 60s, kStart + 60s - 1ns), 4);
  EXPECT_EQ(change_within(events, 60s, kStart + 60s), 0);
}

TEST(RateLimitsTest, GrowthIsMeasuredFromTheStartOfThePeriod) {
  const ScaleHistory history{.up = {{4, kStart, false}}, .down = {}};
  const ScalingRules six_a_minute = rules({pods_per(6, 60s)});

  EXPECT_EQ(scale_up_limit(14, history, six_a_minute, kStart + 30s).replicas, 16);
  EXPECT_EQ(scale_up_limit(14, history, six_a_minute, kStart + 60s).replicas, 20);
}

// 50 * 1.1 is 55.00000000000001 in double: the ceiling is one more than on paper, and 10 * (1 - 0.8) one less.
TEST(RateLimitsTest, RoundsAsDoublesDo) {
  EXPECT_EQ(scale_up_limit(50, {}, rules({percent_per(10, 60s)}), kStart).replicas, 56);
  EXPECT_EQ(scale_down_limit(10, {}, rules({percent_per(80, 60s)}), kStart).replicas, 1);
}

TEST(RateLimitsTest, NamesThePolicyThatDecided) {
  const ScalingRules both = rules({pods_per(4, 15s), percent_per(100, 15s)});

  EXPECT_EQ(scale_up_limit(2, {}, both, kStart).rule, "behavior.scaleUp.pods");
  EXPECT_EQ(scale_up_limit(20, {}, both, kStart).rule, "behavior.scaleUp.percent");
  EXPECT_EQ(scale_up_limit(20, {}, both, kStart).why, "100 % per 15s");
}

TEST(RateLimitsTest, DisabledKeepsTheCount) {
  const Behavior never_down{.scale_up = default_scale_up_rules(),
                            .scale_down = rules({pods_per(1, 60s)}, std::nullopt, SelectPolicy::kDisabled)};

  const Limited limited = limit_by_behavior(7, 2, {1, 10}, never_down, {}, kStart);

  EXPECT_EQ(limited.replicas, 7);
  EXPECT_EQ(limited.rule, "behavior.scaleDown.selectPolicy");
}

TEST(RateLimitsTest, WithoutBehaviorOneRoundDoublesOrReachesFour) {
  const ControllerOptions options;

  EXPECT_EQ(limit_by_legacy_rules(1, 100, {1, 1000}, options).replicas, 4);
  EXPECT_EQ(limit_by_legacy_rules(30, 100, {1, 1000}, options).replicas, 60);
  EXPECT_EQ(limit_by_legacy_rules(30, 100, {1, 50}, options).replicas, 50);
  EXPECT_EQ(limit_by_legacy_rules(30, 0, {3, 50}, options).replicas, 3);
}

}  // namespace
}  // namespace scaler
