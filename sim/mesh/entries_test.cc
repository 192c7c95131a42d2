// The ways into a system: routes by priority, weight and distance, and a proxy that waits for pods.
#include <gtest/gtest.h>

#include "sim/mesh/test_systems.h"

namespace sim {
namespace {

constexpr Ticks kMs = kMillisecond;

// The same API in two places, a request every 10 ms.
SystemOptions two_routes(Entry::Strategy strategy, Ticks duration = 10 * kSecond) {
  SystemOptions o = clockwork(100, 99 * kMs, duration);
  o.services[0].workers = 5;
  o.services.push_back(o.services[0]);
  o.services[1].name = "second";
  o.entries[0].strategy = strategy;
  o.entries[0].routes = {{.service = 0}, {.service = 1}};
  return o;
}
std::vector<ServiceTotals> services_of(const SystemOptions& o, std::uint32_t pods = 1) {
  MeshEngine engine(o, base::Random(1));
  for (std::uint32_t i = 0; i < 2 * pods; ++i) engine.add_pod(i, 0, {.service = i % 2});
  engine.finish();
  return engine.services();
}

TEST(MeshEntriesTest, AFullRouteOverflowsIntoTheNext) {
  // Five workers of 99 ms take half of a hundred a second.
  const auto services = services_of(two_routes(Entry::Strategy::kPriority));
  EXPECT_NEAR(static_cast<double>(services[0].received), 500, 5);
  EXPECT_NEAR(static_cast<double>(services[1].received), 500, 5);
  EXPECT_EQ(services[0].latency_mean, 99 * kMs);  // nobody waits
  // Two pods are enough for all.
  EXPECT_EQ(services_of(two_routes(Entry::Strategy::kPriority), 2)[1].received, 0U);
}

TEST(MeshEntriesTest, ARouteWithoutPodsIsNotTaken) {
  const SystemOptions o = two_routes(Entry::Strategy::kPriority);
  MeshEngine engine(o, base::Random(1));
  engine.add_pod(0, 0, {.service = 1});
  engine.add_pod(1, 0, {.service = 1});
  engine.finish();
  EXPECT_EQ(engine.services()[0].received, 0U);
  EXPECT_EQ(engine.totals().succeeded, 1000U);
}

TEST(MeshEntriesTest, TheNearestComesFirst) {
  SystemOptions o = two_routes(Entry::Strategy::kNearest);
  o.entries[0].routes[0].round_trip = 50 * kMs;
  o.entries[0].routes[1].round_trip = 20 * kMs;
  const auto services = services_of(o, 2);
  EXPECT_EQ(services[0].received, 0U);
  EXPECT_EQ(services[1].received, 1000U);
}

TEST(MeshEntriesTest, WeightsShiftAtTheirTimes) {
  SystemOptions o = two_routes(Entry::Strategy::kWeighted, 40 * kSecond);
  o.entries[0].routes[0].weight = 1;
  o.entries[0].routes[1].weight = 0;
  o.entries[0].shifts = {{.at = 10 * kSecond, .weights = {0.75, 0.25}}, {.at = 30 * kSecond, .weights = {0, 1}}};
  MeshEngine engine(o, base::Random(1));
  for (std::uint32_t i = 0; i < 8; ++i) engine.add_pod(i, 0, {.service = i % 2});
  const auto second = [&](Ticks at) {
    std::uint64_t sum = 0;
    for (const PodId pod : {1U, 3U, 5U, 7U}) sum += engine.usage(pod, at).received;
    return static_cast<double>(sum);
  };
  EXPECT_EQ(second(10 * kSecond), 0);
  const double canary = second(30 * kSecond);
  EXPECT_NEAR(canary, 500, 70);
  EXPECT_EQ(second(40 * kSecond) - canary, 1000);
  engine.finish();
}

TEST(MeshEntriesTest, AProxyHoldsRequestsUntilAPodIsThere) {
  SystemOptions o = clockwork(10, 10 * kMs, 2 * kSecond);
  o.services[0].front_proxy = FrontProxy{.buffer = 8, .timeout = 30 * kSecond};
  MeshEngine engine(o, base::Random(1));
  engine.advance_to(kSecond);
  EXPECT_EQ(engine.waiting_for_pods(0), 8U);  // and two were one too many
  engine.add_pod(0, kSecond);
  EXPECT_EQ(engine.waiting_for_pods(0), 0U);
  engine.finish();
  EXPECT_EQ(engine.totals().rejected, 2U);
  EXPECT_EQ(engine.totals().succeeded, 18U);
  EXPECT_EQ(engine.totals().latency.max, 960 * kMs);  // the first of them, first served
}

TEST(MeshEntriesTest, AProxyGivesUpAndSoDoItsClients) {
  SystemOptions o = clockwork(10, 10 * kMs, kSecond);
  o.services[0].front_proxy = FrontProxy{.buffer = 100, .timeout = 300 * kMs};
  MeshEngine proxy(o, base::Random(1));
  proxy.finish();
  EXPECT_EQ(proxy.totals().rejected, 10U);
  EXPECT_EQ(proxy.waiting_for_pods(0), 0U);
  o.client.attempts.timeout = 200 * kMs;
  MeshEngine clients(o, base::Random(1));
  clients.finish();
  EXPECT_EQ(clients.totals().timed_out, 10U);
}

TEST(MeshEntriesTest, ACentralQueueWithoutPodsIsTurnedAwayAtTheEnd) {
  SystemOptions o = clockwork(10, 10 * kSecond, kSecond);
  o.services[0].balancer.algorithm = BalancerOptions::Algorithm::kCentralQueue;
  MeshEngine engine(o, base::Random(1));
  engine.add_pod(0, 0);
  engine.remove_pod(0, 500 * kMs);
  engine.finish();
  EXPECT_EQ(engine.totals().succeeded, 1U);
  EXPECT_EQ(engine.totals().rejected, 9U);
}

TEST(MeshEntriesTest, SourcesHaveEntriesOfTheirOwn) {
  SystemOptions o = two_routes(Entry::Strategy::kPriority);
  o.entries = {o.entries[0], o.entries[0]};
  o.entries[0].routes.resize(1);
  o.entries[1].routes = {{.service = 1}};
  o.sources.push_back({.traffic = {.name = "other", .profile = RateProfile::constant(20)}, .entry = 1});
  const auto services = services_of(o, 3);
  EXPECT_EQ(services[0].received, 1000U);
  EXPECT_EQ(services[1].received, 200U);
}

}  // namespace
}  // namespace sim
