#include "scaler/policy/keda/keda_policy.h"

#include <gtest/gtest.h>

#include "scaler/policy/keda/keda_world.h"

namespace scaler {
namespace {

using namespace std::chrono_literals;
using testing::Changes;
using testing::KedaWorld;
using testing::kRequests;
using testing::kStart;
using testing::policy_of;
using testing::rate_from;
using testing::rate_until;
using testing::scaled_object;
using testing::steps_of;
using testing::target_of;
using testing::unused_of;
using testing::with;
using testing::with_external;

TEST(KedaPauseTest, PausedItDoesNothing) {
  KedaWorld world(scaled_object(kRequests, "autoscaling.keda.sh/paused: \"true\""), 2, rate_from(0, 5000));
  EXPECT_EQ(world.run(300), Changes{});
  EXPECT_EQ(world.last().note, "paused by annotation");
  EXPECT_FALSE(world.policy().next_wake(kStart));
}

TEST(KedaPauseTest, PausedAtACountItGoesThere) {
  KedaWorld world(
      scaled_object(kRequests, "autoscaling.keda.sh/paused-replicas: \"4\", autoscaling.keda.sh/paused: \"\""), 20,
      rate_from(0, 5000));
  EXPECT_EQ(world.run(1), (Changes{{0, 4}}));
  EXPECT_EQ(steps_of(world.last()), "paused-replicas 20>4");
  EXPECT_EQ(world.run(300), Changes{});

  KedaWorld zero(scaled_object(kRequests, "autoscaling.keda.sh/paused-replicas: \"0\""), 3, rate_from(0, 5000));
  EXPECT_EQ(zero.run(300), (Changes{{0, 0}}));
}

TEST(KedaPauseTest, PausedScaleInKeepsEveryCount) {
  KedaWorld world(scaled_object(with("  cooldownPeriod: 30\n"), "autoscaling.keda.sh/paused-scale-in: \"true\""), 5,
                  rate_until(60, 500));
  EXPECT_EQ(world.run(1800), Changes{});
  EXPECT_EQ(unused_of(world.last(), "cooldownPeriod"), nullptr);  // the last call was a round of the HPA

  KedaPolicy policy =
      policy_of(scaled_object(with("  cooldownPeriod: 0\n"), "autoscaling.keda.sh/paused-scale-in: \"true\""));
  policy.evaluate(with_external(target_of(kStart, 1), "s0-prometheus", 5));
  const Decision held = policy.evaluate(with_external(target_of(kStart + 30s, 1), "s0-prometheus", 0));
  EXPECT_EQ(held.final, 1);
  EXPECT_EQ(unused_of(held, "cooldownPeriod")->why,
            "no trigger was active after 2026-01-01T00:00:00Z, but paused-scale-in holds the target");
}

TEST(KedaPauseTest, PausedScaleOutKeepsZeroAndEveryCount) {
  const PolicySpec spec = scaled_object(kRequests, "autoscaling.keda.sh/paused-scale-out: \"true\"");
  KedaWorld asleep(spec, 0, rate_from(0, 50));
  EXPECT_EQ(asleep.run(300), Changes{});
  KedaWorld awake(spec, 2, rate_from(0, 5000));
  EXPECT_EQ(awake.run(300), Changes{});

  KedaPolicy policy = policy_of(spec);
  const Decision held = policy.evaluate(with_external(target_of(kStart, 0), "s0-prometheus", 50));
  EXPECT_EQ(unused_of(held, "activation")->why, "s0-prometheus is at 50 > 0, but paused-scale-out holds the target");
}

TEST(KedaPauseTest, ForceActivationWakesAndKeepsAwake) {
  KedaWorld world(scaled_object(with("  cooldownPeriod: 0\n"), "autoscaling.keda.sh/force-activation: \"true\""), 0,
                  rate_from(9999, 1));
  EXPECT_EQ(world.run(1800), (Changes{{0, 1}}));
}

}  // namespace
}  // namespace scaler
