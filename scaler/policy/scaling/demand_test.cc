#include "scaler/policy/scaling/demand.h"

#include <gtest/gtest.h>

#include "scaler/policy/policy_test_support.h"

namespace scaler {
namespace {

using namespace std::chrono_literals;
using testing::cpu_metric;
using testing::kStart;
using testing::rps_metric;
using testing::target_of;
using testing::with_cpu;
using testing::with_rps;

TEST(DemandTest, IsTheSumOverThePods) {
  const auto demand = demand_of(rps_metric(140), with_rps(target_of(kStart, 10), 1500), {});

  ASSERT_TRUE(demand);
  EXPECT_DOUBLE_EQ(demand->total, 1500);
  EXPECT_DOUBLE_EQ(demand->per_pod, 140);
  EXPECT_EQ(demand->at, kStart);
}

TEST(DemandTest, OfCpuIsInCoresAndAPodCarriesItsShareOfTheRequest) {
  const auto demand = demand_of(cpu_metric(70), with_cpu(target_of(kStart, 10), 35), {});

  ASSERT_TRUE(demand);
  EXPECT_DOUBLE_EQ(demand->total, 3.5);
  EXPECT_DOUBLE_EQ(demand->per_pod, 0.7);
}

TEST(DemandTest, EstablishedPodsWithoutAValueCountLikeTheirPeers) {
  Observation observation = with_rps(target_of(kStart, 10), 1000);
  observation.pod_metrics.at(MetricNeed{"rps"})->resize(5);

  EXPECT_DOUBLE_EQ(demand_of(rps_metric(140), observation, {})->total, 1000);
}

TEST(DemandTest, YoungPodsWithoutAValueCountNothing) {
  Observation observation = with_rps(target_of(kStart, 10), 1000);
  observation.pod_metrics.at(MetricNeed{"rps"})->resize(5);
  for (std::size_t i = 5; i < 10; ++i) observation.pods[i].ready_transition = kStart - 2min + 1ns;

  EXPECT_DOUBLE_EQ(demand_of(rps_metric(140), observation, {})->total, 500);
}

TEST(DemandTest, EndingPodsDoNotCount) {
  Observation observation = with_rps(target_of(kStart, 10), 1000);
  observation.pods[0].deleting = true;

  EXPECT_DOUBLE_EQ(demand_of(rps_metric(140), observation, {})->total, 900);
}

TEST(DemandTest, IsUnknownWithoutValues) {
  EXPECT_FALSE(demand_of(rps_metric(140), target_of(kStart, 10), {}));
  Observation observation = with_rps(target_of(kStart, 10), 1000);
  observation.pod_metrics.at(MetricNeed{"rps"})->resize(1);
  observation.pods[0].ready_transition = kStart;
  EXPECT_FALSE(demand_of(rps_metric(140), observation, {}));
}

}  // namespace
}  // namespace scaler
