// A system of one plain service gives what the faster engine gives, to the last digit.
#include <gtest/gtest.h>

#include <optional>

#include "sim/mesh/test_systems.h"
#include "sim/service/engine.h"

namespace sim {
namespace {

using Algorithm = BalancerOptions::Algorithm;
constexpr Ticks kMs = kMillisecond;

struct Case {
  const char* name;
  Discipline discipline;
  Algorithm algorithm;
};
void PrintTo(const Case& c, std::ostream* out) { *out << c.name; }

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
  o.service = {.distribution = ServiceTime::Distribution::kLognormal, .mean = 25 * kMs, .cv = 1.0};
  o.balancer.algorithm = c.algorithm;
  o.cpu = {.limit = 1.5, .per_request = 12 * kMs, .per_rejection = kMs, .idle = 0.02};
  o.slo = {.latency = 100 * kMs, .percentile = 0.9};
  o.warmup = 1500 * kMs;
  o.duration = 10 * kSecond;
  return o;
}

void expect_same(const Totals& a, const Totals& b) {
  EXPECT_EQ(a.requests, b.requests);
  EXPECT_EQ(a.succeeded, b.succeeded);
  EXPECT_EQ(a.rejected, b.rejected);
  EXPECT_EQ(a.timed_out, b.timed_out);
  EXPECT_EQ(a.retried, b.retried);
  EXPECT_EQ(a.latency.mean, b.latency.mean);
  EXPECT_EQ(a.latency.p50, b.latency.p50);
  EXPECT_EQ(a.latency.p999, b.latency.p999);
  EXPECT_EQ(a.latency.max, b.latency.max);
  EXPECT_EQ(a.queue_wait.mean, b.queue_wait.mean);
  EXPECT_EQ(a.queue_wait.p99, b.queue_wait.p99);
  EXPECT_EQ(a.degradation_seconds, b.degradation_seconds);
  EXPECT_EQ(a.slo_violation_ratio, b.slo_violation_ratio);
  EXPECT_EQ(a.mean_in_system, b.mean_in_system);
  EXPECT_EQ(a.utilization, b.utilization);
}

// Both with pods that come and go, sampled and probed on the way.
Totals expect_equal(EngineOptions options) {
  options.knows_held = true;
  Engine plain(options, base::Random(7));
  MeshEngine mesh(as_system(options), base::Random(7));
  std::vector<PodId> present;
  const auto change = [&](PodId pod, Ticks at, bool add) {
    for (RequestEngine* engine : {static_cast<RequestEngine*>(&plain), static_cast<RequestEngine*>(&mesh)}) {
      add ? engine->add_pod(pod, at) : engine->remove_pod(pod, at);
    }
    add ? present.push_back(pod) : static_cast<void>(std::erase(present, pod));
  };
  const auto sample = [&](Ticks at) {
    for (const PodId pod : present) {
      const Usage a = plain.usage(pod, at);
      const Usage b = mesh.usage(pod, at);
      EXPECT_EQ(a.busy, b.busy) << "pod " << pod << " at " << at;
      EXPECT_EQ(a.cpu, b.cpu) << "pod " << pod << " at " << at;
      EXPECT_EQ(a.received, b.received) << "pod " << pod << " at " << at;
      EXPECT_EQ(a.rejected, b.rejected) << "pod " << pod << " at " << at;
      EXPECT_EQ(a.held, b.held) << "pod " << pod << " at " << at;
      EXPECT_EQ(plain.load(pod, at).held, mesh.load(pod, at).held);
      EXPECT_EQ(plain.load(pod, at).received, b.received);
      EXPECT_EQ(plain.probe(pod, at), mesh.probe(pod, at)) << "pod " << pod << " at " << at;
    }
  };
  for (PodId pod = 10; pod < 14; ++pod) change(pod, -kSecond, true);
  change(14, 2'345'678'901, true);
  sample(3 * kSecond);
  change(11, 4 * kSecond, false);
  sample(4 * kSecond + 1);
  change(15, 5'100'000'000, true);
  change(10, 6'200'000'000, false);
  sample(7 * kSecond);
  plain.finish();
  mesh.finish();
  EXPECT_EQ(plain.seconds().size(), mesh.seconds().size());
  for (std::size_t i = 0; i < std::min(plain.seconds().size(), mesh.seconds().size()); ++i) {
    const SecondResult& a = plain.seconds()[i];
    const SecondResult& b = mesh.seconds()[i];
    EXPECT_EQ(std::tie(a.second, a.arrivals, a.failed, a.p50, a.p95, a.p99, a.degraded),
              std::tie(b.second, b.arrivals, b.failed, b.p50, b.p95, b.p99, b.degraded))
        << "second " << i;
  }
  expect_same(plain.totals(), mesh.totals());
  EXPECT_EQ(mesh.in_flight(), 0U);
  EXPECT_GT(mesh.totals().succeeded, 0U);
  return mesh.totals();
}

class MeshEqualityTest : public testing::TestWithParam<Case> {};

TEST_P(MeshEqualityTest, WithoutLimits) { EXPECT_EQ(expect_equal(options_of(GetParam())).failed, 0U); }

TEST_P(MeshEqualityTest, WithAFullQueue) {
  for (const std::uint32_t limit : {0U, 5U}) {
    EngineOptions o = options_of(GetParam());
    o.queue_limit = limit;
    EXPECT_GT(expect_equal(o).rejected, 0U);
  }
}

TEST_P(MeshEqualityTest, WithTimeouts) {
  EngineOptions o = options_of(GetParam());
  o.client.timeout = 60 * kMs;
  o.queue_limit = 20;
  EXPECT_GT(expect_equal(o).timed_out, 0U);
}

TEST_P(MeshEqualityTest, WithRetries) {
  EngineOptions o = options_of(GetParam());
  o.client = {.timeout = 60 * kMs, .max_retries = 3, .backoff = 20 * kMs, .budget = 0.3, .cancels = false};
  o.queue_limit = 4;
  EXPECT_GT(expect_equal(o).retried, 0U);
}

TEST_P(MeshEqualityTest, WithRetriesWithoutABudgetOrATimeout) {
  EngineOptions o = options_of(GetParam());
  o.client.max_retries = 2;
  o.client.backoff = 30 * kMs;
  o.queue_limit = 1;
  EXPECT_GT(expect_equal(o).retried, 0U);
}

TEST_P(MeshEqualityTest, WithTiesOfDeterministicService) {
  EngineOptions o = options_of(GetParam());
  o.sources = {{.name = "even", .profile = RateProfile::constant(500)}};
  o.warmup = 0;
  o.arrivals.process = ArrivalOptions::Process::kDeterministic;
  o.service = {.distribution = ServiceTime::Distribution::kDeterministic, .mean = 30 * kMs, .cv = 0};
  o.client = {.timeout = 40 * kMs, .max_retries = 1, .backoff = 0, .budget = {}, .cancels = false};
  o.queue_limit = 3;
  EXPECT_GT(expect_equal(o).timed_out, 0U);
}

// Beside an open source: starts, heartbeats, a wave of reloads and one of exits.
TEST_P(MeshEqualityTest, WithViewersWhoDoNotReact) {
  EngineOptions o = options_of(GetParam());
  o.sources.pop_back();
  ViewerOptions viewers;
  viewers.name = "viewers";
  viewers.starts = RateProfile::constant(40);
  viewers.start_calls = 3;
  viewers.heartbeat = kSecond;
  viewers.session_mean = 4 * kSecond;
  viewers.reloads = {{.at = 5 * kSecond, .share = 0.5, .within = kSecond, .calls = 0}};
  viewers.exits = {{.at = 7 * kSecond, .share = 0.3, .within = kSecond, .calls = 1}};
  o.viewers = {viewers};
  EXPECT_GT(expect_equal(o).requests, 2500U);
  o.viewers.push_back(viewers);
  o.viewers.back().name = "others";
  o.sources.clear();
  o.client = {.timeout = 60 * kMs, .max_retries = 2, .backoff = 20 * kMs, .budget = 0.3, .cancels = false};
  o.queue_limit = 4;
  EXPECT_GT(expect_equal(o).retried, 0U);
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
INSTANTIATE_TEST_SUITE_P(All, MeshEqualityTest, testing::ValuesIn(kCases),
                         [](const testing::TestParamInfo<Case>& c) { return std::string(c.param.name); });

}  // namespace
}  // namespace sim
