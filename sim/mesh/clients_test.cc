// Clients: hedging, cancelling, patience, users in a closed loop, viewers that react.
#include <gtest/gtest.h>

#include "sim/mesh/test_systems.h"

namespace sim {
namespace {

constexpr Ticks kMs = kMillisecond;

Totals totals_of(const SystemOptions& o, PodId pods = 1) {
  MeshEngine engine(o, base::Random(1));
  add_pods(engine, 0, pods, o.start);
  engine.finish();
  return engine.totals();
}

TEST(MeshClientsTest, HedgingCutsTheTail) {
  // A tenth of the pods is twenty times as slow.
  SystemOptions o = one_service(200, 50 * kSecond);
  o.services[0].service.mean = 10 * kMs;
  o.services[0].workers = 20;
  const auto p99 = [&] {
    MeshEngine engine(o, base::Random(1));
    for (PodId pod = 0; pod < 10; ++pod) engine.add_pod(pod, 0, {.slowdown = pod == 0 ? 20.0 : 1.0});
    engine.finish();
    EXPECT_EQ(engine.totals().succeeded, engine.totals().requests);
    return engine.totals().latency.p99;
  };
  const Ticks without = p99();
  o.client.hedging = Hedging{.after = 40 * kMs};
  const Ticks with = p99();
  EXPECT_GT(without, 300 * kMs);
  EXPECT_LT(with, 120 * kMs);
}

TEST(MeshClientsTest, TheLoserOfAHedgeIsCancelledOrServedForNothing) {
  // The first pod takes 1 s, the second 100 ms; the second attempt of each request goes to the other pod.
  for (const bool cancel : {false, true}) {
    SystemOptions o = clockwork(1, 100 * kMs, kSecond);
    o.client.hedging = Hedging{.after = 50 * kMs, .cancel_loser = cancel};
    MeshEngine engine(o, base::Random(1));
    engine.add_pod(0, 0, {.slowdown = 10});
    engine.add_pod(1, 0);
    const Usage usage = engine.usage(0, 10 * kSecond);
    engine.finish();
    EXPECT_EQ(engine.totals().latency.mean, 150 * kMs);
    EXPECT_EQ(engine.services()[0].received, 2U);
    EXPECT_EQ(engine.services()[0].answered, 1U);
    EXPECT_EQ(engine.services()[0].timed_out, 1U);
    EXPECT_EQ(usage.busy, cancel ? 150 * kMs : kSecond);
  }
}

TEST(MeshClientsTest, ACancelledAttemptFreesItsWorkerAtOnce) {
  // One worker, 300 ms each, one every 100 ms, a time-out of 150 ms. Cancelling, the worker turns to the next after
  // 150 ms; otherwise it is in vain for 300 ms.
  for (const bool cancels : {false, true}) {
    for (const Discipline discipline : {Discipline::kFcfs, Discipline::kProcessorSharing}) {
      SystemOptions o = clockwork(10, 300 * kMs, kSecond);
      o.services[0].discipline = discipline;
      o.client.attempts.timeout = 150 * kMs;
      o.client.attempts.cancels = cancels;
      MeshEngine engine(o, base::Random(1));
      engine.add_pod(0, 0);
      const Usage usage = engine.usage(0, 20 * kSecond);
      engine.finish();
      EXPECT_EQ(engine.totals().timed_out, 10U);
      if (cancels) {
        EXPECT_LE(usage.busy, 1050 * kMs);
      } else if (discipline == Discipline::kProcessorSharing) {
        EXPECT_NEAR(to_seconds(usage.busy), 3, 1e-8);
      }
    }
  }
}

TEST(MeshClientsTest, AnImpatientClientThatIsServedStays) {
  // Served at once for longer than anybody's patience.
  SystemOptions o = clockwork(10, 500 * kMs, kSecond);
  o.services[0].workers = 5;
  o.client.patience = Patience{.distribution = ServiceTime::Distribution::kDeterministic, .mean = 100 * kMs, .cv = 0};
  EXPECT_EQ(totals_of(o).succeeded, 10U);
  // One worker: at 50 ms until 550 ms; 150 to 350 ms have gone, 450 ms has its hundred at this very moment or not.
  o.services[0].workers = 1;
  const Totals t = totals_of(o);
  EXPECT_LE(t.succeeded, 3U);
  EXPECT_EQ(t.succeeded + t.timed_out, 10U);
  EXPECT_EQ(t.retried, 0U);
}

TEST(MeshClientsTest, TheEdgeAnswersItsShare) {
  SystemOptions o = one_service(1000, 20 * kSecond);
  o.services[0].workers = 1000;
  o.edge = EdgeCache{.hit_ratio = 0.9, .latency = 5 * kMs};
  MeshEngine engine(o, base::Random(1));
  engine.add_pod(0, 0);
  engine.finish();
  const Totals t = engine.totals();
  EXPECT_NEAR(static_cast<double>(engine.services()[0].received) / static_cast<double>(t.requests), 0.1, 0.01);
  EXPECT_EQ(t.succeeded, t.requests);
  EXPECT_NEAR(to_seconds(t.latency.p50), 0.005, 0.0001);
}

TEST(MeshClientsTest, WaysAndOverheadCountAgainstTheTimeout) {
  SystemOptions o = clockwork(10, 10 * kMs, kSecond);
  o.entries[0].routes[0].round_trip = 30 * kMs;
  o.services[0].overhead = 5 * kMs;
  o.client.attempts.timeout = 45 * kMs;
  EXPECT_EQ(totals_of(o).succeeded, 10U);
  EXPECT_EQ(totals_of(o).latency.mean, 45 * kMs);
  o.client.attempts.timeout = 45 * kMs - 1;
  EXPECT_EQ(totals_of(o).timed_out, 10U);
}

SystemOptions users_only(double users, Ticks service, Ticks think, Ticks duration) {
  SystemOptions o = clockwork(0, service, duration);
  o.sources.clear();
  o.users.resize(1);
  o.users[0].name = "users";
  o.users[0].count = RateProfile::constant(users);
  o.users[0].think = UserOptions::Think::kConstant;
  o.users[0].think_mean = think;
  o.users[0].starts_thinking = false;
  o.services[0].workers = 1000;
  return o;
}

TEST(MeshClientsTest, AUserSendsAgainWhenItHasThought) {
  // 100 ms and 150 ms of thought: at 0, 250, 500 and 750 ms.
  const Totals t = totals_of(users_only(3, 100 * kMs, 150 * kMs, kSecond));
  EXPECT_EQ(t.requests, 12U);
  EXPECT_EQ(t.succeeded, 12U);
  EXPECT_EQ(t.latency.max, 100 * kMs);
}

TEST(MeshClientsTest, UsersComeAndGoByTheirProfile) {
  SystemOptions o = users_only(0, 10 * kMs, 90 * kMs, 30 * kSecond);  // ten requests a second each
  o.users[0].count =
      RateProfile::from_points(std::vector<RateProfile::Point>{{0, 5}, {10 * kSecond, 20}, {20 * kSecond, 2}},
                               RateProfile::Interpolation::kStep)
          .value();
  MeshEngine engine(o, base::Random(1));
  engine.add_pod(0, 0);
  engine.finish();
  EXPECT_EQ(engine.seconds()[5].arrivals, 50U);
  EXPECT_EQ(engine.seconds()[15].arrivals, 200U);
  EXPECT_EQ(engine.seconds()[25].arrivals, 20U);
}

TEST(MeshClientsTest, UsersComeNoFasterThanTheirSpawnRate) {
  SystemOptions o = users_only(100, 10 * kMs, 90 * kMs, 20 * kSecond);
  o.users[0].spawn_rate = 4;
  MeshEngine engine(o, base::Random(1));
  engine.add_pod(0, 0);
  engine.finish();
  // The first at once, then four a second: 4 t + 1 at t, ten requests a second each.
  EXPECT_NEAR(static_cast<double>(engine.seconds()[10].arrivals), 10 * (4 * 10.5 + 1), 15);
}

TEST(MeshClientsTest, AUserWhoIsTurnedAwayAtOnceDoesNotSpin) {
  SystemOptions o = users_only(1, 10 * kMs, 0, 10 * kMs);
  MeshEngine engine(o, base::Random(1));
  engine.finish();                             // no pod
  EXPECT_EQ(engine.totals().requests, 1000U);  // every 10 us
  EXPECT_EQ(engine.totals().rejected, 1000U);
}

SystemOptions viewers_only(double starts, Ticks duration) {
  SystemOptions o = one_service(0, duration);
  o.sources.clear();
  o.services[0].workers = 4;
  o.services[0].service.mean = 20 * kMs;
  o.viewers.resize(1);
  o.viewers[0].name = "viewers";
  o.viewers[0].starts = RateProfile::constant(starts);
  o.viewers[0].start_calls = 4;
  return o;
}

TEST(MeshClientsTest, AStartOfAViewerIsSomeCalls) {
  const SystemOptions o = viewers_only(20, 50 * kSecond);
  EXPECT_NEAR(static_cast<double>(totals_of(o).requests), 4000, 300);
}

TEST(MeshClientsTest, BadAnswersMakeViewersReloadAndThatMakesLoad) {
  SystemOptions o = viewers_only(20, 60 * kSecond);
  o.viewers[0].reaction = ViewerOptions::Reaction{.slower_than = 500 * kMs,
                                                  .probability = 1.0,
                                                  .after = kSecond,
                                                  .within = kSecond,
                                                  .max_reloads = 3,
                                                  .leaves = false};
  const std::uint64_t calm = totals_of(o).requests;
  o.outages = {{.service = 0, .begin = 20 * kSecond, .end = 30 * kSecond}};
  const Totals storm = totals_of(o);
  // Each of about 200 viewers that come during the outage reloads at least once, four calls each.
  EXPECT_GT(storm.requests, calm + 600);
  o.outages.clear();
  o.services[0].overhead = 600 * kMs;  // all answers are slow
  EXPECT_GT(totals_of(o).requests, calm + 600);
}

RateProfile only_until(Ticks end, double rate) {
  return RateProfile::from_points(std::vector<RateProfile::Point>{{0, rate}, {end, 0}},
                                  RateProfile::Interpolation::kStep)
      .value();
}

TEST(MeshClientsTest, AnAnswerIsSlowWhicheverAttemptItComesFrom) {
  // Nobody is answered; the second attempt is sent 5 to 15 s after the first. With a time-out of 100 ms the first is
  // given up at the very tick at which the viewer loses its patience.
  for (const Ticks timeout : {50 * kMs, 100 * kMs, 200 * kMs}) {
    SystemOptions o = viewers_only(0, 10 * kSecond);
    o.services[0].service = {
        .distribution = ServiceTime::Distribution::kDeterministic, .mean = 3600 * kSecond, .cv = 0};
    o.services[0].workers = 1000;
    o.client.attempts.timeout = timeout;
    o.client.attempts.max_retries = 1;
    o.client.attempts.backoff = 10 * kSecond;
    o.viewers[0].starts = only_until(500 * kMs, 100);
    o.viewers[0].start_calls = 1;
    o.viewers[0].reaction = ViewerOptions::Reaction{
        .slower_than = 100 * kMs, .probability = 1.0, .after = kSecond, .within = 0, .max_reloads = 1, .leaves = false};
    MeshEngine engine(o, base::Random(1));
    engine.add_pod(0, 0);
    engine.finish();
    const std::uint64_t viewers = engine.seconds()[0].arrivals;
    EXPECT_GT(viewers, 20U);
    EXPECT_EQ(engine.seconds()[1].arrivals, viewers) << timeout;  // each reloads 1.1 s after its start
    EXPECT_EQ(engine.totals().requests, 2 * viewers) << timeout;
  }
}

TEST(MeshClientsTest, AViewerMindsASlowAnswerOnceWhicheverAttemptOfAHedgeItComesFrom) {
  // All first calls take 2 or 3 s, each the shorter of its two attempts; those of the reloads a millisecond.
  SystemOptions o = viewers_only(0, 10 * kSecond);
  o.services[0].service = {.distribution = ServiceTime::Distribution::kDeterministic, .mean = kMs, .cv = 0};
  o.services[0].workers = 1000;
  o.client.hedging = Hedging{.after = 50 * kMs};
  o.viewers[0].starts = only_until(200 * kMs, 200);
  o.viewers[0].start_calls = 1;
  o.viewers[0].reaction = ViewerOptions::Reaction{
      .slower_than = 100 * kMs, .probability = 1.0, .after = kSecond, .within = 0, .max_reloads = 5, .leaves = false};
  MeshEngine engine(o, base::Random(1));
  engine.add_pod(0, 0, {.slowdown = 3000});
  engine.add_pod(1, 0, {.slowdown = 2000});
  for (const PodId pod : {0U, 1U}) engine.change_pod(pod, 500 * kMs, {});
  engine.finish();
  const std::uint64_t viewers = engine.seconds()[0].arrivals;
  EXPECT_GT(viewers, 20U);
  EXPECT_EQ(engine.seconds()[1].arrivals, viewers);
  EXPECT_EQ(engine.totals().requests, 2 * viewers);
  EXPECT_EQ(engine.totals().succeeded, 2 * viewers);
}

}  // namespace
}  // namespace sim
