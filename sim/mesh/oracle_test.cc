// The event-driven engine against queueing theory. Formulas: Kleinrock 1975; Erlang A: Garnett, Mandelbaum and Reiman
// 2002.
#include <gtest/gtest.h>

#include <cmath>

#include "sim/mesh/test_systems.h"

namespace sim {
namespace {

using Algorithm = BalancerOptions::Algorithm;

// Service times have a mean of 10 ms, so a unit of time of the textbooks is 10 ms.
constexpr Ticks kUnit = 10 * kMillisecond;
double units(Ticks t) { return static_cast<double>(t) / static_cast<double>(kUnit); }

SystemOptions queue(double load_of_workers, std::uint32_t workers, Ticks duration) {
  SystemOptions o = one_service(load_of_workers * workers / to_seconds(kUnit), duration);
  o.services[0].workers = workers;
  o.services[0].service.mean = kUnit;
  o.warmup = 20 * kSecond;
  return o;
}

Totals totals_of(const SystemOptions& o, std::uint64_t seed, PodId pods = 1) {
  MeshEngine engine(o, base::Random(seed));
  add_pods(engine, 0, pods, o.start);
  engine.finish();
  return engine.totals();
}

// The mean of a figure over ten seeds.
template <class Figure>
double mean_of(const SystemOptions& o, Figure figure, PodId pods = 1) {
  double sum = 0;
  for (std::uint64_t seed = 1; seed <= 10; ++seed) sum += figure(totals_of(o, seed, pods));
  return sum / 10;
}

TEST(MeshOracleTest, ManyServersWaitAsErlangSays) {
  struct Row {
    std::uint32_t workers;
    double load, wait;
  };
  for (const Row& row : {Row{1, 0.8, 4.0}, Row{2, 0.8, 1.777778}, Row{10, 0.8, 0.204590}}) {
    const SystemOptions o = queue(row.load, row.workers, 300 * kSecond);
    EXPECT_NEAR(mean_of(o, [](const Totals& t) { return units(t.queue_wait.mean); }), row.wait, 0.03 * row.wait)
        << row.workers;
  }
}

TEST(MeshOracleTest, AFiniteQueueBlocksItsShare) {
  SystemOptions o = queue(0.9, 1, 300 * kSecond);
  o.services[0].queue_limit = 9;  // M/M/1/10
  EXPECT_NEAR(
      mean_of(o, [](const Totals& t) { return static_cast<double>(t.rejected) / static_cast<double>(t.requests); }),
      0.050814, 0.0015);
  EXPECT_NEAR(mean_of(o, [](const Totals& t) { return units(t.queue_wait.mean); }), 3.6466, 0.05);
}

TEST(MeshOracleTest, ImpatientClientsLeaveAsInErlangA) {
  // 48 a minute, 50 servers of a minute, patience of two minutes; a second of ours is a minute of theirs.
  SystemOptions o = one_service(48, 2000 * kSecond);
  o.services[0].service.mean = kSecond;
  o.services[0].workers = 50;
  o.client.patience = Patience{.mean = 2 * kSecond};
  o.warmup = 20 * kSecond;
  EXPECT_NEAR(
      mean_of(o, [](const Totals& t) { return static_cast<double>(t.timed_out) / static_cast<double>(t.requests); }),
      0.030912, 0.001);
  EXPECT_NEAR(mean_of(o, [](const Totals& t) { return t.utilization; }), 0.930, 0.003);
}

TEST(MeshOracleTest, UsersThatThinkLoadAsInAClosedSystem) {
  for (const auto& [users, response] : {std::pair(10.0, 0.109578), std::pair(50.0, 2.0)}) {
    SystemOptions o = one_service(0, 2000 * kSecond);
    o.sources.clear();
    o.services[0].service.mean = 60 * kMillisecond;
    o.users.resize(1);
    o.users[0].name = "users";
    o.users[0].count = RateProfile::constant(users);
    o.warmup = 50 * kSecond;
    EXPECT_NEAR(mean_of(o, [](const Totals& t) { return to_seconds(t.latency.mean); }), response, 0.02 * response);
  }
}

TEST(MeshOracleTest, SharingDoesNotCareForTheLawOfService) {
  for (const auto law : {ServiceTime::Distribution::kDeterministic, ServiceTime::Distribution::kExponential,
                         ServiceTime::Distribution::kLognormal}) {
    SystemOptions o = queue(0.8, 2, 300 * kSecond);
    o.services[0].discipline = Discipline::kProcessorSharing;
    o.services[0].service.distribution = law;
    o.services[0].service.cv = 2;
    EXPECT_NEAR(mean_of(o, [](const Totals& t) { return units(t.latency.mean); }), 2.777778, 0.1);
  }
}

TEST(MeshOracleTest, WhatIsHeldIsWhatLittleSays) {
  const SystemOptions o = queue(0.8, 5, 300 * kSecond);
  const Totals t = totals_of(o, 3);
  const double rate = static_cast<double>(t.requests) / to_seconds(o.duration - o.warmup);
  EXPECT_NEAR(t.mean_in_system, rate * to_seconds(t.latency.mean), 0.002 * t.mean_in_system);
}

// Two services in a row, each with the output of a Poisson queue as its input (Burke 1956, Jackson 1957).
TEST(MeshOracleTest, ServicesInARowWaitAsIfAlone) {
  SystemOptions o = queue(0.5, 1, 300 * kSecond);
  o.services.push_back(o.services[0]);
  o.services[1].name = "next";
  // The caller's worker is held, so it needs enough of them not to wait for one; its own work is one at a time.
  o.services[0].workers = 1'000;
  o.services[0].service = {.distribution = ServiceTime::Distribution::kDeterministic, .mean = 1, .cv = 0};
  o.services[0].calls = {Call{.to = 1, .attempts = {}}};
  MeshEngine engine(o, base::Random(1));
  engine.add_pod(0, 0);
  engine.add_pod(1, 0, {.service = 1});
  engine.finish();
  EXPECT_NEAR(units(engine.services()[1].latency_mean), 2.0, 0.1);
  EXPECT_NEAR(static_cast<double>(engine.totals().latency.mean), static_cast<double>(engine.services()[1].latency_mean),
              5);
}

}  // namespace
}  // namespace sim
