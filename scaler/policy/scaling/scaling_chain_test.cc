// Whatever demand, services and people do, the decisions of a ScalingPolicy explain themselves without a gap.
#include <gtest/gtest.h>

#include <algorithm>

#include "common/base/random.h"
#include "scaler/policy/scaling/scaling_test_support.h"

namespace scaler {
namespace {

using namespace std::chrono_literals;
using testing::adviser_of;
using testing::chain_fault;
using testing::derby;
using testing::kStart;
using testing::laddered;
using testing::pods_per;
using testing::policy_of;
using testing::queue_metric;
using testing::rps_metric;
using testing::target_of;
using testing::with_queue;
using testing::with_rps;

ScalingPolicySpec everything_on() {
  ScalingPolicySpec spec = laddered();
  spec.ladder->steps[0].replicas = 2;
  spec.metrics = {rps_metric(100), queue_metric()};
  spec.max_replicas = 60;
  spec.prediction = PredictionSpec{};
  spec.panic = PanicSpec{.rise = 1.5, .headroom = 1.3};
  spec.cooldown = {.scale_up = 30s, .scale_down = 2min};
  spec.behavior = Behavior{testing::rules({pods_per(5, 30s)}, 0s), testing::rules({pods_per(3, 60s)}, 60s)};
  spec.calendar = {derby()};
  spec.calendar[0].at = kStart + 1h;
  spec.calendar[0].until = kStart + 90min;
  spec.calendar[0].min_replicas = 33;
  spec.decision_floor = true;
  spec.scale_to_zero = ScaleToZeroSpec{.after = 1min, .activation = 0, .grace = 0s};
  return spec;
}

// A demand that wanders and jumps, metrics and services that fail now and then, and nobody there for a while.
class Crowd {
 public:
  explicit Crowd(std::uint64_t seed) : random_(seed) {}

  bool is_quiet(int round) const { return round > 400 && round < 500; }

  Observation see(int round, int replicas) {
    rps_ = std::clamp(rps_ * random_.lognormal(1.0, random_.uniform() < 0.05 ? 1.0 : 0.05), 1.0, 20000.0);
    const bool quiet = is_quiet(round);
    // Not on the second, as real rounds.
    Observation seen = target_of(kStart + round * 15s + 123456789ns, replicas);
    if (random_.uniform() > 0.1 && replicas > 0) seen = with_rps(std::move(seen), quiet ? 0 : rps_);
    if (random_.uniform() > 0.1 || quiet) seen = with_queue(std::move(seen), quiet ? 0 : rps_ / 4);
    if (random_.uniform() < 0.2 && !quiet) seen.decision_min = static_cast<int>(random_.uniform() * 100);
    return seen;
  }

 private:
  base::Random random_;
  double rps_ = 500;
};

bool has_fractions(const std::string& text) {
  return text.find("ms") != std::string::npos || text.find("us") != std::string::npos ||
         text.find("ns") != std::string::npos;
}

// Also the bounds and the highest floor hold.
TEST(ScalingChainTest, StepsLeadFromWhatWasAskedForToTheAnswer) {
  for (const std::uint64_t seed : {7u, 8u, 9u}) {
    ScalingPolicy policy = policy_of(everything_on());
    Crowd crowd(seed);
    int replicas = 5;
    int asleep = 0;
    for (int i = 0; i < 600; ++i) {
      const Observation observation = crowd.see(i, replicas);
      const base::Time now = observation.now;

      const Decision decision = policy.evaluate(observation);

      ASSERT_EQ(chain_fault(decision), "") << seed << " " << i;
      for (const Step& step : decision.steps) ASSERT_FALSE(has_fractions(step.remaining)) << step.remaining;
      ASSERT_LE(decision.final, 60) << i;
      const bool in_event = now >= kStart + 30min && now < kStart + 90min;
      ASSERT_GE(decision.final, std::min(60, std::max(in_event ? 33 : 0, observation.decision_min.value_or(0)))) << i;
      if (decision.final == 0) {
        ASSERT_TRUE(crowd.is_quiet(i) || replicas == 0) << i;
        ++asleep;
      }
      if (decision.next) {
        ASSERT_GT(decision.next->when, now) << i;
      }
      if (decision.final != replicas) policy.applied(decision);
      replicas = decision.final;
    }
    EXPECT_GT(asleep, 10) << seed;
  }
}

TEST(ScalingChainTest, BoundsBelowAndAboveTheCurrentCountLeaveNoGap) {
  for (const int max : {3, 20, 45}) {
    ScalingPolicySpec spec = everything_on();
    spec.max_replicas = max;
    spec.scale_to_zero.reset();
    ScalingPolicy policy = policy_of(spec);
    Crowd crowd(11);
    base::Random people(3);
    int replicas = 5;
    for (int i = 0; i < 600; ++i) {
      // Now and then somebody else changes the count.
      if (people.uniform() < 0.1) replicas = 1 + static_cast<int>(people.uniform() * 100);
      const Decision decision = policy.evaluate(crowd.see(i, replicas));

      ASSERT_EQ(chain_fault(decision), "") << max << " " << i;
      if (decision.final != replicas) policy.applied(decision);
      replicas = decision.final;
    }
  }
}

TEST(ScalingChainTest, AdviceBeginsWithWhatWasAskedFor) {
  ScalingPolicySpec spec = everything_on();
  spec.decision_floor = false;
  spec.scale_to_zero.reset();
  spec.behavior.reset();
  ScalingPolicy policy = adviser_of(spec);
  Crowd crowd(5);
  int bounded = 0;
  for (int i = 0; i < 600; ++i) {
    const Decision decision = policy.evaluate(crowd.see(i, 10));

    ASSERT_EQ(chain_fault(decision), "") << i;
    ASSERT_EQ(decision.field, "advice");
    bounded += decision.steps.empty() ? 0 : 1;
  }
  EXPECT_GT(bounded, 0);
}

}  // namespace
}  // namespace scaler
