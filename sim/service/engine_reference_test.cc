// The engine against the textbook simulation: every combination of discipline, balancer and client, to the last tick.
#include <gtest/gtest.h>

#include "sim/service/engine.h"
#include "sim/service/histogram.h"
#include "sim/service/recorder.h"
#include "sim/service/reference_simulation.h"

namespace sim {
namespace {

using Algorithm = BalancerOptions::Algorithm;

struct Case {
  const char* name;
  Discipline discipline;
  Algorithm algorithm;
};
void PrintTo(const Case& c, std::ostream* out) { *out << c.name; }

// Pods that come and go, among them all of them for a while, under a load that is too much for them at times.
const std::vector<PodChange> kChanges = {
    {.at = -kSecond, .pod = 10, .add = true},
    {.at = -kSecond, .pod = 11, .add = true},
    {.at = 0, .pod = 12, .add = true},
    {.at = 0, .pod = 13, .add = true},
    {.at = 2'345'678'901, .pod = 14, .add = true},
    {.at = 4'000'000'000, .pod = 11, .add = false},
    {.at = 5'100'000'000, .pod = 15, .add = true},
    {.at = 6'200'000'000, .pod = 10, .add = false},
};

EngineOptions options_of(const Case& c) {
  EngineOptions o;
  o.sources = {{.name = "steady", .profile = RateProfile::constant(150)},
               {.name = "wave",
                .profile = RateProfile::from_points(
                               std::vector<RateProfile::Point>{{0, 20}, {4 * kSecond, 500}, {8 * kSecond, 0}},
                               RateProfile::Interpolation::kLinear)
                               .value()}};
  o.discipline = c.discipline;
  o.workers = 3;
  o.service = {.distribution = ServiceTime::Distribution::kLognormal, .mean = 25 * kMillisecond, .cv = 1.0};
  o.balancer.algorithm = c.algorithm;
  o.slo = {.latency = 100 * kMillisecond, .percentile = 0.9};
  o.duration = 10 * kSecond;
  return o;
}

Totals expect_equal(EngineOptions options, const std::vector<PodChange>& changes) {
  const base::Random seed(7);
  const auto print = [&](bool vector, std::uint32_t threads) {
    options.vector_paths = vector;
    options.threads = threads;
    Engine engine(options, seed);
    for (const PodChange& change : changes) {
      change.add ? engine.add_pod(change.pod, change.at) : engine.remove_pod(change.pod, change.at);
    }
    engine.finish();
    return engine.fingerprint();
  };
  const std::uint64_t expected_print = print(false, 1);
  EXPECT_EQ(print(true, 1), expected_print);
  EXPECT_EQ(print(true, 2), expected_print);
  EXPECT_EQ(print(false, 5), expected_print);
  options.threads = 1;
  const base::Random stream(7);
  Engine engine(options, stream);
  for (const PodChange& change : changes) {
    change.add ? engine.add_pod(change.pod, change.at) : engine.remove_pod(change.pod, change.at);
  }
  const Ticks end = options.start + options.duration;
  std::map<PodId, Usage> usage;
  for (const PodChange& change : changes) usage[change.pod] = engine.usage(change.pod, end);
  engine.finish();
  const Totals totals = engine.totals();
  const ReferenceResult expected = simulate_reference(options, stream, changes);

  std::uint64_t requests = 0, succeeded = 0, within = 0;
  for (const SecondResult& s : engine.seconds()) {
    const auto found = expected.seconds.find(s.second);
    const ReferenceResult::Second e = found == expected.seconds.end() ? ReferenceResult::Second{} : found->second;
    EXPECT_EQ(s.arrivals, e.arrivals) << "second " << s.second;
    EXPECT_EQ(s.failed, e.failed) << "second " << s.second;
    EXPECT_EQ(e.arrivals, e.failed + e.latencies.size()) << "second " << s.second;
    for (const auto& [value, quantile] : {std::pair(s.p50, 0.5), std::pair(s.p95, 0.95), std::pair(s.p99, 0.99)}) {
      if (e.arrivals == 0) continue;
      const std::uint64_t rank = rank_of(quantile, e.arrivals);
      const Ticks exact = rank <= e.latencies.size() ? e.latencies[rank - 1] : Histogram::kTop;
      EXPECT_NEAR(static_cast<double>(value), static_cast<double>(exact), 0.004 * static_cast<double>(exact) + 4);
    }
    const auto slow = std::upper_bound(e.latencies.begin(), e.latencies.end(), options.slo.latency);
    const auto fast = static_cast<std::uint64_t>(slow - e.latencies.begin());
    EXPECT_EQ(s.degraded, e.arrivals > 0 && fast < rank_of(options.slo.percentile, e.arrivals));
    requests += e.arrivals;
    succeeded += e.latencies.size();
    within += fast;
  }
  EXPECT_EQ(totals.requests, requests);
  EXPECT_EQ(totals.succeeded, succeeded);
  EXPECT_EQ(totals.rejected, expected.rejected);
  EXPECT_EQ(totals.timed_out, expected.timed_out);
  EXPECT_EQ(totals.failed, totals.rejected + totals.timed_out);
  EXPECT_EQ(totals.retried, expected.retried);
  EXPECT_EQ(totals.latency.mean, rounded_mean(expected.latency_sum, succeeded));
  EXPECT_EQ(totals.queue_wait.mean, rounded_mean(expected.wait_sum, succeeded));
  EXPECT_DOUBLE_EQ(totals.slo_violation_ratio, static_cast<double>(requests - within) / static_cast<double>(requests));
  EXPECT_DOUBLE_EQ(totals.mean_in_system,
                   static_cast<double>(expected.held_time) / static_cast<double>(options.duration));
  for (const auto& [pod, used] : usage) {
    EXPECT_EQ(used.busy, expected.busy.at(pod)) << "pod " << pod;
    EXPECT_EQ(used.received, expected.received.at(pod)) << "pod " << pod;
  }
  EXPECT_GT(totals.succeeded, 0U);
  return totals;
}

class EngineReferenceTest : public testing::TestWithParam<Case> {};

TEST_P(EngineReferenceTest, ServesEverythingWithoutLimits) {
  EXPECT_EQ(expect_equal(options_of(GetParam()), kChanges).failed, 0U);
}

TEST_P(EngineReferenceTest, RejectsWhenTheQueueIsFull) {
  EngineOptions o = options_of(GetParam());
  o.queue_limit = 5;
  EXPECT_GT(expect_equal(o, kChanges).rejected, 0U);
}

TEST_P(EngineReferenceTest, HoldsNoQueueWhenTheLimitIsZero) {
  EngineOptions o = options_of(GetParam());
  o.queue_limit = 0;
  EXPECT_GT(expect_equal(o, kChanges).rejected, 0U);
}

TEST_P(EngineReferenceTest, LosesClientsWhoseTimeIsOver) {
  EngineOptions o = options_of(GetParam());
  o.client.timeout = 60 * kMillisecond;
  o.queue_limit = 20;
  EXPECT_GT(expect_equal(o, kChanges).timed_out, 0U);
}

TEST_P(EngineReferenceTest, DropsWhatClientsCancel) {
  for (const std::uint32_t retries : {0U, 2U}) {
    EngineOptions o = options_of(GetParam());
    o.client = {.timeout = 45 * kMillisecond, .max_retries = retries, .backoff = 20 * kMillisecond, .budget = 0.3};
    const Totals wasted = expect_equal(o, kChanges);
    o.client.cancels = true;
    const Totals cancelled = expect_equal(o, kChanges);
    EXPECT_GT(cancelled.timed_out, 0U);
    EXPECT_LT(cancelled.failed, wasted.failed);
  }
}

TEST_P(EngineReferenceTest, RetriesWithinTheBudget) {
  EngineOptions o = options_of(GetParam());
  o.client = {.timeout = 60 * kMillisecond, .max_retries = 3, .backoff = 20 * kMillisecond, .budget = 0.3};
  o.queue_limit = 4;
  const Totals totals = expect_equal(o, kChanges);
  EXPECT_GT(totals.retried, 0U);
  EXPECT_GT(totals.rejected, 0U);
  EXPECT_GT(totals.timed_out, 0U);
}

TEST_P(EngineReferenceTest, RetriesWithoutABudgetOrATimeout) {
  EngineOptions o = options_of(GetParam());
  o.client.max_retries = 2;
  o.client.backoff = 30 * kMillisecond;
  o.queue_limit = 1;
  EXPECT_GT(expect_equal(o, kChanges).retried, 0U);
}

TEST_P(EngineReferenceTest, RejectsAtOnceWithoutAPod) {
  EngineOptions o = options_of(GetParam());
  o.client = {.timeout = 200 * kMillisecond, .max_retries = 1, .backoff = 100 * kMillisecond, .budget = {}};
  const Totals totals = expect_equal(o, {{.at = 2 * kSecond, .pod = 1, .add = true},
                                         {.at = 2 * kSecond, .pod = 2, .add = true},
                                         {.at = 2 * kSecond, .pod = 3, .add = true},
                                         {.at = 5 * kSecond, .pod = 1, .add = false},
                                         {.at = 5 * kSecond, .pod = 2, .add = false},
                                         {.at = 5 * kSecond, .pod = 3, .add = false},
                                         {.at = 7 * kSecond, .pod = 4, .add = true},
                                         {.at = 7 * kSecond, .pod = 5, .add = true},
                                         {.at = 7 * kSecond, .pod = 6, .add = true}});
  EXPECT_GT(totals.rejected, 500U);  // 150 a second for four seconds
}

TEST_P(EngineReferenceTest, KeepsPodsOfMoreWorkersThanACacheLine) {
  EngineOptions o = options_of(GetParam());
  o.workers = 11;
  o.service.mean = 120 * kMillisecond;
  o.client.timeout = 300 * kMillisecond;
  o.queue_limit = 6;
  EXPECT_GT(expect_equal(o, kChanges).timed_out, 0U);
}

TEST_P(EngineReferenceTest, BreaksTiesOfDeterministicServiceAlike) {
  EngineOptions o = options_of(GetParam());
  o.sources = {{.name = "even", .profile = RateProfile::constant(500)}};
  o.arrivals.process = ArrivalOptions::Process::kDeterministic;
  // Departures, time-outs, retries and arrivals fall on the same ticks.
  o.service = {.distribution = ServiceTime::Distribution::kDeterministic, .mean = 30 * kMillisecond, .cv = 0};
  o.client = {.timeout = 40 * kMillisecond, .max_retries = 1, .backoff = 0, .budget = {}};
  o.queue_limit = 3;
  EXPECT_GT(expect_equal(o, kChanges).timed_out, 0U);
  o.client.cancels = true;
  EXPECT_GT(expect_equal(o, kChanges).timed_out, 0U);
}

constexpr Case kCases[] = {
    {"FcfsRoundRobin", Discipline::kFcfs, Algorithm::kRoundRobin},
    {"FcfsRandom", Discipline::kFcfs, Algorithm::kRandom},
    {"FcfsLeastOutstanding", Discipline::kFcfs, Algorithm::kLeastOutstanding},
    {"FcfsTwoChoices", Discipline::kFcfs, Algorithm::kPowerOfTwoChoices},
    {"CentralQueue", Discipline::kFcfs, Algorithm::kCentralQueue},
    {"SharingRoundRobin", Discipline::kProcessorSharing, Algorithm::kRoundRobin},
    {"SharingRandom", Discipline::kProcessorSharing, Algorithm::kRandom},
    {"SharingLeastOutstanding", Discipline::kProcessorSharing, Algorithm::kLeastOutstanding},
    {"SharingTwoChoices", Discipline::kProcessorSharing, Algorithm::kPowerOfTwoChoices},
};
INSTANTIATE_TEST_SUITE_P(All, EngineReferenceTest, testing::ValuesIn(kCases),
                         [](const testing::TestParamInfo<Case>& c) { return std::string(c.param.name); });

}  // namespace
}  // namespace sim
