#include "sim/service/engine.h"

#include <gtest/gtest.h>

#include <cmath>

namespace sim {
namespace {

using Algorithm = BalancerOptions::Algorithm;
constexpr Ticks kMs = kMillisecond;

// Requests at 0.5, 1.5, 2.5 ... times 1/rate, all of the same length: everything can be worked out by hand.
EngineOptions clockwork(double rate, Ticks service, Ticks duration) {
  EngineOptions o;
  o.sources = {{.name = "all", .profile = RateProfile::constant(rate)}};
  o.arrivals.process = ArrivalOptions::Process::kDeterministic;
  o.service = {.distribution = ServiceTime::Distribution::kDeterministic, .mean = service, .cv = 0};
  o.duration = duration;
  return o;
}

TEST(EngineTest, ClockworkIsWhatArithmeticSays) {
  // Every 10 ms from 5 ms on, 30 ms long, two workers: the backlog grows, request n (from 0) starts at 5 + 15 n ms
  // (even n) or at 15 + 15 (n - 1) ms (odd n).
  Engine engine(clockwork(100, 30 * kMs, kSecond), base::Random(1));
  // One pod with two workers would do the same.
  engine.add_pod(0, 0);
  engine.add_pod(1, 0);
  engine.finish();
  const Totals t = engine.totals();

  EXPECT_EQ(t.requests, 100U);
  EXPECT_EQ(t.succeeded, 100U);
  // Even n: wait 5n ms (n/2 requests of 30 ms against 20 ms); odd n: the same as n - 1. Mean over n = 0, 2, ..., 98: 5
  // * 49.
  EXPECT_NEAR(static_cast<double>(t.queue_wait.mean), 245e6, 10);
  EXPECT_NEAR(static_cast<double>(t.latency.mean), 275e6, 10);
  EXPECT_NEAR(static_cast<double>(t.latency.max), 520e6, 10);
  EXPECT_EQ(t.degradation_seconds, 0U);
  ASSERT_EQ(engine.seconds().size(), 1U);
  EXPECT_EQ(engine.seconds()[0].arrivals, 100U);
  EXPECT_NEAR(static_cast<double>(engine.seconds()[0].p50), 270e6, 0.004 * 270e6);
  // Both workers are busy from 5 and 15 ms to the end.
  EXPECT_NEAR(t.utilization, (995.0 + 985.0) / 2000.0, 1e-6);
}

TEST(EngineTest, LatencyOverTheObjectiveDegradesASecond) {
  EngineOptions o = clockwork(100, 30 * kMs, kSecond);
  o.slo = {.latency = 435 * kMs, .percentile = 0.8};
  for (const Ticks latency : {435 * kMs, 425 * kMs}) {
    o.slo.latency = latency;
    Engine engine(o, base::Random(1));
    engine.add_pod(0, 0);
    engine.add_pod(1, 0);
    engine.finish();
    // Latencies are 30 + 5n ms for even n, twice each: 435 ms or less for n <= 80, that is 82 of 100, 425 ms for 80 of
    // 100.
    EXPECT_FALSE(engine.seconds()[0].degraded);
    EXPECT_EQ(engine.totals().degradation_seconds, 0U);
  }
  o.slo.latency = 415 * kMs;  // 78 of 100
  Engine engine(o, base::Random(1));
  engine.add_pod(0, 0);
  engine.add_pod(1, 0);
  engine.finish();
  EXPECT_TRUE(engine.seconds()[0].degraded);
  EXPECT_EQ(engine.totals().degradation_seconds, 1U);
  EXPECT_DOUBLE_EQ(engine.totals().slo_violation_ratio, 0.22);
}

TEST(EngineTest, WithoutAPodEverythingIsRejectedAtOnce) {
  Engine engine(clockwork(100, 30 * kMs, 2 * kSecond), base::Random(1));
  engine.finish();
  const Totals t = engine.totals();

  EXPECT_EQ(t.requests, 200U);
  EXPECT_EQ(t.rejected, 200U);
  EXPECT_EQ(t.failed, 200U);
  EXPECT_EQ(t.succeeded, 0U);
  EXPECT_EQ(t.degradation_seconds, 2U);
  EXPECT_EQ(t.slo_violation_ratio, 1.0);
  EXPECT_EQ(t.utilization, 0.0);
  EXPECT_EQ(engine.seconds()[0].p50, 3600 * kSecond);
}

TEST(EngineTest, WithoutTrafficThereAreEmptySeconds) {
  for (const bool sources : {false, true}) {
    EngineOptions o = clockwork(0, 30 * kMs, 3 * kSecond);
    if (!sources) o.sources.clear();
    Engine engine(o, base::Random(1));
    engine.add_pod(0, 0);
    engine.finish();

    ASSERT_EQ(engine.seconds().size(), 3U);
    EXPECT_EQ(engine.seconds()[1].arrivals, 0U);
    EXPECT_EQ(engine.seconds()[1].p99, 0);
    EXPECT_FALSE(engine.seconds()[1].degraded);
    EXPECT_EQ(engine.totals().requests, 0U);
    EXPECT_EQ(engine.totals().slo_violation_ratio, 0.0);
  }
}

TEST(EngineTest, AQueueHoldsItsLimitAndRejectsTheNext) {
  // One worker, 1 s a request, one every 100 ms from 50 ms on: one in service, three wait, all others of the first
  // second fail.
  EngineOptions o = clockwork(10, kSecond, kSecond);
  o.queue_limit = 3;
  Engine engine(o, base::Random(1));
  engine.add_pod(0, 0);
  engine.finish();

  EXPECT_EQ(engine.totals().succeeded, 4U);
  EXPECT_EQ(engine.totals().rejected, 6U);
  EXPECT_NEAR(static_cast<double>(engine.totals().queue_wait.mean), (0 + 900 + 1800 + 2700) / 4.0 * 1e6, 1e3);
}

TEST(EngineTest, AWaitingRequestHoldsItsPlaceUntilItsClientGivesUp) {
  // As above with a time-out of 0.45 s: those of 150, 250, 350 ms wait and leave at 600, 700, 800 ms, whose places the
  // requests of 650, 750, 850 ms take. The first is served in vain.
  EngineOptions o = clockwork(10, kSecond, kSecond);
  o.queue_limit = 3;
  o.client.timeout = 450 * kMs;
  Engine engine(o, base::Random(1));
  engine.add_pod(0, 0);
  const Usage usage = engine.usage(0, kSecond);
  engine.finish();

  EXPECT_EQ(engine.totals().timed_out, 7U);
  EXPECT_EQ(engine.totals().rejected, 3U);  // of 450, 550 and 950 ms
  EXPECT_EQ(usage.rejected, 3U);
  EXPECT_EQ(usage.received, 10U);
  EXPECT_NEAR(static_cast<double>(usage.busy), 950e6, 1e3);
}

TEST(EngineTest, AWorkerIsKeptByARequestWhoseClientIsGone) {
  // 300 ms of service against a time-out of 100 ms: every request is served for nothing, the last one until 10.05 s.
  EngineOptions o = clockwork(2, 300 * kMs, 10 * kSecond);
  o.client.timeout = 100 * kMs;
  for (const Discipline discipline : {Discipline::kFcfs, Discipline::kProcessorSharing}) {
    o.discipline = discipline;
    Engine engine(o, base::Random(1));
    engine.add_pod(0, 0);
    const Usage usage = engine.usage(0, 10 * kSecond);
    engine.finish();

    EXPECT_EQ(engine.totals().timed_out, 20U);
    EXPECT_NEAR(static_cast<double>(usage.busy), 5.95e9, 1e3);
    EXPECT_NEAR(engine.totals().utilization, 0.595, 1e-6);
  }
}

TEST(EngineTest, SharingGivesEveryoneTheSameSpeed) {
  // Requests of 100 ms at 50 and 100 ms on one worker: alone until 100 ms, then half speed each: the first has 50 ms
  // left and ends at 200 ms; the second has had 50 ms by then and ends alone at 250 ms.
  EngineOptions o = clockwork(20, 100 * kMs, 0);
  o.arrivals.process = ArrivalOptions::Process::kDeterministic;
  o.discipline = Discipline::kProcessorSharing;
  o.duration = 110 * kMs;  // 25 ms and 75 ms
  Engine engine(o, base::Random(1));
  engine.add_pod(0, 0);
  engine.finish();

  EXPECT_EQ(engine.totals().succeeded, 2U);
  // 25: alone to 75 (50 done), then 100 ms for the other 50: 175, latency 150. 75: 50 done by 175, ends at 225, latency
  // 150.
  EXPECT_NEAR(static_cast<double>(engine.totals().latency.mean), 150e6, 5);
  EXPECT_NEAR(static_cast<double>(engine.totals().latency.max), 150e6, 5);
  EXPECT_EQ(engine.totals().queue_wait.mean, 0);
}

TEST(EngineTest, ARemovedPodGetsNothingMoreAndFinishesWhatItHolds) {
  EngineOptions o = clockwork(10, 500 * kMs, 2 * kSecond);
  Engine engine(o, base::Random(1));
  engine.add_pod(1, 0);
  engine.remove_pod(1, kSecond);
  engine.add_pod(2, kSecond);
  // The ten of the first second keep their worker until 50 + 10 * 500 ms.
  EXPECT_EQ(engine.usage(1, 2 * kSecond).received, 10U);
  EXPECT_EQ(engine.usage(2, 2 * kSecond).received, 10U);
  EXPECT_NEAR(static_cast<double>(engine.usage(1, 2 * kSecond).busy), 1950e6, 1e3);
  engine.finish();

  EXPECT_EQ(engine.totals().succeeded, 20U);
  EXPECT_EQ(engine.totals().failed, 0U);
  // Only the time in the balancer is available: 0.95 s of 1 s on each.
  EXPECT_NEAR(engine.totals().utilization, 0.95, 1e-6);
}

TEST(EngineTest, ACentralQueueIsServedByPodsThatComeLater) {
  EngineOptions o = clockwork(10, kSecond, kSecond);
  o.balancer.algorithm = Algorithm::kCentralQueue;
  Engine engine(o, base::Random(1));
  engine.add_pod(0, 0);
  for (PodId pod = 1; pod < 10; ++pod) engine.add_pod(pod, kSecond);
  engine.finish();

  // The first starts at 50 ms, the nine that wait start at 1 s on the new pods; the one of 150 ms has waited longest.
  EXPECT_EQ(engine.totals().succeeded, 10U);
  EXPECT_NEAR(static_cast<double>(engine.totals().latency.max), (1000 - 150 + 1000) * 1e6, 1e3);
}

TEST(EngineTest, WarmUpIsLeftOutOfTotalsButNotOfTheSeries) {
  EngineOptions o = clockwork(100, kMs, 10 * kSecond);
  o.warmup = 2'500 * kMs;  // to the next whole second
  Engine engine(o, base::Random(1));
  engine.add_pod(0, 0);
  engine.finish();

  EXPECT_EQ(engine.seconds().size(), 10U);
  EXPECT_EQ(engine.totals().requests, 700U);
  EXPECT_NEAR(engine.totals().mean_in_system, 0.1, 1e-6);
  EXPECT_NEAR(engine.totals().utilization, 0.1, 1e-6);
}

TEST(EngineTest, TrafficMayStartBeforeTheScenario) {
  EngineOptions o = clockwork(100, kMs, 10 * kSecond);
  o.start = -3'500 * kMs;
  o.warmup = 3'500 * kMs;
  Engine engine(o, base::Random(1));
  engine.add_pod(0, -100 * kSecond);
  engine.finish();

  ASSERT_EQ(engine.seconds().size(), 11U);
  EXPECT_EQ(engine.seconds()[0].second, -4);
  EXPECT_EQ(engine.seconds()[0].arrivals, 50U);
  EXPECT_EQ(engine.seconds()[10].arrivals, 50U);  // until 6.5 s
  EXPECT_EQ(engine.totals().requests, 650U);
}

TEST(EngineTest, AnUnresolvedSecondKeepsTheSeriesBack) {
  EngineOptions o = clockwork(1, 5 * kSecond, 10 * kSecond);
  o.discipline = Discipline::kProcessorSharing;
  o.workers = 100;
  Engine engine(o, base::Random(1));
  engine.add_pod(0, 0);
  engine.advance_to(5'400 * kMs);
  EXPECT_EQ(engine.seconds().size(), 0U);  // the request of 0.5 s is done at 5.5 s
  engine.advance_to(7 * kSecond);
  EXPECT_EQ(engine.seconds().size(), 2U);
  engine.finish();
  EXPECT_EQ(engine.seconds().size(), 10U);
}

TEST(EngineTest, SourcesAddUp) {
  EngineOptions o = clockwork(100, kMs, 10 * kSecond);
  o.sources.push_back({.name = "second", .profile = RateProfile::constant(37)});
  Engine engine(o, base::Random(1));
  engine.add_pod(0, 0);
  engine.finish();

  EXPECT_EQ(engine.totals().requests, 1370U);
}

TEST(EngineTest, ViewersMakeTheirCallsBesideTheOtherSources) {
  // Ten sessions a second, three calls each in the first second, no heartbeats: 30 requests a second.
  EngineOptions o = clockwork(100, kMs, 20 * kSecond);
  ViewerOptions viewers;
  viewers.name = "fans";
  viewers.starts = RateProfile::constant(10);
  viewers.start_calls = 3;
  viewers.start_spread = kSecond;
  o.viewers = {viewers};
  std::uint64_t prints[2] = {};
  for (const Ticks step : {kSecond, 333 * kMs}) {
    Engine engine(o, base::Random(1));
    engine.add_pod(0, 0);
    for (Ticks t = step; t < o.duration; t += step) engine.advance_to(t);
    engine.finish();
    // 200 sessions, 14 of them a standard error; the calls of the last second fall partly after the end.
    EXPECT_NEAR(static_cast<double>(engine.totals().requests), 2000 + 600 - 15, 4 * 3 * 14.2);
    EXPECT_EQ(engine.totals().failed, 0U);
    prints[step == kSecond] = engine.fingerprint();
  }
  EXPECT_EQ(prints[0], prints[1]);
}

TEST(EngineTest, CpuIsThatOfTheWorkDone) {
  // 20 requests/s of 100 ms on 4 workers: two workers busy; 10 ms of core time a request: 0.2 cores, and 0.05 idle.
  EngineOptions o = clockwork(20, 100 * kMs, 10 * kSecond);
  o.workers = 4;
  o.cpu = {.limit = {}, .per_request = 10 * kMs, .per_rejection = 0, .idle = 0.05};
  Engine engine(o, base::Random(1));
  engine.add_pod(0, 0);
  const Usage first = engine.usage(0, 2 * kSecond);
  const Usage second = engine.usage(0, 4 * kSecond);

  // The first request comes at 25 ms, so two are busy from 75 ms on.
  EXPECT_NEAR(static_cast<double>(second.cpu - first.cpu), (0.2 + 0.05) * 2e9, 10);
  EXPECT_NEAR(static_cast<double>(second.busy - first.busy), 2 * 2e9, 10);
  EXPECT_EQ(second.received, 80U);
}

TEST(EngineTest, CpuIsClippedAtTheLimitOverEachInterval) {
  // Two workers always busy at 0.5 cores each against a limit of 0.6; what is cut off is not made up for later.
  EngineOptions o = clockwork(100, 100 * kMs, kSecond);
  o.workers = 2;
  o.cpu = {.limit = 0.6, .per_request = 50 * kMs, .per_rejection = 0, .idle = 0};
  Engine engine(o, base::Random(1));
  engine.add_pod(0, 0);
  engine.usage(0, 500 * kMs);
  EXPECT_EQ(engine.usage(0, kSecond).cpu, 600 * kMs);
  EXPECT_EQ(engine.usage(0, 2 * kSecond).cpu, 1200 * kMs);
  // 100 requests of 100 ms on two workers from 5 and 15 ms on: at 5 s they have 20 ms of worker time left.
  EXPECT_NEAR(static_cast<double>(engine.usage(0, 5 * kSecond).cpu), 3e9, 1);
  EXPECT_NEAR(static_cast<double>(engine.usage(0, 10 * kSecond).cpu), 3.01e9, 1);
}

TEST(EngineTest, RejectionsCostCpu) {
  EngineOptions o = clockwork(10, kSecond, kSecond);
  o.queue_limit = 3;
  o.cpu = {.limit = {}, .per_request = 0, .per_rejection = 2 * kMs, .idle = 0};
  Engine engine(o, base::Random(1));
  engine.add_pod(0, 0);

  EXPECT_EQ(engine.usage(0, kSecond).cpu, 6 * 2 * kMs);
}

TEST(EngineTest, RetriesAmplifyAFullOutageToTheMaximum) {
  EngineOptions o = clockwork(100, kMs, 10 * kSecond);
  o.client = {.timeout = {}, .max_retries = 3, .backoff = 10 * kMs, .budget = {}};
  Engine engine(o, base::Random(1));
  engine.finish();

  EXPECT_EQ(engine.totals().rejected, 1000U);
  EXPECT_EQ(engine.totals().retried, 3000U);
}

// Attempts fail independently with probability 1/2 where exponential service on idle workers meets a time-out of its
// median: attempts per request are (1 - f^(R+1)) / (1 - f) = 1.875 with three retries.
TEST(EngineTest, RetriesAmplifyAsTheGeometricSum) {
  for (const Discipline discipline : {Discipline::kFcfs, Discipline::kProcessorSharing}) {
    EngineOptions o;
    o.sources = {{.name = "all", .profile = RateProfile::constant(500)}};
    o.discipline = discipline;
    o.workers = 200;
    o.service.mean = 20 * kMs;
    o.client = {
        .timeout = static_cast<Ticks>(20e6 * std::log(2.0)), .max_retries = 3, .backoff = 50 * kMs, .budget = {}};
    o.duration = 100 * kSecond;
    Engine engine(o, base::Random(1));
    engine.add_pod(0, 0);
    engine.finish();
    const Totals t = engine.totals();
    const auto n = static_cast<double>(t.requests);

    EXPECT_NEAR(1.0 + static_cast<double>(t.retried) / n, 1.875, 4 * 1.05 / std::sqrt(n));
    EXPECT_NEAR(static_cast<double>(t.timed_out) / n, 0.0625, 4 * 0.242 / std::sqrt(n));
    EXPECT_EQ(t.failed, t.timed_out);
    // From the first attempt: those that succeeded at the second waited for the time-out and the back-off before.
    EXPECT_GT(t.latency.mean, 30 * kMs);
  }
}

TEST(EngineTest, ABudgetCapsAmplification) {
  EngineOptions o = clockwork(100, kMs, 100 * kSecond);
  o.client = {.timeout = {}, .max_retries = 3, .backoff = 10 * kMs, .budget = 0.1};
  Engine engine(o, base::Random(1));
  engine.finish();

  EXPECT_EQ(engine.totals().requests, 10'000U);
  EXPECT_NEAR(static_cast<double>(engine.totals().retried), 1000, 1);
}

}  // namespace
}  // namespace sim
