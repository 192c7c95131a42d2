#include "sim/validation/ras_simulation.h"

#include <gtest/gtest.h>

namespace sim::ras {
namespace {

TEST(RasPlantTest, GoesFromTheUnloadedTimeToItsLimit) {
  EXPECT_NEAR(response_time(0, 5), 0.00763, 1e-12);                    // A1 alone
  EXPECT_NEAR(response_time(1e12, 1), 1000 * 0.0018 + 0.00763, 1e-8);  // the limit of ever more users
}

TEST(RasPlantTest, IsAFunctionOfUsersPerCore) { EXPECT_DOUBLE_EQ(response_time(700, 5), response_time(1400, 10)); }

TEST(RasWorkloadTest, FollowsItsFormula) {
  EXPECT_NEAR(sine()(50), 1200, 1e-9);
  EXPECT_NEAR(sine()(150), 200, 1e-9);
  EXPECT_EQ(stairs()(0), 1000);
  EXPECT_EQ(stairs()(99), 1000);
  EXPECT_EQ(stairs()(100), 2000);
  EXPECT_EQ(stairs()(999), 9000);
  EXPECT_EQ(ramp()(0), 1);
  EXPECT_EQ(ramp()(800), 8001);
  EXPECT_EQ(ramp()(999), 8001);
}

TEST(RasControllerTest, ActsAtWholePeriodsOnly) {
  const Controller controller = simple(30, 3);
  EXPECT_EQ(controller(0, 0.5, 5), 5);
  EXPECT_EQ(controller(29, 0.5, 5), 5);
  EXPECT_EQ(controller(30, 0.5, 5), 8);
  EXPECT_EQ(controller(60, 0.36, 5), 5);
  EXPECT_EQ(controller(60, 0.19, 5), 2);
  EXPECT_EQ(controller(60, 0.19, 2), 1);  // never without a core
}

TEST(RasControllerTest, StepsMultiplyAndRoundUp) {
  const Controller controller = stepped(30);
  EXPECT_EQ(controller(30, 0.31, 10), 9);
  EXPECT_EQ(controller(30, 0.35, 10), 10);
  EXPECT_EQ(controller(30, 0.39, 10), 11);
  EXPECT_EQ(controller(30, 0.43, 10), 12);
  EXPECT_EQ(controller(30, 0.44, 10), 13);
}

TEST(RasControllerTest, TheTargetTriplesAtMost) {
  const Controller controller = target(30);
  EXPECT_EQ(controller(30, 0.64, 5), 10);
  EXPECT_EQ(controller(30, 3.2, 5), 15);
  EXPECT_EQ(controller(30, 0.16, 5), 3);
}

TEST(RasControllerTest, ScaleXHoldsTenSecondsThenMovesByAFactorOfThreeAtMost) {
  const Controller controller = scale_x();
  for (int t = 0; t < 10; ++t) EXPECT_EQ(controller(t, 1.0, 5), 5);
  EXPECT_LE(controller(10, 100.0, 5), 15);
}

TEST(RasSimulationTest, MeasuresTheMeanOfTwoSeconds) {
  const Outcome o = simulate([](int t) { return t == 0 ? 0.0 : 1e12; }, hold());
  EXPECT_NEAR(o.least, 0.00763, 1e-6);  // the first second alone
  EXPECT_EQ(o.violations, 999);         // the second is half of a long one
  EXPECT_EQ(o.mean_cores, 5);
}

}  // namespace
}  // namespace sim::ras
