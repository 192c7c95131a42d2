// What a request and a hop cost in the event-driven engine: a single service as in engine_bench.cc, viewers who react
// to what they get, and a call graph of six services with fan-out, a cache and time-outs on every edge.
//
// One iteration is a whole run. Counters: nanoseconds of CPU time a request and a hop (an attempt at a service).
#include <benchmark/benchmark.h>

#include <array>

#include "common/base/check.h"
#include "sim/mesh/mesh_engine.h"

namespace {

using sim::kMillisecond;
using sim::kSecond;
using Algorithm = sim::BalancerOptions::Algorithm;

sim::SystemOptions base_system(double rate, sim::Ticks duration) {
  sim::SystemOptions o;
  o.entries.resize(1);
  o.entries[0].routes.resize(1);
  o.sources.push_back({.traffic = {.name = "viewers", .profile = sim::RateProfile::constant(rate)}, .entry = 0});
  o.client.attempts.timeout = 2 * kSecond;
  o.duration = duration;
  return o;
}

sim::ServiceOptions service(const char* name, sim::Discipline discipline, Algorithm algorithm, sim::Ticks mean) {
  sim::ServiceOptions s;
  s.name = name;
  s.discipline = discipline;
  s.workers = 8;
  s.queue_limit = 100;
  s.service = {.distribution = sim::ServiceTime::Distribution::kLognormal, .mean = mean, .cv = 1.0};
  s.balancer.algorithm = algorithm;
  return s;
}

sim::Call call(sim::ServiceIndex to, std::uint32_t count, double hit_ratio) {
  sim::Call c;
  c.to = to;
  c.count = count;
  c.hit_ratio = hit_ratio;
  c.attempts.timeout = kSecond;
  c.attempts.max_retries = 1;
  c.attempts.budget = 0.1;
  return c;
}

void run(benchmark::State& state, const sim::SystemOptions& options, const std::vector<std::uint32_t>& pods) {
  std::uint64_t requests = 0, hops = 0, failed = 0;
  for (auto _ : state) {
    sim::MeshEngine engine(options, base::Random(1));
    sim::PodId id = 0;
    for (std::uint32_t s = 0; s < pods.size(); ++s) {
      for (std::uint32_t i = 0; i < pods[s]; ++i) engine.add_pod(id++, 0, {.service = s});
    }
    engine.finish();
    const sim::Totals totals = engine.totals();
    CHECK(totals.succeeded + totals.failed == totals.requests, "no request is lost");
    requests += totals.requests;
    failed += totals.failed;
    for (const sim::ServiceTotals& s : engine.services()) hops += s.received;
  }
  const auto flags = benchmark::Counter::kIsRate | benchmark::Counter::kInvert;
  state.counters["time/request"] = benchmark::Counter(static_cast<double>(requests), flags);
  state.counters["time/hop"] = benchmark::Counter(static_cast<double>(hops), flags);
  state.counters["hops/request"] = static_cast<double>(hops) / static_cast<double>(requests);
  state.counters["failed"] = static_cast<double>(failed);
}

// 430 pods of 8 workers at 70 %.
void single(benchmark::State& state, sim::Discipline discipline, Algorithm algorithm) {
  sim::SystemOptions o = base_system(60000, 100 * kSecond);
  o.services = {service("api", discipline, algorithm, 40 * kMillisecond)};
  run(state, o, {430});
}

// The viewers of engine_bench.cc in their first 500 s, who now reload when a call failed or took too long.
void viewers(benchmark::State& state, std::uint32_t pods) {
  sim::SystemOptions o = base_system(0, 500 * kSecond);
  o.sources.clear();
  o.services = {service("api", sim::Discipline::kFcfs, Algorithm::kRoundRobin, 40 * kMillisecond)};
  sim::ViewerOptions fans;
  fans.name = "fans";
  constexpr std::array<sim::RateProfile::Point, 4> kStarts = {
      {{0, 500}, {300 * kSecond, 500}, {400 * kSecond, 3000}, {700 * kSecond, 300}}};
  fans.starts = sim::RateProfile::from_points(kStarts, sim::RateProfile::Interpolation::kLinear).value();
  fans.heartbeat = 30 * kSecond;
  fans.reaction = sim::ViewerOptions::Reaction{.slower_than = 2 * kSecond, .probability = 0.5};
  o.viewers = {fans};
  run(state, o, {pods});
}

// api -> auth, then catalogue twice and ads; catalogue -> database behind a cache; auth -> users.
void graph(benchmark::State& state, sim::Discipline discipline, Algorithm algorithm) {
  sim::SystemOptions o = base_system(10000, 100 * kSecond);
  o.services = {service("api", discipline, algorithm, 10 * kMillisecond),
                service("auth", discipline, algorithm, 5 * kMillisecond),
                service("catalogue", discipline, algorithm, 8 * kMillisecond),
                service("ads", discipline, algorithm, 6 * kMillisecond),
                service("database", discipline, algorithm, 4 * kMillisecond),
                service("users", discipline, algorithm, 3 * kMillisecond)};
  o.services[0].workers = 32;  // they wait for the others
  o.services[1].workers = o.services[2].workers = 16;
  o.services[0].calls = {call(1, 1, 0), call(2, 2, 0), call(3, 1, 0)};
  o.services[1].calls = {call(5, 1, 0.5)};
  o.services[2].calls = {call(4, 1, 0.8)};
  run(state, o, {50, 20, 40, 20, 10, 10});
}

BENCHMARK_CAPTURE(single, fcfs_round_robin, sim::Discipline::kFcfs, Algorithm::kRoundRobin);
BENCHMARK_CAPTURE(single, fcfs_two_choices, sim::Discipline::kFcfs, Algorithm::kPowerOfTwoChoices);
BENCHMARK_CAPTURE(single, fcfs_least_outstanding, sim::Discipline::kFcfs, Algorithm::kLeastOutstanding);
BENCHMARK_CAPTURE(single, sharing_two_choices, sim::Discipline::kProcessorSharing, Algorithm::kPowerOfTwoChoices);
BENCHMARK_CAPTURE(viewers, content, 430);
BENCHMARK_CAPTURE(viewers, overloaded, 100);
BENCHMARK_CAPTURE(graph, fcfs_round_robin, sim::Discipline::kFcfs, Algorithm::kRoundRobin);
BENCHMARK_CAPTURE(graph, fcfs_least_outstanding, sim::Discipline::kFcfs, Algorithm::kLeastOutstanding);
BENCHMARK_CAPTURE(graph, sharing_two_choices, sim::Discipline::kProcessorSharing, Algorithm::kPowerOfTwoChoices);

}  // namespace
