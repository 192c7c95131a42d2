// What holds in every run, over options drawn at random, and at the edges of the integer time.
#include <gtest/gtest.h>

#include <cmath>
#include <map>

#include "sim/service/engine.h"
#include "sim/service/recorder.h"
#include "sim/service/reference_simulation.h"

namespace sim {
namespace {

using Algorithm = BalancerOptions::Algorithm;
using Law = ServiceTime::Distribution;

constexpr Ticks kYear = 365 * 24 * 3600 * kSecond;

class Dice {
 public:
  explicit Dice(std::uint64_t seed) : stream_(seed) {}
  template <class T>
  T one_of(std::initializer_list<T> values) {
    return values.begin()[stream_.below(static_cast<std::uint32_t>(values.size()))];
  }
  bool likely(double probability) { return stream_.uniform() < probability; }
  std::uint32_t below(std::uint32_t n) { return static_cast<std::uint32_t>(stream_.below(n)); }

 private:
  base::Random stream_;
};

struct World {
  EngineOptions options;
  std::vector<PodChange> changes;
};

World draw_world(std::uint64_t seed) {
  Dice dice(seed);
  World world;
  EngineOptions& o = world.options;
  o.sources = {{.name = "a", .profile = RateProfile::constant(dice.one_of({0.0, 3.0, 200.0, 900.0}))}};
  if (dice.likely(0.4)) {
    const std::vector<RateProfile::Point> points = {{kSecond, 0}, {3 * kSecond, 1200}, {5 * kSecond, 10}};
    o.sources.push_back(
        {.name = "b", .profile = RateProfile::from_points(points, RateProfile::Interpolation::kLinear).value()});
  }
  o.arrivals.process = dice.one_of(
      {ArrivalOptions::Process::kPoisson, ArrivalOptions::Process::kDeterministic, ArrivalOptions::Process::kGamma});
  o.arrivals.dispersion = 3;
  if (dice.likely(0.7)) o.client.timeout = dice.one_of({30, 80, 500}) * kMillisecond;
  o.client.max_retries = dice.one_of({0U, 0U, 1U, 3U});
  o.client.backoff = dice.one_of({Ticks{0}, 20 * kMillisecond});
  if (dice.likely(0.6)) o.client.budget = dice.one_of({0.0, 0.1, 1.0});
  o.client.cancels = dice.likely(0.5);
  o.discipline = dice.one_of({Discipline::kFcfs, Discipline::kProcessorSharing});
  o.workers = dice.one_of({1U, 3U, 8U, 13U});
  if (dice.likely(0.7)) o.queue_limit = dice.one_of({0U, 4U, 60U});
  o.service = {.distribution = dice.one_of({Law::kExponential, Law::kDeterministic, Law::kLognormal}),
               .mean = dice.one_of({2, 25}) * kMillisecond,
               .cv = dice.one_of({0.0, 1.0, 4.0})};
  o.balancer.algorithm =
      dice.one_of({Algorithm::kRoundRobin, Algorithm::kRoundRobin, Algorithm::kRandom, Algorithm::kLeastOutstanding,
                   Algorithm::kPowerOfTwoChoices, Algorithm::kCentralQueue});
  o.start = dice.one_of({Ticks{0}, -2'300 * kMillisecond, kYear});
  o.duration = 6 * kSecond;

  Ticks at = o.start;
  std::vector<PodId> pods;
  for (PodId pod = 0; pod < 5 + dice.below(6); ++pod) {
    world.changes.push_back({.at = at, .pod = pod, .add = true});
    pods.push_back(pod);
  }
  for (PodId pod = 100; pod < 104; ++pod) {
    at += 600 * kMillisecond + dice.below(900'000'000);
    if (dice.likely(0.5) && pods.size() > 3) {
      world.changes.push_back({.at = at, .pod = pods.front(), .add = false});
      pods.erase(pods.begin());
    } else {
      world.changes.push_back({.at = at, .pod = pod, .add = true});
      pods.push_back(pod);
    }
  }
  return world;
}

struct Outcome {
  std::uint64_t fingerprint = 0;
  Totals totals;
  std::map<PodId, Usage> usage;  // at the end of the arrivals
  std::uint64_t arrivals = 0;
  std::uint64_t failed = 0;
};

Outcome run(const World& world, Ticks step = 1000 * kSecond) {
  const EngineOptions& o = world.options;
  Engine engine(o, base::Random(3));
  Ticks now = o.start;
  const auto go_to = [&](Ticks t) {
    for (; now + step < t; now += step) engine.advance_to(now + step);
    now = t;
  };
  for (const PodChange& change : world.changes) {
    go_to(change.at);
    change.add ? engine.add_pod(change.pod, change.at) : engine.remove_pod(change.pod, change.at);
  }
  const Ticks end = o.start + o.duration;
  go_to(end);
  Outcome out;
  for (const PodChange& change : world.changes) out.usage[change.pod] = engine.usage(change.pod, end);
  engine.finish();
  out.fingerprint = engine.fingerprint();
  out.totals = engine.totals();
  for (const SecondResult& s : engine.seconds()) {
    out.arrivals += s.arrivals;
    out.failed += s.failed;
  }
  return out;
}

class RandomWorldTest : public testing::TestWithParam<std::uint64_t> {};

TEST_P(RandomWorldTest, BytesDoNotDependOnThreadsVectorsOrCuts) {
  World world = draw_world(GetParam());
  const std::uint64_t expected = run(world).fingerprint;
  world.options.vector_paths = false;
  EXPECT_EQ(run(world).fingerprint, expected);
  for (const std::uint32_t threads : {2U, 5U}) {
    world.options.vector_paths = threads == 2;
    world.options.threads = threads;
    EXPECT_EQ(run(world).fingerprint, expected) << threads << " threads";
    EXPECT_EQ(run(world, 777'777'777).fingerprint, expected) << threads << " threads";
  }
  world.options.threads = 1;
  EXPECT_EQ(run(world, kSecond).fingerprint, expected);
  EXPECT_EQ(run(world, 31'234'567).fingerprint, expected);
}

TEST_P(RandomWorldTest, RequestsAndWorkAreConserved) {
  World world = draw_world(GetParam());
  EngineOptions& o = world.options;
  o.start = step_of(o.start, kSecond) * kSecond;  // totals count from a whole second on
  const Outcome out = run(world);
  const Totals& t = out.totals;
  EXPECT_EQ(t.requests, out.arrivals);
  EXPECT_EQ(t.requests, t.succeeded + t.rejected + t.timed_out);
  EXPECT_EQ(t.failed, out.failed);
  EXPECT_LE(t.retried, t.requests * o.client.max_retries);
  if (!o.client.timeout) {
    EXPECT_EQ(t.timed_out, 0U);
  }

  for (const auto& [pod, used] : out.usage) {
    EXPECT_GE(used.busy, 0);
    EXPECT_LE(used.busy, o.duration * static_cast<Ticks>(o.workers));
    EXPECT_LE(used.rejected, used.received);
  }
  EXPECT_TRUE(std::isfinite(t.utilization) && std::isfinite(t.mean_in_system) && std::isfinite(t.slo_violation_ratio));
  EXPECT_LE(t.latency.p50, t.latency.p99);
}

// The reference serves each object of a request once, queues spelt out in order of arrival, and adds up the work done:
// what agrees with it to the last tick does too.
TEST_P(RandomWorldTest, EveryRequestIsServedOnceInOrder) {
  World world = draw_world(GetParam());
  EngineOptions& o = world.options;
  o.start = step_of(o.start, kSecond) * kSecond;
  const Outcome out = run(world);
  const ReferenceResult expected = simulate_reference(o, base::Random(3), world.changes);
  EXPECT_EQ(out.totals.rejected, expected.rejected);
  EXPECT_EQ(out.totals.timed_out, expected.timed_out);
  EXPECT_EQ(out.totals.retried, expected.retried);
  for (const auto& [pod, used] : out.usage) {
    EXPECT_EQ(used.busy, expected.busy.at(pod)) << "pod " << pod;
    EXPECT_EQ(used.received, expected.received.at(pod)) << "pod " << pod;
  }
  std::uint64_t answered = 0;
  for (const auto& [second, s] : expected.seconds) answered += s.latencies.size();
  EXPECT_EQ(out.totals.succeeded, answered);
  if (answered > 0) {
    EXPECT_EQ(static_cast<std::uint64_t>(out.totals.latency.mean), (expected.latency_sum + answered / 2) / answered);
  }
}
INSTANTIATE_TEST_SUITE_P(Seeds, RandomWorldTest, testing::Range<std::uint64_t>(1, 41));

constexpr Discipline kDisciplines[] = {Discipline::kFcfs, Discipline::kProcessorSharing};
constexpr Algorithm kAlgorithms[] = {Algorithm::kRoundRobin, Algorithm::kRandom, Algorithm::kLeastOutstanding,
                                     Algorithm::kPowerOfTwoChoices, Algorithm::kCentralQueue};

Totals run_edge(EngineOptions o, PodId pods) {
  std::uint64_t prints[2] = {};
  Totals totals;
  for (const bool vector : {false, true}) {
    o.vector_paths = vector;
    Engine engine(o, base::Random(1));
    for (PodId pod = 0; pod < pods; ++pod) engine.add_pod(pod, o.start);
    for (PodId pod = 0; pod < pods; ++pod) {
      const Usage usage = engine.usage(pod, o.start + o.duration);
      EXPECT_GE(usage.busy, 0);
      EXPECT_LE(static_cast<double>(usage.busy), static_cast<double>(o.duration) * o.workers);
    }
    engine.finish();
    totals = engine.totals();
    prints[vector] = engine.fingerprint();
    EXPECT_EQ(totals.requests, totals.succeeded + totals.failed);
    EXPECT_TRUE(std::isfinite(totals.mean_in_system) && totals.mean_in_system >= 0);
    EXPECT_TRUE(std::isfinite(totals.utilization) && totals.utilization >= 0 && totals.utilization <= 1.0);
    for (const Ticks t : {totals.latency.mean, totals.latency.max, totals.queue_wait.mean}) EXPECT_GE(t, 0);
  }
  EXPECT_EQ(prints[0], prints[1]);
  return totals;
}

TEST(EdgesTest, ServiceOfANanosecondAndOfAnHourWithAnyScatter) {
  for (const Discipline discipline : kDisciplines) {
    for (const Algorithm algorithm : kAlgorithms) {
      for (const Ticks mean : {Ticks{1}, 3600 * kSecond}) {
        for (const double cv : {0.0, 10.0}) {
          EngineOptions o;
          o.sources = {{.name = "a", .profile = RateProfile::constant(500)}};
          o.discipline = discipline;
          o.workers = 2;
          o.service = {.distribution = Law::kLognormal, .mean = mean, .cv = cv};
          o.balancer.algorithm = algorithm;
          o.duration = 5 * kSecond;
          const Totals totals = run_edge(o, 3);
          EXPECT_EQ(totals.succeeded, totals.requests);
          EXPECT_GT(totals.requests, 2000U);
          EXPECT_LT(totals.latency.mean, mean == 1 ? 10 : kYear);
          EXPECT_GE(totals.latency.max, mean);
        }
      }
    }
  }
}

TEST(EdgesTest, AHundredMillionRequestsASecond) {
  for (const Discipline discipline : kDisciplines) {
    EngineOptions o;
    o.sources = {{.name = "a", .profile = RateProfile::constant(1e8)}};
    o.discipline = discipline;
    o.workers = 8;
    o.queue_limit = 10;
    o.client.timeout = kMillisecond;
    o.service.mean = 100;
    o.duration = 3 * kMillisecond;
    const Totals totals = run_edge(o, 4);
    EXPECT_NEAR(static_cast<double>(totals.requests), 3e5, 5 * std::sqrt(3e5));
    EXPECT_GT(totals.succeeded, 250'000U);
  }
}

TEST(EdgesTest, AYearOfAFewRequestsEndingFarFromZero) {
  for (const Discipline discipline : kDisciplines) {
    EngineOptions o;
    const std::vector<RateProfile::Point> points = {{kYear, 0}, {2 * kYear - 10 * kSecond, 0}, {2 * kYear, 20}};
    o.sources = {{.name = "a", .profile = RateProfile::from_points(points, RateProfile::Interpolation::kStep).value()}};
    o.discipline = discipline;
    o.service.mean = 30 * kMillisecond;
    o.start = 2 * kYear - 20 * kSecond;
    o.duration = 40 * kSecond;
    const Totals totals = run_edge(o, 2);
    EXPECT_GT(totals.requests, 200U);
    EXPECT_EQ(totals.succeeded, totals.requests);
  }
}

TEST(EdgesTest, RequestsOfAMonthAreStillThereAtTheEnd) {
  for (const Discipline discipline : kDisciplines) {
    EngineOptions o;
    o.sources = {{.name = "a", .profile = RateProfile::constant(1)}};
    o.arrivals.process = ArrivalOptions::Process::kDeterministic;
    o.discipline = discipline;
    o.service = {.distribution = Law::kDeterministic, .mean = kYear / 10, .cv = 0};
    o.duration = 4 * kSecond;
    const Totals totals = run_edge(o, 1);
    EXPECT_EQ(totals.succeeded, 4U);
    EXPECT_NEAR(totals.utilization, 3.5 / 4, 1e-6);
    EXPECT_EQ(totals.latency.max, kLongestLatency);
  }
}

TEST(EdgesTest, HoursWithoutAPodHoldNothing) {
  for (const Algorithm algorithm : kAlgorithms) {
    for (const bool limited : {false, true}) {
      EngineOptions o;
      o.sources = {{.name = "a", .profile = RateProfile::constant(20)}};
      if (limited) o.queue_limit = 5;
      o.client = {.timeout = kSecond, .max_retries = 1, .backoff = kSecond, .budget = 0.1, .cancels = true};
      o.balancer.algorithm = algorithm;
      o.duration = 3 * 3600 * kSecond;
      const Totals totals = run_edge(o, 0);
      EXPECT_EQ(totals.failed, totals.requests);
      EXPECT_EQ(totals.mean_in_system, 0.0);
      EXPECT_GT(totals.retried, 0U);
    }
  }
}

}  // namespace
}  // namespace sim
