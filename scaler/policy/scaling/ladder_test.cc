#include "scaler/policy/scaling/ladder.h"

#include <gtest/gtest.h>

namespace scaler {
namespace {

using namespace std::chrono_literals;

LadderSpec viewers() {
  LadderSpec spec;
  spec.metric.name = "viewers";
  spec.steps = {{1000, 20}, {10000, 50}, {50000, 200}};
  return spec;
}

TEST(LadderTest, AStepBeginsExactlyAtItsFrom) {
  Ladder ladder(viewers());

  EXPECT_FALSE(ladder.ask(999.999).replicas);
  EXPECT_EQ(ladder.ask(1000).replicas, 20);
  EXPECT_EQ(ladder.ask(9999).replicas, 20);
  EXPECT_EQ(ladder.ask(10000).replicas, 50);
  EXPECT_EQ(ladder.ask(1e9).replicas, 200);
}

// 1.1 million a minute while a machine of 4 minutes and an application of 90 s start: 6.05 million more.
TEST(LadderTest, TheSurgeThatIsExpectedDuringTheStartIsAdded) {
  LadderSpec spec = viewers();
  spec.surge_per_second = 1.1e6 / 60;
  spec.start_up = 330s;
  spec.steps = {{0, 100}, {6.0e6, 500}, {7.0e6, 600}};
  Ladder ladder(spec);

  const Ladder::Answer answer = ladder.ask(0);
  EXPECT_NEAR(answer.looked_up, 6.05e6, 1e-3);
  EXPECT_EQ(answer.replicas, 500);
  EXPECT_EQ(ladder.ask(0.95e6).replicas, 600);
}

TEST(LadderTest, WithoutHysteresisDownIsTheSameTable) {
  Ladder ladder(viewers());
  ladder.ask(10000);

  EXPECT_EQ(ladder.ask(9999).replicas, 20);
}

TEST(LadderTest, HysteresisHoldsAStepUntilTheValueIsBelowItByThatPart) {
  LadderSpec spec = viewers();
  spec.hysteresis = 0.1;
  Ladder ladder(spec);

  EXPECT_EQ(ladder.ask(9500).replicas, 20);  // on the way up it does not help
  EXPECT_EQ(ladder.ask(10000).replicas, 50);
  const Ladder::Answer held = ladder.ask(9000);
  EXPECT_EQ(held.replicas, 50);
  EXPECT_EQ(held.why, "9000 is on the step from 10000, which hysteresis still holds");
  EXPECT_EQ(ladder.ask(8999).replicas, 20);
  EXPECT_EQ(ladder.ask(9500).replicas, 20);
  EXPECT_EQ(ladder.ask(50000).replicas, 200);
  EXPECT_EQ(ladder.ask(899).why, "899 is below the first step, 1000");
}

TEST(LadderTest, AnHeirStandsOnTheSameStep) {
  LadderSpec spec = viewers();
  spec.hysteresis = 0.1;
  Ladder before(spec);
  before.ask(10000);
  Ladder heir(spec);
  heir.inherit(before);
  Ladder stranger(spec);

  EXPECT_EQ(heir.ask(9500).replicas, 50);
  EXPECT_EQ(stranger.ask(9500).replicas, 20);
}

}  // namespace
}  // namespace scaler
