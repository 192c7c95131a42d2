// The balancers that only the event-driven engine has, and outlier ejection.
#include <gtest/gtest.h>

#include "sim/mesh/pod_choosers.h"
#include "sim/mesh/test_systems.h"
#include "sim/mesh/turn_choosers.h"

namespace sim {
namespace {

using Algorithm = BalancerOptions::Algorithm;
constexpr Ticks kMs = kMillisecond;

SystemOptions balanced(Algorithm algorithm, double rate = 1000, Ticks duration = 20 * kSecond) {
  SystemOptions o = one_service(rate, duration);
  o.services[0].service.mean = kMs;
  o.services[0].workers = 50;
  o.services[0].balancer.algorithm = algorithm;
  return o;
}
double received(MeshEngine& engine, PodId pod, Ticks at) { return static_cast<double>(engine.usage(pod, at).received); }

TEST(MeshBalancersTest, ConnectionsLeaveNewPodsIdleUntilTheyAreOpenedAnew) {
  for (const bool lifetime : {false, true}) {
    SystemOptions o = balanced(Algorithm::kConnections);
    o.services[0].balancer.connections = 200;
    if (lifetime) o.services[0].balancer.connection_lifetime = 2 * kSecond;
    MeshEngine engine(o, base::Random(1));
    add_pods(engine, 0, 2, 0);
    engine.add_pod(2, 10 * kSecond);
    engine.advance_to(20 * kSecond);
    const double share = received(engine, 2, 20 * kSecond) / 10'000;
    if (lifetime) {
      EXPECT_GT(share, 0.2);
      EXPECT_LT(share, 0.4);
    } else {
      EXPECT_EQ(share, 0.0);
    }
  }
}

TEST(MeshBalancersTest, ConnectionsOfAPodThatGoesAreOpenedToTheOthers) {
  SystemOptions o = balanced(Algorithm::kConnections);
  MeshEngine engine(o, base::Random(1));
  add_pods(engine, 0, 3, 0);
  engine.remove_pod(0, 10 * kSecond);
  engine.finish();
  EXPECT_EQ(engine.totals().failed, 0U);
}

TEST(MeshBalancersTest, APodRefusesConnectionsBeyondItsLimit) {
  // Twenty connections, eight of which the only pod accepts; a request takes any.
  SystemOptions o = balanced(Algorithm::kConnections);
  o.services[0].balancer.connections = 20;
  o.services[0].connection_limit = 8;
  MeshEngine engine(o, base::Random(1));
  engine.add_pod(0, 0);
  engine.finish();
  EXPECT_NEAR(static_cast<double>(engine.totals().rejected) / static_cast<double>(engine.totals().requests), 0.6, 0.02);
}

TEST(MeshBalancersTest, AClientKeepsItsPod) {
  BalancerOptions options;
  options.clients = 100;
  Affinity affinity(1, options);
  for (std::uint32_t pod = 0; pod < 5; ++pod) affinity.add(pod, {});
  const auto pick = [&](std::uint64_t client) {
    return affinity.pick({.client = client}, [](std::uint32_t) { return 0; });
  };
  std::vector<std::uint32_t> first;
  for (std::uint64_t client = 0; client < 50; ++client) first.push_back(pick(client));
  affinity.add(5, {});
  for (std::uint64_t client = 0; client < 50; ++client) EXPECT_EQ(pick(client), first[client]);
  affinity.remove(2);
  for (std::uint64_t client = 0; client < 50; ++client) {
    EXPECT_NE(pick(client), 2U);
    if (first[client] != 2) {
      EXPECT_EQ(pick(client), first[client]);
    }
  }
}

TEST(MeshBalancersTest, WeightsAreKeptExactlyAndSmoothly) {
  WeightedRoundRobin turns;
  turns.add(0, {.weight = 5});
  turns.add(1, {.weight = 1});
  turns.add(2, {.weight = 1});
  turns.add(3, {.weight = 0});
  std::vector<std::uint32_t> counts(4);
  std::uint32_t in_a_row = 0, longest = 0;
  for (int i = 0; i < 7000; ++i) {
    const std::uint32_t pod = turns.pick({}, [](std::uint32_t) { return 0; });
    ++counts[pod];
    in_a_row = pod == 0 ? in_a_row + 1 : 0;
    longest = std::max(longest, in_a_row);
  }
  EXPECT_NEAR(counts[0], 5000, 5);
  EXPECT_NEAR(counts[1], 1000, 1);
  EXPECT_NEAR(counts[2], 1000, 1);
  EXPECT_EQ(counts[3], 0U);
  EXPECT_LE(longest, 6U);
}

TEST(MeshBalancersTest, AZoneServesItselfUnlessItHasTooFewPods) {
  // Zone 0 has three pods, zone 1 has one: half of its fair share of two, which is enough.
  SystemOptions o = balanced(Algorithm::kZoneAware);
  o.services[0].zones = 2;
  MeshEngine engine(o, base::Random(1));
  add_pods(engine, 0, 3, 0, {.zone = 0});
  engine.add_pod(3, 0, {.zone = 1});
  engine.advance_to(10 * kSecond);
  EXPECT_NEAR(received(engine, 3, 10 * kSecond), 5000, 200);
  EXPECT_NEAR(received(engine, 0, 10 * kSecond), 5000.0 / 3, 100);
  // With two pods more in zone 0 it is less than half: its requests go round all six.
  engine.add_pod(4, 10 * kSecond, {.zone = 0});
  engine.add_pod(5, 10 * kSecond, {.zone = 0});
  engine.advance_to(20 * kSecond);
  EXPECT_NEAR(received(engine, 3, 20 * kSecond) - 5000, 5000.0 / 6, 250);
  engine.finish();
}

TEST(MeshBalancersTest, AnOutlierIsLeftOutForLongerEachTime) {
  SystemOptions o = balanced(Algorithm::kRoundRobin, 100, 20 * kSecond);
  o.services[0].balancer.ejection = OutlierEjection{.consecutive_errors = 5, .base = 2 * kSecond, .most = 0.5};
  MeshEngine engine(o, base::Random(1));
  engine.add_pod(0, 0, {.error_ratio = 1.0});
  engine.add_pod(1, 0);
  // About 0.1 s for five of its turns, then out for 2, 4, 6 and 8 s.
  engine.advance_to(kSecond);
  EXPECT_EQ(received(engine, 0, kSecond), 5.0);
  engine.finish();
  EXPECT_EQ(engine.services()[0].errors, 20U);
}

TEST(MeshBalancersTest, NeverAreMorePodsLeftOutThanAllowed) {
  SystemOptions o = balanced(Algorithm::kRoundRobin, 100, 20 * kSecond);
  o.services[0].balancer.ejection = OutlierEjection{.consecutive_errors = 1, .base = 100 * kSecond, .most = 0.1};
  MeshEngine engine(o, base::Random(1));
  add_pods(engine, 0, 9, 0, {.error_ratio = 1.0});  // a tenth of nine is no pod
  engine.finish();
  EXPECT_EQ(engine.totals().succeeded, 0U);
  EXPECT_EQ(engine.services()[0].errors, engine.totals().requests);
}

}  // namespace
}  // namespace sim
