// The closed forms against figures that others computed.
#include "sim/validation/theory.h"

#include <gtest/gtest.h>

#include "sim/metrics/demand.h"

namespace sim::theory {
namespace {

struct MmcCase {
  int servers;
  double utilization, waiting, wait, p95, p99;
};

TEST(TheoryTest, SeveralServers) {
  for (const MmcCase& c :
       {MmcCase{1, .8, .8, 4.0, 14.979, 23.026}, MmcCase{2, .8, .711111, 1.777778, 7.911, 11.937},
        MmcCase{5, .8, .554113, .554113, 4.198, 6.080}, MmcCase{10, .8, .409180, .204590, 3.328, 4.946},
        MmcCase{10, .9, .668732, .668732, 4.361, 6.250}, MmcCase{100, .95, .506457, .101291, 3.115, 4.724}}) {
    const double load = c.servers * c.utilization;
    EXPECT_NEAR(erlang_c(c.servers, load), c.waiting, 5.1e-7) << c.servers;
    EXPECT_NEAR(mmc_wait(c.servers, load), c.wait, 5.1e-7) << c.servers;
    // Of the percentile of five servers, 4.19746, the last digit was rounded up.
    EXPECT_NEAR(mmc_latency_quantile(c.servers, load, 0.95), c.p95, 6e-4) << c.servers;
    EXPECT_NEAR(mmc_latency_quantile(c.servers, load, 0.99), c.p99, 5.1e-4) << c.servers;
  }
}

TEST(TheoryTest, OneServerWithAnyLawOfService) {
  EXPECT_NEAR(1 + mg1_wait(0.8, 0), 3.0, 1e-12);
  EXPECT_NEAR(1 + mg1_wait(0.8, 1), 5.0, 1e-12);
  EXPECT_NEAR(1 + mg1_wait(0.8, 2), 11.0, 1e-12);
  EXPECT_NEAR(sharing_latency(0.8), 5.0, 1e-12);
}

TEST(TheoryTest, DeterministicService) {
  EXPECT_NEAR(mdc_wait(1, 0.8), 2.000000, 5e-7);
  EXPECT_NEAR(mdc_wait(2, 1.6), 0.903284, 5e-7);
  EXPECT_NEAR(mdc_wait(5, 4.0), 0.289060, 5e-7);
  EXPECT_NEAR(mdc_wait(10, 8.0), 0.109828, 5e-7);
}

TEST(TheoryTest, FinitePlaces) {
  struct Case {
    int servers, places;
    double load, blocked, wait;
  };
  for (const Case& c : {Case{1, 10, .9, .050814, 3.6466}, Case{1, 10, 1.2, .192586, 5.9261},
                        Case{4, 20, 3.6, .016805, 1.1950}, Case{10, 50, 12, .166717, 3.5016}}) {
    EXPECT_NEAR(mmck(c.servers, c.places, c.load).blocked, c.blocked, 5.1e-7);
    EXPECT_NEAR(mmck(c.servers, c.places, c.load).wait, c.wait, 5.1e-5);
  }
}

TEST(TheoryTest, Patience) {
  // Minutes: 48 calls, mean service 1, patience 2, 50 agents.
  const ErlangA a = erlang_a(50, 48, 0.5);
  EXPECT_NEAR(a.abandoned, .030912, 5.1e-7);
  EXPECT_NEAR(60 * a.wait, 3.709, 5.1e-4);
  EXPECT_NEAR(a.utilization, .930, 5.1e-4);
  EXPECT_NEAR(60 * mmc_wait(50, 48), 20.834, 5.1e-4);
  EXPECT_NEAR(60 * mmc_wait_quantile(50, 48, 0.9), 58.14, 5.1e-3);
  EXPECT_NEAR(erlang_a(100, 120, 1).abandoned, .167693, 5.1e-7);
}

TEST(TheoryTest, Balancing) {
  EXPECT_NEAR(round_robin_latency(10, 0.8), 2.9223, 5.1e-5);
  EXPECT_NEAR(round_robin_latency(10, 0.9), 5.6603, 5.1e-5);
  EXPECT_NEAR(round_robin_limit(0.8), 2.6927, 5.1e-5);
  EXPECT_NEAR(round_robin_limit(0.9), 5.1787, 5.1e-5);
  EXPECT_NEAR(1 + mmc_wait(10, 8), 1.2046, 5.1e-5);
  EXPECT_NEAR(1 + mmc_wait(10, 9), 1.6687, 5.1e-5);
  EXPECT_NEAR(power_of_choices_limit(2, 0.5), 1.2657, 5.1e-5);
  EXPECT_NEAR(power_of_choices_limit(2, 0.7), 1.6145, 5.1e-5);
  EXPECT_NEAR(power_of_choices_limit(2, 0.8), 1.9474, 5.1e-5);
  EXPECT_NEAR(power_of_choices_limit(2, 0.9), 2.6141, 5.1e-5);
  EXPECT_NEAR(power_of_choices_limit(2, 0.99), 5.4320, 5.1e-5);
}

TEST(TheoryTest, OneChoiceInATurnOfOneIsOneServer) { EXPECT_NEAR(round_robin_latency(1, 0.8), 5.0, 1e-9); }

TEST(TheoryTest, ClosedSystems) {
  EXPECT_NEAR(closed_system(10, 1, 1, .06).response, .109578, 5.1e-7);
  EXPECT_NEAR(closed_system(10, 1, 1, .06).throughput, 9.01243, 5.1e-6);
  EXPECT_NEAR(closed_system(50, 1, 1, .06).response, 2.000000, 5.1e-7);
}

TEST(TheoryTest, Ramps) {
  const Ramp steep{.base = 0.7, .factor = 5, .rise = 120};
  EXPECT_NEAR(steep.crossing(), 12.9, 0.05);
  EXPECT_NEAR(steep.backlog(steep.crossing() + 60), 42.0, 0.05);
  EXPECT_NEAR(steep.backlog(steep.crossing() + 180), 316, 0.5);
  const Ramp steeper{.base = 0.7, .factor = 10, .rise = 120};
  EXPECT_NEAR(steeper.backlog(steeper.crossing() + 60), 94.5, 0.05);
  const Ramp of_1998{.base = 0.7, .factor = 2.5, .rise = 900};
  EXPECT_NEAR(of_1998.backlog(of_1998.crossing() + 60), 2.1, 0.05);
  EXPECT_NEAR(of_1998.backlog(of_1998.crossing() + 180), 18.9, 0.05);
  EXPECT_NEAR(of_1998.backlog(of_1998.crossing() + 360), 75.6, 0.05);
  EXPECT_EQ(of_1998.backlog(0), 0);
}

}  // namespace
}  // namespace sim::theory
