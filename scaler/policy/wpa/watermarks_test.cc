#include "scaler/policy/wpa/watermarks.h"

#include <gtest/gtest.h>

#include <limits>

namespace scaler {
namespace {

using Position = WatermarkProposal::Position;
using Limit = Velocity::Limit;

WpaMetric band(std::int64_t low_milli, std::int64_t high_milli) {
  WpaMetric metric;
  metric.name = "queue";
  metric.low_milli = low_milli;
  metric.high_milli = high_milli;
  return metric;
}

WpaSpec one_to_a_hundred() {
  WpaSpec spec;
  spec.max_replicas = 100;
  return spec;
}

TEST(WatermarksTest, AboveTheWidenedBandGrowsByTheUnwidenedWatermark) {
  const WatermarkProposal above = propose_by_watermarks(one_to_a_hundred(), band(5'000, 10'000), 11'001, 10, 10);
  EXPECT_EQ(above.high_milli, 11'000);
  EXPECT_EQ(above.position, Position::kAbove);
  EXPECT_EQ(above.raw, 12);  // ceil(10 * 11.001 / 10)
  EXPECT_EQ(above.replicas, 12);
}

TEST(WatermarksTest, BelowTheWidenedBandShrinksByTheUnwidenedWatermark) {
  const WatermarkProposal below = propose_by_watermarks(one_to_a_hundred(), band(5'000, 10'000), 4'499, 10, 10);
  EXPECT_EQ(below.low_milli, 4'500);
  EXPECT_EQ(below.position, Position::kBelow);
  EXPECT_EQ(below.replicas, 8);  // floor(10 * 4.499 / 5)
}

TEST(WatermarksTest, AnAverageOverNoPodsIsNoUsage) {
  WpaSpec spec = one_to_a_hundred();
  spec.average = true;
  spec.tolerate_zero = true;
  for (const std::int64_t sum : {std::int64_t{0}, std::int64_t{50'000}}) {
    const WatermarkProposal none = propose_by_watermarks(spec, band(5'000, 10'000), sum, 0, 5);
    EXPECT_TRUE(none.no_share);
    EXPECT_TRUE(none.zero);
    EXPECT_EQ(none.usage_milli, 0);
    EXPECT_EQ(none.position, Position::kInside);
    EXPECT_EQ(none.replicas, 0);
  }
  spec.average = false;
  EXPECT_FALSE(propose_by_watermarks(spec, band(5'000, 10'000), 50'000, 0, 5).no_share);
}

TEST(WatermarksTest, EqualityIsInside) {
  for (const std::int64_t sum : {std::int64_t{11'000}, std::int64_t{4'500}, std::int64_t{7'000}}) {
    const WatermarkProposal inside = propose_by_watermarks(one_to_a_hundred(), band(5'000, 10'000), sum, 9, 10);
    EXPECT_EQ(inside.position, Position::kInside) << sum;
    EXPECT_EQ(inside.replicas, 10) << sum;
  }
}

TEST(WatermarksTest, TheToleranceIsIntegerArithmetic) {
  WpaSpec spec = one_to_a_hundred();
  spec.tolerance_milli = 50;
  const WatermarkProposal odd = propose_by_watermarks(spec, band(19, 19), 19, 1, 1);
  EXPECT_EQ(odd.high_milli, 19);  // 19 + 19 * 50 / 1000, cut to 0
  EXPECT_EQ(odd.low_milli, 19);
  const std::int64_t most = std::numeric_limits<std::int64_t>::max();
  EXPECT_EQ(propose_by_watermarks(spec, band(most, most), 1, 1, 1).high_milli, most);
}

TEST(WatermarksTest, AverageDividesByTheReadyPodsFirst) {
  WpaSpec spec = one_to_a_hundred();
  spec.average = true;
  const WatermarkProposal above = propose_by_watermarks(spec, band(5'000, 10'000), 120'000, 8, 8);
  EXPECT_EQ(above.usage_milli, 15'000);
  EXPECT_EQ(above.replicas, 12);  // ceil(8 * 15 / 10)
}

TEST(WatermarksTest, NeverGoesTheWrongWay) {
  // Few of the pods are ready: less than now would do by their count.
  const WatermarkProposal above = propose_by_watermarks(one_to_a_hundred(), band(5'000, 10'000), 15'000, 4, 10);
  EXPECT_EQ(above.raw, 6);
  EXPECT_EQ(above.replicas, 10);
  WpaSpec spec = one_to_a_hundred();
  spec.modulo = 8;
  const WatermarkProposal below = propose_by_watermarks(spec, band(5'000, 10'000), 4'000, 12, 12);
  EXPECT_EQ(below.raw, 9);
  EXPECT_EQ(below.rounded, 16);
  EXPECT_EQ(below.replicas, 12);
}

TEST(WatermarksTest, BelowKeepsAtLeastOnePod) {
  EXPECT_EQ(propose_by_watermarks(one_to_a_hundred(), band(5'000, 10'000), 1, 10, 10).replicas, 1);
}

TEST(WatermarksTest, ResultsAreRoundedUpToTheModulo) {
  EXPECT_EQ(round_up_to(1, 7), 7);
  EXPECT_EQ(round_up_to(5, 10), 10);
  EXPECT_EQ(round_up_to(5, 11), 15);
  WpaSpec spec = one_to_a_hundred();
  spec.modulo = 5;
  EXPECT_EQ(propose_by_watermarks(spec, band(5'000, 10'000), 12'000, 10, 10).replicas, 15);
  EXPECT_EQ(propose_by_watermarks(spec, band(5'000, 10'000), 3'000, 10, 10).replicas, 10);
  EXPECT_EQ(propose_by_watermarks(spec, band(5'000, 10'000), 2'000, 10, 10).replicas, 5);
}

TEST(WatermarksTest, AnUntoleratedZeroProposesTheReadyPodsInsideTheBand) {
  const WatermarkProposal zero = propose_by_watermarks(one_to_a_hundred(), band(5'000, 10'000), 0, 7, 10);
  EXPECT_TRUE(zero.zero);
  EXPECT_EQ(zero.position, Position::kInside);
  EXPECT_EQ(zero.replicas, 7);
  WpaSpec tolerant = one_to_a_hundred();
  tolerant.tolerate_zero = true;
  const WatermarkProposal below = propose_by_watermarks(tolerant, band(5'000, 10'000), 0, 7, 10);
  EXPECT_EQ(below.position, Position::kBelow);
  EXPECT_EQ(below.replicas, 1);
}

TEST(WatermarksTest, ConvergesTowardsTheHighWatermarkWhileTheUsageStaysBelowIt) {
  WpaSpec spec = one_to_a_hundred();
  spec.converge = WpaSpec::Converge::kHighWatermark;
  // ceil(10 / 10 * 8.5) = 9 pods are enough
  EXPECT_EQ(propose_by_watermarks(spec, band(5'000, 10'000), 8'500, 10, 10).replicas, 9);
  EXPECT_EQ(propose_by_watermarks(spec, band(5'000, 10'000), 9'500, 10, 10).replicas, 10);
  spec.modulo = 2;
  EXPECT_EQ(propose_by_watermarks(spec, band(5'000, 10'000), 8'500, 10, 10).replicas, 10);
  EXPECT_EQ(propose_by_watermarks(spec, band(5'000, 10'000), 7'500, 10, 10).replicas, 8);
  spec.min_replicas = 9;
  EXPECT_EQ(propose_by_watermarks(spec, band(5'000, 10'000), 7'500, 10, 10).replicas, 10);
}

TEST(WatermarksTest, ConvergesTowardsTheLowWatermarkWhileTheUsageStaysAboveIt) {
  WpaSpec spec = one_to_a_hundred();
  spec.converge = WpaSpec::Converge::kLowWatermark;
  // floor(10 / 5 * 5.6) = 11 pods are not too many
  EXPECT_EQ(propose_by_watermarks(spec, band(5'000, 10'000), 5'600, 10, 10).replicas, 11);
  EXPECT_EQ(propose_by_watermarks(spec, band(5'000, 10'000), 5'400, 10, 10).replicas, 10);
  spec.max_replicas = 10;
  EXPECT_EQ(propose_by_watermarks(spec, band(5'000, 10'000), 9'000, 10, 10).replicas, 10);
}

TEST(WatermarksTest, AZeroWatermarkDoesNotStopConverging) {
  WpaSpec spec = one_to_a_hundred();
  spec.tolerate_zero = true;
  spec.converge = WpaSpec::Converge::kLowWatermark;
  const WatermarkProposal proposal = propose_by_watermarks(spec, band(0, 10'000), 5'000, 10, 10);
  EXPECT_EQ(proposal.bound, 10);
  EXPECT_EQ(proposal.replicas, 10);
}

TEST(WatermarksTest, AbsurdValuesSaturate) {
  const std::int64_t most = std::numeric_limits<std::int64_t>::max();
  EXPECT_EQ(propose_by_watermarks(one_to_a_hundred(), band(0, 0), most, 10, 10).replicas,
            std::numeric_limits<int>::max());
}

TEST(VelocityTest, StepsAreSharesOfTheCurrentCountAndAtLeastOne) {
  const WpaSpec spec = one_to_a_hundred();
  Velocity velocity = limit_velocity(spec, 10, 10, 10);
  EXPECT_EQ(velocity.down_to, 8);
  EXPECT_EQ(velocity.up_to, 15);
  EXPECT_EQ(velocity.limit, Limit::kNone);
  velocity = limit_velocity(spec, 1, 1, 1);
  EXPECT_EQ(velocity.down_to, 0);
  EXPECT_EQ(velocity.up_to, 2);
}

TEST(VelocityTest, LimitsBothDirections) {
  const WpaSpec spec = one_to_a_hundred();
  const Velocity up = limit_velocity(spec, 10, 40, 10);
  EXPECT_EQ(up.replicas, 15);
  EXPECT_EQ(up.limit, Limit::kScaleUp);
  const Velocity down = limit_velocity(spec, 10, 2, 10);
  EXPECT_EQ(down.replicas, 8);
  EXPECT_EQ(down.limit, Limit::kScaleDown);
}

TEST(VelocityTest, AFactorOfZeroSwitchesADirectionOff) {
  WpaSpec spec = one_to_a_hundred();
  spec.scale_up_limit = 0;
  spec.scale_down_limit = 0;
  EXPECT_EQ(limit_velocity(spec, 10, 40, 10).replicas, 10);
  EXPECT_EQ(limit_velocity(spec, 10, 1, 10).replicas, 10);
}

TEST(VelocityTest, BoundsHold) {
  WpaSpec spec = one_to_a_hundred();
  spec.min_replicas = 9;
  spec.max_replicas = 12;
  const Velocity few = limit_velocity(spec, 10, 8, 10);
  EXPECT_EQ(few.replicas, 9);
  EXPECT_EQ(few.limit, Limit::kTooFew);
  const Velocity fast_down = limit_velocity(spec, 10, 1, 10);
  EXPECT_EQ(fast_down.replicas, 9);
  EXPECT_EQ(fast_down.limit, Limit::kScaleDown);
  const Velocity many = limit_velocity(spec, 10, 14, 10);
  EXPECT_EQ(many.replicas, 12);
  EXPECT_EQ(many.limit, Limit::kTooMany);
  const Velocity fast_up = limit_velocity(spec, 10, 40, 10);
  EXPECT_EQ(fast_up.replicas, 12);
  EXPECT_EQ(fast_up.limit, Limit::kScaleUp);
}

TEST(VelocityTest, AMinimumOfZeroKeepsOneAndHasNoDownLimit) {
  WpaSpec spec = one_to_a_hundred();
  spec.min_replicas = 0;
  const Velocity velocity = limit_velocity(spec, 10, 0, 10);
  EXPECT_EQ(velocity.replicas, 1);
  EXPECT_EQ(velocity.limit, Limit::kTooFew);
  EXPECT_EQ(limit_velocity(spec, 10, 2, 10).replicas, 2);
}

TEST(VelocityTest, NothingShrinksWithFewerReadyPodsThanMayStay) {
  const Velocity velocity = limit_velocity(one_to_a_hundred(), 10, 2, 7);
  EXPECT_TRUE(velocity.too_few_ready);
  EXPECT_EQ(velocity.replicas, 10);
  EXPECT_EQ(limit_velocity(one_to_a_hundred(), 10, 2, 8).replicas, 8);
  EXPECT_EQ(limit_velocity(one_to_a_hundred(), 10, 2, 0).replicas, 8);
  EXPECT_EQ(limit_velocity(one_to_a_hundred(), 10, 9, 1).replicas, 9);  // only for limited steps
}

}  // namespace
}  // namespace scaler
