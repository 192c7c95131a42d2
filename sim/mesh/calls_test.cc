// Services that call services.
#include <gtest/gtest.h>

#include "sim/mesh/test_systems.h"

namespace sim {
namespace {

constexpr Ticks kMs = kMillisecond;

// Service 0 calls those after it, one after the other; 10 requests a second.
SystemOptions chain(std::vector<Ticks> service, Ticks duration = 2 * kSecond) {
  SystemOptions o = clockwork(10, service[0], duration);
  o.services[0].workers = 100;
  for (ServiceIndex i = 1; i < service.size(); ++i) {
    o.services.push_back(o.services[0]);
    o.services[i].name = "s" + std::to_string(i);
    o.services[i].service.mean = service[i];
    o.services[i].calls.clear();
    Call call;
    call.to = i;
    o.services[0].calls.push_back(call);
  }
  return o;
}
void add_one_each(MeshEngine& engine, std::size_t services) {
  for (std::uint32_t i = 0; i < services; ++i) engine.add_pod(i, 0, {.service = i});
}
Totals totals_of(const SystemOptions& o) {
  MeshEngine engine(o, base::Random(1));
  add_one_each(engine, o.services.size());
  engine.finish();
  return engine.totals();
}

TEST(MeshCallsTest, LatenciesOfCallsOneAfterTheOtherAddUp) {
  SystemOptions o = chain({10 * kMs, 20 * kMs, 30 * kMs});
  EXPECT_EQ(totals_of(o).latency.mean, 60 * kMs);
  o.services[1].overhead = 5 * kMs;
  o.entries[0].routes[0].round_trip = 7 * kMs;
  o.services[0].overhead = kMs;
  EXPECT_EQ(totals_of(o).latency.mean, 73 * kMs);
}

TEST(MeshCallsTest, CallsAtATimeWaitForTheSlowest) {
  // Three at a time at a single worker: the last is done after three service times.
  SystemOptions o = chain({10 * kMs, 20 * kMs});
  o.services[0].calls[0].count = 3;
  o.services[1].workers = 1;
  EXPECT_EQ(totals_of(o).latency.mean, 70 * kMs);
  o.services[1].workers = 3;
  EXPECT_EQ(totals_of(o).latency.mean, 30 * kMs);
}

TEST(MeshCallsTest, ACallIsMadeWithItsProbability) {
  SystemOptions o = chain({kMs, kMs}, 1000 * kSecond);
  o.services[0].calls[0].probability = 0.3;
  MeshEngine engine(o, base::Random(1));
  add_one_each(engine, 2);
  engine.finish();
  EXPECT_NEAR(static_cast<double>(engine.services()[1].received), 3000, 150);
}

TEST(MeshCallsTest, ACacheAnswersItsShareOnceItIsFull) {
  SystemOptions o = chain({kMs, kMs}, 1000 * kSecond);
  o.services[0].calls[0].hit_ratio = 0.8;
  MeshEngine full(o, base::Random(1));
  add_one_each(full, 2);
  full.finish();
  EXPECT_NEAR(static_cast<double>(full.services()[1].cache_hits), 8000, 150);
  EXPECT_EQ(full.services()[1].cache_hits + full.services()[1].received, 10'000U);

  // Empty at the start: the mean of 0.8 (1 - e^(-t/tau)) over ten tau is 0.8 (1 - (1 - e^-10)/10).
  o.services[0].calls[0].cache_fill = 100 * kSecond;
  MeshEngine filling(o, base::Random(1));
  add_one_each(filling, 2);
  filling.finish();
  EXPECT_NEAR(static_cast<double>(filling.services()[1].cache_hits), 7200, 150);
}

TEST(MeshCallsTest, AFailedCallFailsTheCallerUnlessItIsOptional) {
  for (const bool optional : {false, true}) {
    SystemOptions o = chain({10 * kMs, 20 * kMs, 30 * kMs});
    o.services[0].calls[0].optional_answer = optional;
    MeshEngine engine(o, base::Random(1));
    engine.add_pod(0, 0, {.service = 0});
    engine.add_pod(1, 0, {.service = 1, .error_ratio = 1.0});
    engine.add_pod(2, 0, {.service = 2});
    engine.finish();
    EXPECT_EQ(engine.totals().succeeded, optional ? 20U : 0U);
    EXPECT_EQ(engine.services()[0].errors, optional ? 0U : 20U);
    EXPECT_EQ(engine.services()[1].errors, 20U);
    EXPECT_EQ(engine.services()[2].received, optional ? 20U : 0U);  // nothing follows a failure
  }
}

TEST(MeshCallsTest, ACallIsRetriedByItsOwnRules) {
  // Service 1 is out of order for the first second, and a call is tried again after 100 ms times 1, 2, 4, 8 and jitter.
  SystemOptions o = chain({10 * kMs, 20 * kMs}, kSecond);
  o.outages = {{.service = 1, .begin = 0, .end = kSecond}};
  o.services[0].calls[0].attempts.max_retries = 6;
  o.services[0].calls[0].attempts.backoff = 100 * kMs;
  const Totals t = totals_of(o);
  EXPECT_EQ(t.succeeded, 10U);
  EXPECT_EQ(t.retried, 0U);  // by the clients
  EXPECT_GT(t.latency.max, kSecond - 60 * kMs);
}

TEST(MeshCallsTest, ATimedOutCallIsServedForNothingOrDropped) {
  for (const bool cancels : {false, true}) {
    SystemOptions o = chain({10 * kMs, 200 * kMs}, kSecond);
    o.services[0].calls[0].attempts.timeout = 50 * kMs;
    o.services[0].calls[0].attempts.cancels = cancels;
    MeshEngine engine(o, base::Random(1));
    add_one_each(engine, 2);
    const Usage usage = engine.usage(1, 10 * kSecond);
    engine.finish();
    EXPECT_EQ(engine.totals().rejected, 10U);  // the last attempt was answered with an error
    EXPECT_EQ(engine.services()[1].timed_out, 10U);
    EXPECT_EQ(usage.busy, cancels ? 10 * 50 * kMs : 10 * 200 * kMs);
  }
}

TEST(MeshCallsTest, ACancelledRequestTakesItsCallsWithIt) {
  SystemOptions o = chain({10 * kMs, 200 * kMs}, kSecond);
  o.client.attempts.timeout = 60 * kMs;
  o.client.attempts.cancels = true;
  o.services[0].calls[0].attempts.cancels = true;
  MeshEngine engine(o, base::Random(1));
  add_one_each(engine, 2);
  const Usage usage = engine.usage(1, 10 * kSecond);
  engine.finish();
  EXPECT_EQ(engine.totals().timed_out, 10U);
  EXPECT_EQ(engine.services()[0].timed_out, 10U);
  EXPECT_EQ(engine.services()[1].timed_out, 10U);
  EXPECT_EQ(usage.busy, 10 * 50 * kMs);
}

TEST(MeshCallsTest, ACallerHoldsItsWorkerButBurnsNothing) {
  // One worker: 10 ms of its own and 190 ms of waiting, so five a second.
  SystemOptions o = chain({10 * kMs, 190 * kMs}, 2 * kSecond);
  o.services[0].workers = 1;
  o.services[0].cpu = {.limit = {}, .per_request = 10 * kMs, .per_rejection = 0, .idle = 0};
  MeshEngine engine(o, base::Random(1));
  add_one_each(engine, 2);
  const Usage usage = engine.usage(0, 2 * kSecond);
  engine.finish();
  EXPECT_EQ(usage.cpu, 10 * 10 * kMs);
  // The last of twenty starts after nineteen others of 200 ms, having come at 1950 ms.
  EXPECT_NEAR(to_seconds(engine.totals().latency.max), 0.05 + 20 * 0.2 - 1.95, 1e-8);
}

TEST(MeshCallsTest, ADatabaseOfFixedSizeSaturatesHoweverManyPodsCallIt) {
  // 4 workers of 20 ms serve 200 a second; 400 come.
  SystemOptions o = chain({kMs, 20 * kMs}, 10 * kSecond);
  o.sources[0].traffic.profile = RateProfile::constant(400);
  o.services[1].workers = 4;
  o.services[1].queue_limit = 10;
  for (const PodId pods : {2U, 20U}) {
    MeshEngine engine(o, base::Random(1));
    add_pods(engine, 0, pods, 0);
    engine.add_pod(100, 0, {.service = 1});
    engine.finish();
    EXPECT_NEAR(static_cast<double>(engine.totals().succeeded), 2000, 15);
    EXPECT_NEAR(engine.services()[1].utilization, 1.0, 0.01);
  }
}

}  // namespace
}  // namespace sim
