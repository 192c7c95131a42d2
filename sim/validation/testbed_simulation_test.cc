#include "sim/validation/testbed_simulation.h"

#include <gtest/gtest.h>

namespace sim::testbed {
namespace {

Users always(int n) {
  return [n](int) { return n; };
}

TEST(TestbedTest, OneUserNeverWaits) {
  const Outcome o = simulate(always(1), hold());
  EXPECT_NEAR(o.mean, kDemand + kFixed, 1e-9);
  EXPECT_EQ(o.violations, 0);
  EXPECT_EQ(o.mean_cores, 1);
}

TEST(TestbedTest, ASaturatedCoreServesOneDemandAfterTheOther) {
  // R = N D - Z once the core is never idle: 55 * 0.0445 - 1 = 1.4475, whatever the fixed part.
  EXPECT_NEAR(simulate(always(55), hold()).worst, 1.4475, 0.01);
}

TEST(TestbedTest, MoreCoresThanRequestsHelpNobody) {
  const Outcome o = simulate(always(8), [](int, double, double) { return 16.0; });
  EXPECT_NEAR(o.mean, kDemand + kFixed, 0.01);
}

TEST(TestbedTest, CoresStayWithinTheirBounds) {
  EXPECT_NEAR(simulate(always(1), [](int, double, double) { return -3.0; }).mean_cores, 0.5, 0.01);
  EXPECT_NEAR(simulate(always(1), [](int, double, double) { return 99.0; }).mean_cores, 16, 0.1);
}

TEST(TestbedTest, NobodyIsAnsweredNothing) {
  const Outcome o = simulate(always(0), hold());
  EXPECT_EQ(o.mean, 0);
  EXPECT_EQ(o.violations, 0);
}

TEST(TestbedTest, WorkloadsFollowTheirFormulas) {
  EXPECT_EQ(sine()(0), 20);
  EXPECT_EQ(sine()(50), 40);
  EXPECT_EQ(sine()(150), 0);
  EXPECT_EQ(ramp()(149), 10);
  EXPECT_EQ(ramp()(300), 32);
  EXPECT_EQ(ramp()(599), 55);
}

TEST(TestbedControllerTest, KeepsThePaperThresholdsAsSharesOfTheSla) {
  EXPECT_EQ(rule(1)(30, 0.226, 2), 3);
  EXPECT_EQ(rule(1)(30, 0.124, 2), 1);
  EXPECT_EQ(rule(1)(30, 0.2, 2), 2);
  EXPECT_EQ(rule(1)(31, 0.9, 2), 2);
  EXPECT_EQ(stepped()(30, 0.26, 10), 12);
  EXPECT_EQ(target(30)(30, 0.4, 2), 4);
  EXPECT_EQ(target(3)(33, 9.0, 2), 6);
}

}  // namespace
}  // namespace sim::testbed
