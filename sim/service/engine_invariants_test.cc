// What holds in every run, whatever the balancer, the discipline and the calls that drive it.
#include "sim/service/engine.h"

#include <gtest/gtest.h>

namespace sim {
namespace {

using Algorithm = BalancerOptions::Algorithm;
constexpr Ticks kMs = kMillisecond;

EngineOptions busy(Algorithm algorithm, Discipline discipline) {
  EngineOptions o;
  o.sources = {{.name = "all", .profile = RateProfile::constant(900)}};
  o.arrivals = {.process = ArrivalOptions::Process::kGamma, .dispersion = 3};
  o.client = {.timeout = 150 * kMs, .max_retries = 2, .backoff = 50 * kMs, .budget = 0.2};
  o.discipline = discipline;
  o.workers = 4;
  o.queue_limit = 10;
  o.service = {.distribution = ServiceTime::Distribution::kLognormal, .mean = 30 * kMs, .cv = 1};
  o.balancer.algorithm = algorithm;
  o.cpu = {.limit = 0.5, .per_request = 10 * kMs, .per_rejection = kMs, .idle = 0.02};
  o.warmup = 2 * kSecond;
  o.duration = 12 * kSecond;
  o.slo = {.latency = 100 * kMs, .percentile = 0.95};
  return o;
}

// Runs with pods that come and go; time goes on in the steps that `next` gives.
template <class NextStep>
std::uint64_t fingerprint(const EngineOptions& options, NextStep next) {
  Engine engine(options, base::Random(11));
  const auto go_to = [&](Ticks t) {
    for (Ticks at = std::max<Ticks>(engine.now(), -kSecond); at < t; at += next()) engine.advance_to(std::min(at, t));
  };
  for (PodId pod = 0; pod < 7; ++pod) engine.add_pod(pod, -kSecond);
  go_to(3'333'333'333);
  engine.remove_pod(2, 3'333'333'333);
  go_to(5 * kSecond);
  engine.add_pod(7, 5 * kSecond);
  engine.add_pod(8, 5 * kSecond);
  go_to(options.duration);
  engine.finish();
  EXPECT_GT(engine.totals().retried, 0U);
  return engine.fingerprint();
}

class EngineCutsTest : public testing::TestWithParam<std::tuple<Algorithm, Discipline>> {};

TEST_P(EngineCutsTest, ResultsDoNotDependOnHowTimeIsCut) {
  const auto [algorithm, discipline] = GetParam();
  for (const bool retries : {false, true}) {
    EngineOptions options = busy(algorithm, discipline);
    if (!retries) options.client.max_retries = 1;
    base::Random stream(5);
    const std::uint64_t at_once = fingerprint(options, [] { return 1000 * kSecond; });
    EXPECT_EQ(fingerprint(options, [] { return kSecond; }), at_once);
    EXPECT_EQ(fingerprint(options, [] { return 15 * kSecond; }), at_once);
    EXPECT_EQ(fingerprint(options, [&] { return static_cast<Ticks>(1 + stream.below(50'000'000)); }), at_once);
    options.sources.front().name = "other";
    EXPECT_NE(fingerprint(options, [] { return kSecond; }), at_once);
  }
}
INSTANTIATE_TEST_SUITE_P(All, EngineCutsTest,
                         testing::Combine(testing::Values(Algorithm::kRoundRobin, Algorithm::kRandom,
                                                          Algorithm::kLeastOutstanding, Algorithm::kPowerOfTwoChoices,
                                                          Algorithm::kCentralQueue),
                                          testing::Values(Discipline::kFcfs, Discipline::kProcessorSharing)));

TEST(EngineInvariantsTest, SamplingPodsDoesNotChangeResults) {
  const EngineOptions options = busy(Algorithm::kLeastOutstanding, Discipline::kProcessorSharing);
  std::uint64_t prints[2] = {};
  for (const bool samples : {false, true}) {
    Engine engine(options, base::Random(1));
    for (PodId pod = 0; pod < 6; ++pod) engine.add_pod(pod, 0);
    for (Ticks t = 700 * kMs; samples && t < options.duration; t += 700 * kMs) engine.usage(3, t);
    engine.finish();
    prints[samples] = engine.fingerprint();
  }
  EXPECT_EQ(prints[0], prints[1]);
}

TEST(EngineInvariantsTest, ArrivalsAreTheSameWhateverThePods) {
  std::vector<std::uint64_t> arrivals[2];
  for (const PodId pods : {1U, 9U}) {
    Engine engine(busy(Algorithm::kRandom, Discipline::kFcfs), base::Random(1));
    for (PodId pod = 0; pod < pods; ++pod) engine.add_pod(pod, 0);
    engine.finish();
    for (const SecondResult& s : engine.seconds()) arrivals[pods == 1].push_back(s.arrivals);
  }
  EXPECT_EQ(arrivals[0], arrivals[1]);
}

// The digits of a run in any build, optimised or not, with any vector unit. They change when the engine's rules or its
// random numbers do, and then on purpose.
TEST(EngineInvariantsTest, ResultsAreTheSameInEveryBuild) {
  const auto print = [](Algorithm algorithm, Discipline discipline) {
    std::uint64_t prints[2] = {};
    for (const bool vector : {false, true}) {
      EngineOptions options = busy(algorithm, discipline);
      options.vector_paths = vector;
      Engine engine(options, base::Random(2026));
      for (PodId pod = 0; pod < 6; ++pod) engine.add_pod(pod, 0);
      engine.finish();
      prints[vector] = engine.fingerprint();
    }
    EXPECT_EQ(prints[0], prints[1]);
    return prints[0];
  };
  EXPECT_EQ(print(Algorithm::kRoundRobin, Discipline::kFcfs), 1631883439102608744U);
  EXPECT_EQ(print(Algorithm::kPowerOfTwoChoices, Discipline::kFcfs), 11136268555623130656U);
  EXPECT_EQ(print(Algorithm::kCentralQueue, Discipline::kFcfs), 17778604234729332798U);
  EXPECT_EQ(print(Algorithm::kLeastOutstanding, Discipline::kProcessorSharing), 13653780644855996260U);
}

TEST(EngineInvariantsTest, UsageAfterTheEndIsThatOfTheEnd) {
  for (const Discipline discipline : {Discipline::kFcfs, Discipline::kProcessorSharing}) {
    const EngineOptions options = busy(Algorithm::kRandom, discipline);
    Engine engine(options, base::Random(1));
    for (PodId pod = 0; pod < 5; ++pod) engine.add_pod(pod, 0);
    const Usage before = engine.usage(3, options.duration);
    engine.finish();
    const Usage after = engine.usage(3, options.duration);

    EXPECT_EQ(after.busy, before.busy);
    EXPECT_EQ(after.cpu, before.cpu);
    EXPECT_EQ(after.received, before.received);
  }
}

TEST(EngineInvariantsTest, RequestsAreConserved) {
  for (const Algorithm algorithm : {Algorithm::kRoundRobin, Algorithm::kRandom, Algorithm::kLeastOutstanding,
                                    Algorithm::kPowerOfTwoChoices, Algorithm::kCentralQueue}) {
    for (const Discipline discipline : {Discipline::kFcfs, Discipline::kProcessorSharing}) {
      EngineOptions o = busy(algorithm, discipline);
      o.warmup = 0;
      Engine engine(o, base::Random(2));
      for (PodId pod = 0; pod < 5; ++pod) engine.add_pod(pod, 0);
      engine.finish();
      const Totals t = engine.totals();
      std::uint64_t arrivals = 0, failed = 0;
      for (const SecondResult& s : engine.seconds()) {
        arrivals += s.arrivals;
        failed += s.failed;
      }
      EXPECT_EQ(t.requests, arrivals);
      EXPECT_EQ(t.failed, failed);
      EXPECT_EQ(t.requests, t.succeeded + t.failed);
      EXPECT_EQ(t.failed, t.rejected + t.timed_out);
      EXPECT_GT(t.failed, 0U);
    }
  }
}

}  // namespace
}  // namespace sim
