// What a pod does when it is short of CPU or memory, cold, slow, failing, removed or killed.
#include <gtest/gtest.h>

#include <cmath>

#include "sim/mesh/test_systems.h"

namespace sim {
namespace {

constexpr Ticks kMs = kMillisecond;

TEST(MeshPodsTest, ALimitOfHalfTheNeedHalvesTheSpeed) {
  // Each request burns a core for 20 ms; with half a core it takes 40 ms.
  SystemOptions o = clockwork(10, 20 * kMs, 2 * kSecond);
  o.services[0].throttles = true;
  o.services[0].cpu = {.limit = 0.5, .per_request = 20 * kMs, .per_rejection = 0, .idle = 0};
  MeshEngine engine(o, base::Random(1));
  engine.add_pod(0, 0);
  const Usage usage = engine.usage(0, 2 * kSecond);
  engine.finish();
  EXPECT_EQ(engine.totals().latency.mean, 40 * kMs);
  EXPECT_EQ(usage.busy, 20 * 40 * kMs);  // the worker's time
  EXPECT_EQ(usage.cpu, 20 * 20 * kMs);   // and what it burnt
}

TEST(MeshPodsTest, ALimitThatIsNotReachedChangesNothing) {
  SystemOptions o = clockwork(10, 20 * kMs, 2 * kSecond);
  o.services[0].cpu = {.limit = 1.0, .per_request = 10 * kMs, .per_rejection = 0, .idle = 0};
  std::uint64_t prints[2] = {};
  for (const bool throttles : {false, true}) {
    o.services[0].throttles = throttles;
    MeshEngine engine(o, base::Random(1));
    engine.add_pod(0, 0);
    engine.finish();
    prints[throttles] = engine.fingerprint();
  }
  EXPECT_EQ(prints[0], prints[1]);
}

TEST(MeshPodsTest, ThrottledWorkersShareTheLimit) {
  // Two at a time, each worth a core, on one core: each takes twice as long.
  SystemOptions o = clockwork(1, 100 * kMs, kSecond);
  o.sources.push_back(o.sources[0]);
  o.sources[1].traffic.name = "twin";
  o.services[0].workers = 2;
  o.services[0].throttles = true;
  o.services[0].cpu = {.limit = 1.0, .per_request = 100 * kMs, .per_rejection = 0, .idle = 0};
  MeshEngine engine(o, base::Random(1));
  engine.add_pod(0, 0);
  engine.finish();
  EXPECT_EQ(engine.totals().latency.mean, 200 * kMs);
}

TEST(MeshPodsTest, AColdPodIsSlowAndWarmsUp) {
  SystemOptions o = clockwork(1, 100 * kMs, 4 * kSecond);
  o.services[0].warm_up = {.factor = 3, .tau = kSecond};
  MeshEngine engine(o, base::Random(1));
  engine.add_pod(0, 0);
  engine.finish();
  for (std::size_t i = 0; i < 4; ++i) {
    const double expected = 0.1 * (1 + 3 * std::exp(-(static_cast<double>(i) + 0.5)));
    EXPECT_NEAR(to_seconds(engine.seconds()[i].p50), expected, 0.005 * expected) << i;
  }
}

TEST(MeshPodsTest, ASlowPodTakesLongerFromTheChangeOn) {
  SystemOptions o = clockwork(1, 100 * kMs, 3 * kSecond);
  MeshEngine engine(o, base::Random(1));
  engine.add_pod(0, 0, {.slowdown = 2.0});
  engine.change_pod(0, 1200 * kMs, {.slowdown = 3.0});
  engine.finish();
  EXPECT_NEAR(to_seconds(engine.seconds()[0].p50), 0.2, 0.001);
  EXPECT_NEAR(to_seconds(engine.seconds()[1].p50), 0.3, 0.0015);
}

TEST(MeshPodsTest, AFailingPodServesAndAnswersWithAnError) {
  SystemOptions o = one_service(1000, 20 * kSecond);
  o.services[0].service.mean = kMs;
  o.services[0].workers = 100;
  MeshEngine engine(o, base::Random(1));
  engine.add_pod(0, 0, {.error_ratio = 0.25});
  engine.finish();
  const ServiceTotals s = engine.services()[0];
  EXPECT_NEAR(static_cast<double>(s.errors) / static_cast<double>(s.received), 0.25, 0.01);
  EXPECT_EQ(engine.totals().rejected, s.errors);
  EXPECT_NEAR(s.utilization, 0.01, 0.0005);  // errors cost what answers cost
}

TEST(MeshPodsTest, TooManyRequestsAtATimeKillAPod) {
  // One every 100 ms from 50 ms on, 1 s each: the fourth, at 350 ms, is one too many.
  SystemOptions o = clockwork(10, kSecond, kSecond);
  o.services[0].discipline = Discipline::kProcessorSharing;
  o.services[0].memory = {.base = 100, .per_request = 10, .limit = 130};
  MeshEngine engine(o, base::Random(1));
  engine.add_pod(7, 0);
  EXPECT_EQ(engine.usage(7, 300 * kMs).memory, 130U);
  EXPECT_EQ(engine.usage(7, 300 * kMs).held, 3U);
  engine.advance_to(400 * kMs);
  const std::vector<PodFailure> failures = engine.take_failures();
  ASSERT_EQ(failures.size(), 1U);
  EXPECT_EQ(failures[0].pod, 7U);
  EXPECT_EQ(failures[0].at, 350 * kMs);
  EXPECT_TRUE(engine.take_failures().empty());
  EXPECT_EQ(engine.usage(7, 400 * kMs).memory, 0U);
  EXPECT_EQ(engine.probe(7, 400 * kMs), std::nullopt);
  engine.remove_pod(7, 400 * kMs);  // its owner may be late
  engine.finish();
  EXPECT_EQ(engine.services()[0].errors, 4U);    // what it held
  EXPECT_EQ(engine.services()[0].rejected, 6U);  // nobody is there any more
  EXPECT_EQ(engine.totals().rejected, 10U);
}

TEST(MeshPodsTest, AKilledPodFailsWhatItHoldsAtOnce) {
  SystemOptions o = clockwork(10, kSecond, kSecond);
  o.client.attempts.max_retries = 1;
  o.client.attempts.backoff = 10 * kMs;
  MeshEngine engine(o, base::Random(1));
  engine.add_pod(0, 0);
  engine.add_pod(1, 0);
  engine.kill_pod(0, 500 * kMs);  // holds those of 50, 250 and 450 ms
  engine.finish();
  EXPECT_EQ(engine.services()[0].errors, 3U);
  EXPECT_EQ(engine.totals().retried, 3U);
  EXPECT_EQ(engine.totals().succeeded, 10U);
}

TEST(MeshPodsTest, ARemovedPodFinishesWhatItHolds) {
  const SystemOptions o = clockwork(10, kSecond, kSecond);
  MeshEngine engine(o, base::Random(1));
  engine.add_pod(0, 0);
  engine.remove_pod(0, 500 * kMs);
  engine.finish();
  EXPECT_EQ(engine.totals().succeeded, 5U);
  EXPECT_EQ(engine.totals().rejected, 5U);
  EXPECT_EQ(engine.totals().latency.max, 5 * kSecond - 400 * kMs);
}

TEST(MeshPodsTest, ConcurrencyIsLimitedWaitingOrNot) {
  SystemOptions o = clockwork(10, kSecond, kSecond);
  o.services[0].concurrency_limit = 4;
  MeshEngine engine(o, base::Random(1));
  engine.add_pod(0, 0);
  engine.finish();
  EXPECT_EQ(engine.totals().succeeded, 4U);
  EXPECT_EQ(engine.totals().rejected, 6U);
}

TEST(MeshPodsTest, AnOutageAnswersWithErrorsAtOnce) {
  SystemOptions o = clockwork(10, kMs, 3 * kSecond);
  o.outages = {{.service = 0, .begin = kSecond, .end = 2 * kSecond}};
  MeshEngine engine(o, base::Random(1));
  engine.add_pod(0, 0);
  engine.finish();
  EXPECT_EQ(engine.services()[0].errors, 10U);
  EXPECT_EQ(engine.seconds()[1].failed, 10U);
  EXPECT_EQ(engine.totals().succeeded, 20U);
}

TEST(MeshPodsTest, AProbeOfAPodWhoseWorkersWaitForCallsTakesLong) {
  // The only worker calls, from 60 ms on, a service that takes 10 s.
  SystemOptions o = clockwork(10, 10 * kMs, 100 * kMs);
  o.services.push_back(o.services[0]);
  o.services[1].service.mean = 10 * kSecond;
  o.services[0].calls.resize(1);
  o.services[0].calls[0].to = 1;
  MeshEngine engine(o, base::Random(1));
  engine.add_pod(0, 0);
  engine.add_pod(1, 0, {.service = 1});
  EXPECT_EQ(engine.probe(0, 40 * kMs), 10 * kMs);
  EXPECT_EQ(engine.probe(0, 2060 * kMs), 2010 * kMs);  // it called for two seconds
  engine.finish();
}

}  // namespace
}  // namespace sim
