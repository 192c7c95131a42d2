// The coarse engine against the exact one: what it promises, over steady loads, a spike and overload, with fixed pods
// and with pods that come and go.
#include "sim/cohort/cohort_error.h"

#include <gtest/gtest.h>

#include <array>
#include <cmath>

namespace sim {
namespace {

using Algorithm = BalancerOptions::Algorithm;

struct Service {
  const char* name;
  Algorithm algorithm;
  Discipline discipline = Discipline::kFcfs;
};
void PrintTo(const Service& service, std::ostream* out) { *out << service.name; }

double watch() { return 0; }

EngineOptions options(const Service& service, RateProfile profile, Ticks duration) {
  EngineOptions o;
  o.sources = {{.name = "viewers", .profile = std::move(profile)}};
  o.client.timeout = 2 * kSecond;
  o.discipline = service.discipline;
  o.workers = 8;
  o.queue_limit = 100;
  o.service = {.distribution = ServiceTime::Distribution::kLognormal, .mean = 40 * kMillisecond, .cv = 1.0};
  o.balancer.algorithm = service.algorithm;
  o.duration = duration;
  return o;
}

// A tenth of the traffic of the grand final.
RateProfile spike() {
  constexpr std::array<RateProfile::Point, 6> kPoints = {{{0, 200},
                                                          {600 * kSecond, 200},
                                                          {690 * kSecond, 6000},
                                                          {1200 * kSecond, 6000},
                                                          {1500 * kSecond, 2000},
                                                          {1800 * kSecond, 2000}}};
  return RateProfile::from_points(kPoints, RateProfile::Interpolation::kLinear).value();
}

class CohortErrorTest : public ::testing::TestWithParam<Service> {};

TEST_P(CohortErrorTest, SteadyPercentilesAreWithinTwoPercent) {
  for (const double load : {0.15, 0.5, 0.7, 0.8}) {
    EngineOptions o = options(GetParam(), RateProfile::constant(load * 4000), 310 * kSecond);
    o.warmup = 10 * kSecond;
    const CohortError e = compare_cohort(o, {{.at = 0, .pods = 20}}, 1, watch);
    EXPECT_LT(std::abs(e.p50), 0.02) << load;
    EXPECT_LT(std::abs(e.p95), 0.02) << load;
    EXPECT_LT(std::abs(e.p99), 0.025) << load;
    EXPECT_LT(std::abs(e.mean), 0.02) << load;
    EXPECT_LT(std::abs(e.failed_share), 1e-4) << load;
    EXPECT_LT(std::abs(e.busy), 0.01) << load;
    EXPECT_EQ(e.seconds_apart, 0) << load;
  }
}

TEST_P(CohortErrorTest, InOverloadLatencyAndRejectionsAreWithinTwoPercent) {
  for (const double load : {1.2, 1.5, 3.0}) {
    EngineOptions o = options(GetParam(), RateProfile::constant(load * 4000), 130 * kSecond);
    o.warmup = 10 * kSecond;
    const CohortError e = compare_cohort(o, {{.at = 0, .pods = 20}}, 1, watch);
    EXPECT_LT(std::abs(e.p50), 0.02) << load;
    EXPECT_LT(std::abs(e.p99), 0.02) << load;
    EXPECT_LT(std::abs(e.failed), 0.02) << load;
    EXPECT_EQ(e.degradation_seconds, 0) << load;
  }
}

TEST_P(CohortErrorTest, ASpikeOnEnoughPods) {
  const CohortError e = compare_cohort(options(GetParam(), spike(), 1800 * kSecond), {{.at = 0, .pods = 43}}, 1, watch);
  EXPECT_LT(std::abs(e.p50), 0.02);
  EXPECT_LT(std::abs(e.p99), 0.02);
  EXPECT_LT(std::abs(e.failed_share), 1e-4);
  EXPECT_EQ(e.seconds_apart, 0);
}

TEST_P(CohortErrorTest, ASpikeOnHalfThePodsItTakes) {
  const CohortError e = compare_cohort(options(GetParam(), spike(), 1800 * kSecond), {{.at = 0, .pods = 22}}, 1, watch);
  EXPECT_LT(std::abs(e.p50), 0.02);
  EXPECT_LT(std::abs(e.p99), 0.02);
  EXPECT_LT(std::abs(e.failed), 0.02);
  EXPECT_LE(std::abs(e.degradation_seconds), 5);
  EXPECT_LE(e.seconds_apart, 10);
}

TEST_P(CohortErrorTest, ASpikeThatPodsFollow) {
  std::vector<PodStep> schedule = {{.at = 0, .pods = 4}};
  for (std::uint32_t i = 1; i <= 40; ++i) schedule.push_back({.at = (620 + 10 * Ticks{i}) * kSecond, .pods = 4 + i});
  schedule.push_back({.at = 1400 * kSecond, .pods = 20});
  const CohortError e = compare_cohort(options(GetParam(), spike(), 1800 * kSecond), schedule, 1, watch);
  EXPECT_LT(std::abs(e.p50), 0.02);
  EXPECT_LT(std::abs(e.p95), 0.02);
  EXPECT_LT(std::abs(e.p99), 0.02);
  EXPECT_LT(std::abs(e.failed), 0.02);
  EXPECT_LT(std::abs(e.busy), 0.01);
  EXPECT_LE(std::abs(e.degradation_seconds), 6);
  EXPECT_LE(e.seconds_apart, 12);
}

TEST_P(CohortErrorTest, RetriesWithABudgetChangeFailuresByAsMuch) {
  EngineOptions o = options(GetParam(), spike(), 1800 * kSecond);
  o.client.max_retries = 2;
  o.client.backoff = 200 * kMillisecond;
  o.client.budget = 0.1;
  const CohortError e = compare_cohort(o, {{.at = 0, .pods = 22}}, 1, watch);
  // A full shared processor makes clients give up half-way, which is the coarse engine's weak point.
  const bool sharing = o.discipline == Discipline::kProcessorSharing;
  EXPECT_LT(std::abs(e.p50), sharing ? 0.03 : 0.02);
  EXPECT_LT(std::abs(e.failed), 0.02);
  EXPECT_LE(std::abs(e.degradation_seconds), sharing ? 10 : 6);
  const auto retried = [](const Totals& t) { return static_cast<double>(t.retried); };
  EXPECT_NEAR(retried(e.coarse), retried(e.exact), 0.02 * retried(e.exact));
}

INSTANTIATE_TEST_SUITE_P(
    , CohortErrorTest,
    ::testing::Values(Service{"RoundRobin", Algorithm::kRoundRobin}, Service{"Random", Algorithm::kRandom},
                      Service{"TwoChoices", Algorithm::kPowerOfTwoChoices},
                      Service{"LeastOutstanding", Algorithm::kLeastOutstanding},
                      Service{"CentralQueue", Algorithm::kCentralQueue},
                      Service{"SharingRoundRobin", Algorithm::kRoundRobin, Discipline::kProcessorSharing},
                      Service{"SharingRandom", Algorithm::kRandom, Discipline::kProcessorSharing},
                      Service{"SharingTwoChoices", Algorithm::kPowerOfTwoChoices, Discipline::kProcessorSharing},
                      Service{"SharingLeastOutstanding", Algorithm::kLeastOutstanding, Discipline::kProcessorSharing}),
    [](const auto& test) { return std::string(test.param.name); });

}  // namespace
}  // namespace sim
