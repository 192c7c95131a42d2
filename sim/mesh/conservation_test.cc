// What holds in every system: drawn at random, with everything that can go wrong going wrong.
#include <gtest/gtest.h>

#include <algorithm>

#include "sim/mesh/test_systems.h"

namespace sim {
namespace {

constexpr Ticks kMs = kMillisecond;

class Draw {
 public:
  explicit Draw(std::uint64_t seed) : random_(seed) {}
  std::uint32_t below(std::uint32_t n) { return static_cast<std::uint32_t>(random_.below(n)); }
  bool chance(double p) { return random_.uniform() < p; }
  double between(double a, double b) { return a + (b - a) * random_.uniform(); }
  Ticks ticks(Ticks a, Ticks b) { return a + static_cast<Ticks>(random_.below(static_cast<std::uint64_t>(b - a))); }

 private:
  base::Random random_;
};

ClientOptions draw_client(Draw& draw) {
  ClientOptions c;
  if (draw.chance(0.7)) c.timeout = draw.ticks(20 * kMs, 400 * kMs);
  c.max_retries = draw.below(3);
  c.backoff = draw.chance(0.2) ? 0 : draw.ticks(kMs, 100 * kMs);
  if (draw.chance(0.5)) c.budget = draw.between(0, 0.5);
  c.cancels = draw.chance(0.5);
  return c;
}

ServiceTime draw_time(Draw& draw) {
  return {.distribution = static_cast<ServiceTime::Distribution>(draw.below(3)),
          .mean = draw.chance(0.3) ? 20 * kMs : draw.ticks(kMs, 60 * kMs),
          .cv = draw.between(0.1, 3)};
}

ServiceOptions draw_service(Draw& draw, ServiceIndex index, ServiceIndex services) {
  ServiceOptions s;
  s.name = "service" + std::to_string(index);
  s.discipline = draw.chance(0.5) ? Discipline::kFcfs : Discipline::kProcessorSharing;
  s.workers = 1 + draw.below(6);
  if (draw.chance(0.6)) s.queue_limit = draw.below(20);
  if (draw.chance(0.2)) s.concurrency_limit = 1 + draw.below(12);
  if (draw.chance(0.2)) s.connection_limit = 1 + draw.below(30);
  s.service = draw_time(draw);
  s.throttles = draw.chance(0.3);
  s.cpu = {
      .limit = draw.between(0.05, 4), .per_request = draw.ticks(kMs, 30 * kMs), .per_rejection = kMs, .idle = 0.02};
  if (draw.chance(0.3)) {
    s.memory = {.base = 100, .per_request = 10, .limit = 150 + draw.below(300)};
  }
  if (draw.chance(0.3)) s.warm_up = {.factor = draw.between(0, 4), .tau = draw.ticks(100 * kMs, 5 * kSecond)};
  s.balancer.algorithm = static_cast<BalancerOptions::Algorithm>(draw.below(9));
  s.balancer.choices = 1 + draw.below(4);
  s.balancer.connections = 1 + draw.below(50);
  if (draw.chance(0.5)) s.balancer.connection_lifetime = draw.ticks(10 * kMs, 2 * kSecond);
  s.balancer.clients = 1 + draw.below(100);
  if (draw.chance(0.4)) s.balancer.ejection = {.consecutive_errors = 3, .base = 500 * kMs, .most = 0.4};
  if (draw.chance(0.4)) s.front_proxy = {.buffer = draw.below(100), .timeout = draw.ticks(kMs, 2 * kSecond)};
  s.zones = 1 + draw.below(3);
  if (draw.chance(0.4)) s.overhead = draw.ticks(0, 20 * kMs);
  while (index + 1 < services && draw.chance(0.6)) {
    Call call;
    call.to = index + 1 + draw.below(services - index - 1);
    call.probability = draw.chance(0.5) ? 1.0 : draw.between(0, 1);
    call.count = 1 + draw.below(3);
    call.hit_ratio = draw.chance(0.5) ? 0.0 : draw.between(0, 1);
    call.cache_fill = draw.chance(0.5) ? 0 : kSecond;
    call.attempts = draw_client(draw);
    call.optional_answer = draw.chance(0.3);
    s.calls.push_back(call);
  }
  return s;
}

SystemOptions draw_system(Draw& draw) {
  SystemOptions o;
  o.duration = 6 * kSecond;
  o.start = draw.chance(0.5) ? 0 : draw.ticks(-3 * kSecond, 3 * kSecond);
  const ServiceIndex services = 1 + draw.below(4);
  for (ServiceIndex i = 0; i < services; ++i) o.services.push_back(draw_service(draw, i, services));
  const std::uint32_t entries = 1 + draw.below(2);
  for (std::uint32_t i = 0; i < entries; ++i) {
    Entry entry;
    entry.strategy = static_cast<Entry::Strategy>(draw.below(3));
    for (std::uint32_t k = 0; k <= draw.below(2); ++k) {
      entry.routes.push_back(
          {.service = draw.below(services), .round_trip = draw.chance(0.5) ? 0 : 10 * kMs, .weight = 1});
    }
    entry.full = draw.between(0.5, 3);
    o.entries.push_back(entry);
  }
  for (std::uint32_t i = 0; i <= draw.below(2); ++i) {
    o.sources.push_back(
        {.traffic = {.name = "s" + std::to_string(i), .profile = RateProfile::constant(draw.between(10, 300))},
         .entry = draw.below(entries)});
  }
  if (draw.chance(0.4)) {
    ViewerOptions v;
    v.name = "viewers";
    v.starts = RateProfile::constant(draw.between(1, 20));
    v.heartbeat = 500 * kMs;
    v.session_mean = 2 * kSecond;
    v.reloads = {{.at = o.start + 2 * kSecond, .share = 0.5, .within = kSecond, .calls = 0}};
    v.reaction = ViewerOptions::Reaction{.slower_than = 100 * kMs,
                                         .probability = 0.5,
                                         .after = 100 * kMs,
                                         .within = kSecond,
                                         .max_reloads = 2,
                                         .leaves = true};
    o.viewers.push_back(v);
  }
  if (draw.chance(0.4)) {
    UserOptions u;
    u.name = "users";
    u.count = RateProfile::constant(draw.below(60));
    u.spawn_rate = draw.chance(0.5) ? 0 : 10;
    u.think_mean = draw.chance(0.2) ? 0 : draw.ticks(kMs, 500 * kMs);
    u.starts_thinking = draw.chance(0.5);
    o.users.push_back(u);
  }
  o.arrivals.process = draw.chance(0.3) ? ArrivalOptions::Process::kDeterministic : ArrivalOptions::Process::kPoisson;
  o.client.attempts = draw_client(draw);
  if (draw.chance(0.3))
    o.client.hedging = Hedging{.after = draw.ticks(kMs, 80 * kMs), .cancel_loser = draw.chance(0.5)};
  if (draw.chance(0.3)) o.client.patience = Patience{.mean = draw.ticks(5 * kMs, 200 * kMs)};
  if (draw.chance(0.2)) o.edge = EdgeCache{.hit_ratio = 0.3, .latency = 5 * kMs};
  if (draw.chance(0.3)) o.outages.push_back({.service = draw.below(services), .begin = kSecond, .end = 2 * kSecond});
  o.slo = {.latency = 100 * kMs, .percentile = 0.95};
  return o;
}

// Pods that come, go, die and change; `cut`: in small random steps of time, with a look at a pod after each.
std::unique_ptr<MeshEngine> run(const SystemOptions& o, std::uint64_t seed, bool cut) {
  auto engine = std::make_unique<MeshEngine>(o, base::Random(seed));
  Draw draw(seed + 1000);
  Draw cuts(seed + 2000);
  const auto services = static_cast<std::uint32_t>(o.services.size());
  std::vector<std::pair<PodId, bool>> pods;  // and whether it is wanted
  const auto go_to = [&](Ticks t) {
    while (cut && engine->now() > o.start - kSecond && engine->now() < t) {
      engine->advance_to(std::min(t, engine->now() + cuts.ticks(1, 90 * kMs)));
      if (!pods.empty()) {
        const PodId pod = pods[cuts.below(static_cast<std::uint32_t>(pods.size()))].first;
        engine->usage(pod, engine->now());
        engine->probe(pod, engine->now());
      }
    }
  };
  const auto forget_dead = [&] {
    for (const PodFailure& failure : engine->take_failures()) {
      for (auto& [pod, wanted] : pods) wanted = wanted && pod != failure.pod;
    }
  };
  const auto add = [&](Ticks at) {
    const PodTraits traits{.service = draw.below(services),
                           .zone = draw.below(3),
                           .weight = draw.between(0.2, 3),
                           .slowdown = draw.chance(0.2) ? 3.0 : 1.0,
                           .error_ratio = draw.chance(0.2) ? 0.3 : 0.0};
    pods.emplace_back(static_cast<PodId>(pods.size()), true);
    engine->add_pod(pods.back().first, at, traits);
  };
  for (std::uint32_t i = 0; i < 3 * services; ++i) add(o.start - (i < 2 ? kSecond : 0));
  for (Ticks t = o.start; t < o.start + o.duration; t += draw.ticks(1, 500 * kMs)) {
    go_to(t);
    engine->advance_to(t);
    forget_dead();
    const std::uint32_t i = draw.below(static_cast<std::uint32_t>(pods.size()));
    const std::uint32_t what = draw.below(4);
    if (what <= 1) {
      add(t);
    } else if (pods[i].second) {
      if (what == 2) engine->change_pod(pods[i].first, t, {.slowdown = 2.0, .error_ratio = 0.5});
      if (what == 3) {
        draw.chance(0.5) ? engine->kill_pod(pods[i].first, t) : engine->remove_pod(pods[i].first, t);
        pods[i].second = false;
      }
    }
  }
  go_to(o.start + o.duration);
  engine->finish();
  return engine;
}

TEST(MeshConservationTest, NothingIsLostOrServedTwice) {
  for (std::uint64_t seed = 0; seed < 150; ++seed) {
    SCOPED_TRACE(seed);
    Draw draw(seed);
    const SystemOptions o = draw_system(draw);
    const auto engine = run(o, seed, false);
    const Totals t = engine->totals();
    std::uint64_t arrivals = 0, failed = 0;
    for (const SecondResult& s : engine->seconds()) {
      if (s.second * kSecond < o.start) continue;  // the totals begin with a whole second
      arrivals += s.arrivals;
      failed += s.failed;
    }
    EXPECT_EQ(engine->in_flight(), 0U);
    EXPECT_EQ(t.requests, arrivals);
    EXPECT_EQ(t.failed, failed);
    EXPECT_EQ(t.requests, t.succeeded + t.rejected + t.timed_out);
    for (const ServiceTotals& s : engine->services()) {
      EXPECT_EQ(s.received, s.answered + s.rejected + s.timed_out + s.errors) << s.name;
      EXPECT_LE(s.utilization, 1.0) << s.name;
      EXPECT_GE(s.utilization, 0.0) << s.name;
    }
    EXPECT_GE(t.mean_in_system, 0.0);
  }
}

// Without whatever makes a service time longer, or ends it early; all of a service take the same time.
void serve_undisturbed(SystemOptions& o) {
  o.start = 0;
  o.outages.clear();
  o.client.hedging.reset();
  o.client.patience.reset();
  o.client.attempts.timeout.reset();
  for (ServiceOptions& s : o.services) {
    s.service.distribution = ServiceTime::Distribution::kDeterministic;
    s.throttles = false;
    s.memory = {};
    s.warm_up = {};
    for (Call& call : s.calls) call.attempts.timeout.reset();
  }
}

TEST(MeshConservationTest, WorkersAreBusyForTheServiceTheyGiveAndNoLonger) {
  std::uint64_t served_in_all = 0;
  for (std::uint64_t seed = 0; seed < 60; ++seed) {
    SCOPED_TRACE(seed);
    Draw draw(seed);
    SystemOptions o = draw_system(draw);
    serve_undisturbed(o);
    MeshEngine engine(o, base::Random(seed));
    const auto services = static_cast<std::uint32_t>(o.services.size());
    std::vector<std::uint32_t> service_of;
    const auto add = [&](std::uint32_t service, Ticks at) {
      engine.add_pod(static_cast<PodId>(service_of.size()), at,
                     {.service = service, .zone = draw.below(3), .error_ratio = draw.chance(0.3) ? 0.3 : 0.0});
      service_of.push_back(service);
    };
    for (std::uint32_t i = 0; i < services; ++i) add(i, 0);  // these stay
    std::uint32_t removed = services;
    for (Ticks t = 0; t < o.duration; t += draw.ticks(1, 500 * kMs)) {
      if (removed == service_of.size() || draw.chance(0.6)) {
        add(draw.below(services), t);
      } else {
        engine.remove_pod(removed++, t);
      }
    }
    const Ticks all_done = o.duration + 100 * 3600 * kSecond;
    std::vector<Ticks> busy(services);
    for (PodId pod = 0; pod < service_of.size(); ++pod) busy[service_of[pod]] += engine.usage(pod, all_done).busy;
    EXPECT_EQ(engine.in_flight(), 0U);
    engine.finish();
    for (std::uint32_t i = 0; i < services; ++i) {
      const ServiceOptions& s = o.services[i];
      const ServiceTotals totals = engine.services()[i];
      // Errors are those of pods and of failed calls, after the service.
      const auto served = static_cast<Ticks>(totals.answered + totals.errors);
      served_in_all += totals.answered + totals.errors;
      EXPECT_EQ(totals.timed_out, 0U);
      if (s.discipline == Discipline::kFcfs || s.balancer.algorithm == BalancerOptions::Algorithm::kCentralQueue) {
        EXPECT_EQ(busy[i], served * s.service.mean) << s.name;
      } else {  // to the ticks by which shares of a worker are rounded
        EXPECT_GE(busy[i], served * s.service.mean) << s.name;
        EXPECT_LE(busy[i], served * (s.service.mean + 20)) << s.name;
      }
    }
  }
  EXPECT_GT(served_in_all, 10'000U);
}

TEST(MeshConservationTest, ResultsDoNotDependOnHowTimeIsCut) {
  for (std::uint64_t seed = 0; seed < 60; ++seed) {
    SCOPED_TRACE(seed);
    Draw draw(seed);
    const SystemOptions o = draw_system(draw);
    EXPECT_EQ(run(o, seed, false)->fingerprint(), run(o, seed, true)->fingerprint());
  }
}

}  // namespace
}  // namespace sim
