#include "scaler/policy/scaling/zero_rule.h"

#include <gtest/gtest.h>

#include "scaler/policy/policy_test_support.h"

namespace scaler {
namespace {

using namespace std::chrono_literals;
using testing::kStart;

ScaleToZeroSpec ten_minutes() { return {.after = 10min, .activation = 5, .grace = 0s}; }

TEST(ZeroRuleTest, IsDueOnceTheDemandWasAtMostTheActivationForSoLong) {
  ZeroRule rule(ten_minutes());
  rule.measured(kStart, 6);
  EXPECT_FALSE(rule.due());
  EXPECT_EQ(rule.why_unused(kStart), "demand 6 > 5");
  rule.measured(kStart + 15s, 5);
  rule.measured(kStart + 30s, 0);
  EXPECT_EQ(rule.due(), kStart + 15s + 10min);
  EXPECT_EQ(rule.why_unused(kStart + 3min + 15s), "idle for 3m of 10m");
  rule.measured(kStart + 45s, 6);
  EXPECT_FALSE(rule.due());
}

TEST(ZeroRuleTest, NoDataEndsTheIdleTime) {
  ZeroRule rule(ten_minutes());
  rule.measured(kStart, 0);
  rule.measured(kStart + 5min, std::nullopt);
  EXPECT_FALSE(rule.due());
  EXPECT_EQ(rule.why_unused(kStart + 5min), "no data");
  rule.measured(kStart + 6min, 0);
  EXPECT_EQ(rule.due(), kStart + 16min);
}

TEST(ZeroRuleTest, GraceKeepsAWokenTargetUp) {
  ScaleToZeroSpec spec = ten_minutes();
  spec.after = 1min;
  spec.grace = 20min;
  ZeroRule rule(spec);
  rule.measured(kStart, 0);
  rule.changed(kStart, 0, 1);

  EXPECT_EQ(rule.due(), kStart + 20min);
  EXPECT_EQ(rule.why_unused(kStart + 5min), "grace for another 15m");
}

TEST(ZeroRuleTest, WakesWhatItPutToSleepOrFoundAsleepButNotWhatOthersSwitchedOff) {
  ZeroRule found(ten_minutes());
  found.seen(0);
  EXPECT_TRUE(found.may_wake());

  ZeroRule rule(ten_minutes());
  rule.seen(3);
  rule.changed(kStart, 3, 0);
  rule.seen(0);
  EXPECT_TRUE(rule.may_wake());
  rule.seen(2);
  rule.seen(0);
  EXPECT_FALSE(rule.may_wake());
  rule.seen(0);
  EXPECT_FALSE(rule.may_wake());
}

TEST(ZeroRuleTest, WithoutASpecATargetFoundAtZeroIsLeftAlone) {
  ZeroRule rule(std::nullopt);
  rule.seen(0);
  EXPECT_FALSE(rule.may_wake());
  EXPECT_FALSE(rule.due());
}

TEST(ZeroRuleTest, AnHeirKnowsWhoDidItEvenIfItHasNoSpecAnyMore) {
  ZeroRule before(ten_minutes());
  before.seen(3);
  before.measured(kStart, 0);
  before.changed(kStart, 3, 0);
  ZeroRule heir(std::nullopt);
  heir.inherit(before);
  heir.seen(0);
  EXPECT_TRUE(heir.may_wake());

  ZeroRule by_hand(std::nullopt);
  by_hand.seen(3);
  by_hand.seen(0);
  ZeroRule other(ten_minutes());
  other.inherit(by_hand);
  other.seen(0);
  EXPECT_FALSE(other.may_wake());
}

}  // namespace
}  // namespace scaler
