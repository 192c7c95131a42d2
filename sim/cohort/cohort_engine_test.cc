#include "sim/cohort/cohort_engine.h"

#include <gtest/gtest.h>

#include <cmath>
#include <numeric>

namespace sim {
namespace {

using Algorithm = BalancerOptions::Algorithm;

constexpr Algorithm kAlgorithms[] = {Algorithm::kRoundRobin, Algorithm::kRandom, Algorithm::kLeastOutstanding,
                                     Algorithm::kPowerOfTwoChoices, Algorithm::kCentralQueue};

EngineOptions options(double rate, Ticks duration = 60 * kSecond) {
  EngineOptions o;
  o.sources = {{.name = "viewers", .profile = RateProfile::constant(rate)}};
  o.client.timeout = 2 * kSecond;
  o.workers = 8;
  o.queue_limit = 100;
  o.service = {.distribution = ServiceTime::Distribution::kLognormal, .mean = 40 * kMillisecond, .cv = 1.0};
  o.cpu = {.limit = 1.0, .per_request = 4 * kMillisecond, .per_rejection = 0, .idle = 0.02};
  o.duration = duration;
  return o;
}

void add_pods(RequestEngine& engine, PodId n, Ticks at = 0) {
  for (PodId pod = 0; pod < n; ++pod) engine.add_pod(pod, at);
}

// The totals leave out the seconds before `measured`.
void expect_sums(const RequestEngine& engine, std::int64_t measured = 0) {
  const Totals t = engine.totals();
  std::uint64_t arrivals = 0, failed = 0, degraded = 0;
  for (const SecondResult& s : engine.seconds()) {
    const std::uint64_t counts = s.second >= measured ? 1 : 0;
    arrivals += counts * s.arrivals;
    failed += counts * s.failed;
    degraded += counts * static_cast<std::uint64_t>(s.degraded);
    EXPECT_LE(s.failed, s.bad);
    EXPECT_LE(s.bad, s.arrivals);
    EXPECT_LE(s.failed + s.satisfied + s.tolerating, s.arrivals);
    EXPECT_LE(s.p50, s.p95);
    EXPECT_LE(s.p95, s.p99);
    EXPECT_GE(s.p50, 0);
  }
  EXPECT_EQ(arrivals, t.requests);
  EXPECT_EQ(failed, t.failed);
  EXPECT_EQ(degraded, t.degradation_seconds);
  EXPECT_EQ(t.failed, t.rejected + t.timed_out);
  EXPECT_EQ(t.succeeded + t.failed, t.requests);
  for (const double x : {t.slo_violation_ratio, t.utilization}) {
    EXPECT_GE(x, 0);
    EXPECT_LE(x, 1);
  }
  EXPECT_GE(t.mean_in_system, 0);
  EXPECT_TRUE(std::isfinite(t.mean_in_system));
  EXPECT_LE(t.latency.p50, t.latency.p99);
  EXPECT_LE(t.latency.p999, t.latency.max);
}

TEST(CohortEngineTest, CountsAgreeUnderEveryBalancerAndDiscipline) {
  for (const Algorithm algorithm : kAlgorithms) {
    for (const auto discipline : {Discipline::kFcfs, Discipline::kProcessorSharing}) {
      for (const double rate : {0.0, 0.3, 700.0, 2100.0, 9000.0}) {
        EngineOptions o = options(rate);
        o.balancer.algorithm = algorithm;
        o.discipline = discipline;
        CohortEngine engine(o, base::Random(1));
        add_pods(engine, 10);
        engine.finish();
        expect_sums(engine);
        EXPECT_EQ(engine.seconds().size(), 60U);
        EXPECT_NEAR(static_cast<double>(engine.totals().requests), rate * 60, 0.51);
        const double capacity = 2000.0;
        const auto lost = static_cast<double>(engine.totals().rejected);
        // What pods hold at the end was not turned away; how they fill in the first slices is known to 0.4 %.
        if (rate > capacity) {
          EXPECT_NEAR(lost, (rate - capacity) * 60, 1100 + 0.004 * rate * 60);
        }
      }
    }
  }
}

TEST(CohortEngineTest, WorkDoneIsWorkSent) {
  CohortEngine engine(options(1200), base::Random(1));
  add_pods(engine, 10);
  engine.advance_to(60 * kSecond);
  double busy = 0, received = 0;
  for (PodId pod = 0; pod < 10; ++pod) {
    const Usage u = engine.usage(pod, 60 * kSecond);
    busy += to_seconds(u.busy);
    received += static_cast<double>(u.received);
  }
  EXPECT_NEAR(received, 72'000, 10);
  EXPECT_NEAR(busy, (1200 * 60 - 48) * 0.04, 1);  // all but what is left of the 48 in service at the end
  engine.finish();
  EXPECT_NEAR(engine.totals().utilization, 0.6, 0.001);
  EXPECT_NEAR(engine.totals().mean_in_system, 48, 0.5);
}

TEST(CohortEngineTest, ResultsDoNotDependOnHowTheCallsCutTheTime) {
  const auto run = [](Ticks step) {
    EngineOptions o = options(2500);
    o.start = 300 * kMillisecond;
    o.client.max_retries = 2;
    CohortEngine engine(o, base::Random(1));
    add_pods(engine, 8, 0);
    bool more = false;
    for (Ticks t = 0; t < 50 * kSecond; t += step) {
      if (!more && t >= 20 * kSecond) {
        engine.add_pod(100, 20 * kSecond + 12'345);
        engine.remove_pod(3, 20 * kSecond + 54'321);
        more = true;
      }
      engine.usage(0, std::max(t, engine.now()));
    }
    engine.finish();
    return engine.fingerprint();
  };
  const std::uint64_t whole = run(20 * kSecond);
  EXPECT_EQ(run(kSecond), whole);
  EXPECT_EQ(run(17 * kMillisecond), whole);
}

TEST(CohortEngineTest, WithoutPodsEverythingIsRejected) {
  for (const Algorithm algorithm : kAlgorithms) {
    EngineOptions o = options(100);
    o.balancer.algorithm = algorithm;
    CohortEngine engine(o, base::Random(1));
    engine.finish();
    expect_sums(engine);
    EXPECT_EQ(engine.totals().rejected, 6000U);
    EXPECT_EQ(engine.totals().degradation_seconds, 60U);
    EXPECT_EQ(engine.totals().utilization, 0);
  }
}

TEST(CohortEngineTest, PodsThatComeTakeTheLoadAndPodsThatGoDrain) {
  for (const Algorithm algorithm : kAlgorithms) {
    EngineOptions o = options(3000);
    o.balancer.algorithm = algorithm;
    CohortEngine engine(o, base::Random(1));
    add_pods(engine, 10);
    for (PodId pod = 100; pod < 110; ++pod) engine.add_pod(pod, 20 * kSecond);
    engine.remove_pod(0, 40 * kSecond);
    const Usage then = engine.usage(0, 40 * kSecond);
    const Usage later = engine.usage(0, 42 * kSecond);
    EXPECT_LE(later.received - then.received, 1U);
    EXPECT_GE(later.busy, then.busy);
    EXPECT_LE(later.busy, then.busy + 8 * kSecond);
    EXPECT_EQ(engine.usage(0, 50 * kSecond).busy, later.busy);
    engine.finish();
    expect_sums(engine);
    const auto& seconds = engine.seconds();
    EXPECT_GT(seconds[15].failed, 900U);
    EXPECT_EQ(seconds[30].failed, 0U);
    EXPECT_LT(seconds[30].p99, 500 * kMillisecond);
  }
}

TEST(CohortEngineTest, CpuIsClippedAtTheLimit) {
  EngineOptions o = options(4000);
  o.cpu.limit = 0.5;
  CohortEngine engine(o, base::Random(1));
  add_pods(engine, 10);
  const Usage first = engine.usage(0, 30 * kSecond);
  EXPECT_LE(first.cpu, 15 * kSecond);
  EXPECT_GT(first.cpu, 14 * kSecond);
  EXPECT_GT(first.rejected, 1000U);
}

TEST(CohortEngineTest, AProbeSeesTheQueueOrIsTurnedAway) {
  CohortEngine idle(options(100), base::Random(1));
  add_pods(idle, 10);
  ASSERT_TRUE(idle.probe(0, 30 * kSecond));
  EXPECT_NEAR(to_seconds(*idle.probe(0, 30 * kSecond)), 0.04, 1e-4);
  CohortEngine full(options(9000), base::Random(1));
  add_pods(full, 10);
  EXPECT_FALSE(full.probe(0, 30 * kSecond));
  CohortEngine busy(options(2050), base::Random(1));
  add_pods(busy, 10);
  ASSERT_TRUE(busy.probe(0, 50 * kSecond));
  EXPECT_GT(*busy.probe(0, 50 * kSecond), 100 * kMillisecond);
}

TEST(CohortEngineTest, WithoutALimitQueuesEndWhereClientsGiveUp) {
  EngineOptions o = options(3000);
  o.queue_limit.reset();
  CohortEngine engine(o, base::Random(1));
  add_pods(engine, 10);
  engine.finish();
  expect_sums(engine);
  EXPECT_EQ(engine.totals().rejected, 0U);
  // The wait comes up to the time-out within four seconds; from then on most of what is served is served for nothing.
  EXPECT_GT(engine.totals().timed_out, 56'000U);
  EXPECT_LE(engine.totals().latency.max, 2025 * kMillisecond);
  EXPECT_NEAR(engine.totals().mean_in_system, 2 * 2000, 400);
}

TEST(CohortEngineTest, WithoutLimitAndTimeOutTheWaitGrowsWithTheOverload) {
  EngineOptions o = options(3000);
  o.queue_limit.reset();
  o.client.timeout.reset();
  CohortEngine engine(o, base::Random(1));
  add_pods(engine, 10);
  engine.finish();
  expect_sums(engine);
  EXPECT_EQ(engine.totals().failed, 0U);
  // After 59.5 s 59,500 are waiting for 2,000 a second.
  EXPECT_NEAR(to_seconds(engine.seconds().back().p50), 29.75, 1.5);
}

TEST(CohortEngineTest, RetriesComeBackWithinTheBudget) {
  EngineOptions o = options(3000);
  o.client.max_retries = 3;
  o.client.backoff = 200 * kMillisecond;
  o.client.budget = 0.1;
  CohortEngine engine(o, base::Random(1));
  add_pods(engine, 10);
  engine.finish();
  expect_sums(engine);
  EXPECT_GT(engine.totals().retried, 15'000U);
  EXPECT_LE(engine.totals().retried, 18'001U);
  o.client.budget.reset();
  CohortEngine boundless(o, base::Random(1));
  add_pods(boundless, 10);
  boundless.finish();
  expect_sums(boundless);
  EXPECT_GT(boundless.totals().retried, 60'000U);
}

TEST(CohortEngineTest, GammaArrivalsVaryAsOftenAsTheExactOnes) {
  EngineOptions o = options(1000);
  o.arrivals = {.process = ArrivalOptions::Process::kGamma, .dispersion = 50};
  CohortEngine engine(o, base::Random(7));
  add_pods(engine, 10);
  engine.finish();
  expect_sums(engine);
  double sum = 0, squares = 0;
  for (const SecondResult& s : engine.seconds()) {
    sum += static_cast<double>(s.arrivals);
    squares += static_cast<double>(s.arrivals) * static_cast<double>(s.arrivals);
  }
  const double mean = sum / 60, variance = squares / 60 - mean * mean;
  EXPECT_NEAR(mean, 1000, 120);
  EXPECT_GT(variance / mean, 20);
}

struct Edge {
  const char* name;
  void (*set)(EngineOptions&);
};
void PrintTo(const Edge& edge, std::ostream* out) { *out << edge.name; }
class CohortEdgeTest : public ::testing::TestWithParam<Edge> {};

TEST_P(CohortEdgeTest, GivesSoundNumbers) {
  for (const Algorithm algorithm : kAlgorithms) {
    EngineOptions o = options(1500, 20 * kSecond);
    o.balancer.algorithm = algorithm;
    GetParam().set(o);
    CohortEngine engine(o, base::Random(1));
    add_pods(engine, 10, o.start);
    engine.usage(3, o.start + 10 * kSecond);
    engine.probe(3, o.start + 11 * kSecond);
    engine.finish();
    const std::int64_t measured = step_of(o.start + o.warmup + kSecond - 1, kSecond);
    expect_sums(engine, measured);
  }
}

INSTANTIATE_TEST_SUITE_P(
    , CohortEdgeTest,
    ::testing::Values(Edge{"HugeRate", [](EngineOptions& o) { o.sources[0].profile = RateProfile::constant(2e8); }},
                      Edge{"NoSource", [](EngineOptions& o) { o.sources.clear(); }},
                      Edge{"NoQueue", [](EngineOptions& o) { o.queue_limit = 0; }},
                      Edge{"HugeQueue", [](EngineOptions& o) { o.queue_limit = 4'000'000'000U; }},
                      Edge{"OneWorker", [](EngineOptions& o) { o.workers = 1; }},
                      Edge{"ManyWorkers", [](EngineOptions& o) { o.workers = 5000; }},
                      Edge{
                          "ConstantService",
                          [](EngineOptions& o) { o.service.distribution = ServiceTime::Distribution::kDeterministic; }},
                      Edge{"ConstantEverything",
                           [](EngineOptions& o) {
                             o.service.distribution = ServiceTime::Distribution::kDeterministic;
                             o.arrivals.process = ArrivalOptions::Process::kDeterministic;
                           }},
                      Edge{"WildService", [](EngineOptions& o) { o.service.cv = 100; }},
                      Edge{"LongService", [](EngineOptions& o) { o.service.mean = 10'000 * kSecond; }},
                      Edge{"ShortService", [](EngineOptions& o) { o.service.mean = 1; }},
                      Edge{"ShortTimeOut", [](EngineOptions& o) { o.client.timeout = 1; }},
                      Edge{"NoTimeOut", [](EngineOptions& o) { o.client.timeout.reset(); }},
                      Edge{"AYearAway", [](EngineOptions& o) { o.start = 365 * 24 * 3600 * kSecond; }},
                      Edge{"OddStart", [](EngineOptions& o) { o.start = 123'456'789; }},
                      Edge{"NoTime", [](EngineOptions& o) { o.duration = 0; }},
                      Edge{"AllWarmUp", [](EngineOptions& o) { o.warmup = 100 * kSecond; }},
                      Edge{"Sharing", [](EngineOptions& o) { o.discipline = Discipline::kProcessorSharing; }},
                      Edge{"SharingWithoutLimit",
                           [](EngineOptions& o) {
                             o.discipline = Discipline::kProcessorSharing;
                             o.queue_limit.reset();
                             o.sources[0].profile = RateProfile::constant(5000);
                           }},
                      Edge{"RetriesOfASharedProcessor",
                           [](EngineOptions& o) {
                             o.discipline = Discipline::kProcessorSharing;
                             o.client.max_retries = 5;
                             o.sources[0].profile = RateProfile::constant(5000);
                           }}),
    [](const auto& test) { return std::string(test.param.name); });

class CohortRefusalTest : public ::testing::TestWithParam<Edge> {};

TEST_P(CohortRefusalTest, SaysSo) {
  EngineOptions o = options(1);
  ASSERT_TRUE(check_cohort(o));
  GetParam().set(o);
  ASSERT_FALSE(check_cohort(o));
  EXPECT_EQ(check_cohort(o).error().code, base::ErrorCode::kInvalid);
}

INSTANTIATE_TEST_SUITE_P(
    , CohortRefusalTest,
    ::testing::Values(Edge{"Connections", [](EngineOptions& o) { o.balancer.algorithm = Algorithm::kConnections; }},
                      Edge{"ZoneAware", [](EngineOptions& o) { o.balancer.algorithm = Algorithm::kZoneAware; }},
                      Edge{"Ejection", [](EngineOptions& o) { o.balancer.ejection.emplace(); }},
                      Edge{"Cancels", [](EngineOptions& o) { o.client.cancels = true; }},
                      Edge{"NoWorkers", [](EngineOptions& o) { o.workers = 0; }},
                      Edge{"NoService", [](EngineOptions& o) { o.service.mean = 0; }},
                      Edge{"NanVariation", [](EngineOptions& o) { o.service.cv = std::nan(""); }},
                      Edge{"HugeVariation", [](EngineOptions& o) { o.service.cv = 1e6; }},
                      Edge{"NegativeDuration", [](EngineOptions& o) { o.duration = -1; }},
                      Edge{"ZeroTimeOut", [](EngineOptions& o) { o.client.timeout = 0; }},
                      Edge{"NoChoices", [](EngineOptions& o) { o.balancer.choices = 0; }}),
    [](const auto& test) { return std::string(test.param.name); });

}  // namespace
}  // namespace sim
