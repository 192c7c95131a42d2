// What a request costs in the engine: the load of the spike scenario (2,000 to 60,000 requests/s, 61 million in half an
// hour) on 430 pods of 8 workers, with queue cap, client time-out, histograms and percentiles of every second.
//
// One iteration is a whole run; the pods are sampled every 15 s as a metrics server does. Counters: requests per
// second of CPU time, and nanoseconds a request.
#include <benchmark/benchmark.h>

#include <array>

#include "common/base/check.h"
#include "sim/service/engine.h"
#include "sim/traffic/arrival_process.h"

namespace {

using sim::kMillisecond;
using sim::kSecond;
using sim::RateProfile;
using Algorithm = sim::BalancerOptions::Algorithm;

constexpr sim::PodId kPods = 430;

RateProfile spike_profile() {
  constexpr std::array<RateProfile::Point, 6> kPoints = {{{0, 2000},
                                                          {600 * kSecond, 2000},
                                                          {690 * kSecond, 60000},
                                                          {1200 * kSecond, 60000},
                                                          {1500 * kSecond, 20000},
                                                          {1800 * kSecond, 20000}}};
  return RateProfile::from_points(kPoints, RateProfile::Interpolation::kLinear).value();
}

sim::EngineOptions spike(Algorithm algorithm, sim::Discipline discipline) {
  sim::EngineOptions options;
  options.sources = {{.name = "viewers", .profile = spike_profile()}};
  options.client.timeout = 2 * kSecond;
  options.discipline = discipline;
  options.workers = 8;
  options.queue_limit = 100;
  options.service = {.distribution = sim::ServiceTime::Distribution::kLognormal, .mean = 40 * kMillisecond, .cv = 1.0};
  options.balancer.algorithm = algorithm;
  options.cpu = {.limit = 1.0, .per_request = 4 * kMillisecond, .per_rejection = 0, .idle = 0.02};
  options.slo = {.latency = 2 * kSecond, .percentile = 0.95};
  options.duration = 1800 * kSecond;
  return options;
}

sim::Totals run(const sim::EngineOptions& options, sim::PodId pods) {
  sim::Engine engine(options, base::Random(1));
  for (sim::PodId pod = 0; pod < pods; ++pod) engine.add_pod(pod, 0);
  for (sim::Ticks t = 15 * kSecond; t <= options.duration; t += 15 * kSecond) {
    for (sim::PodId pod = 0; pod < pods; ++pod) benchmark::DoNotOptimize(engine.usage(pod, t));
  }
  engine.finish();
  return engine.totals();
}

void report(benchmark::State& state, std::uint64_t requests) {
  const auto n = static_cast<double>(requests);
  state.counters["requests/s"] = benchmark::Counter(n, benchmark::Counter::kIsRate);
  state.counters["time/request"] = benchmark::Counter(n, benchmark::Counter::kIsRate | benchmark::Counter::kInvert);
}

void spike_run(benchmark::State& state, Algorithm algorithm, sim::Discipline discipline, sim::PodId pods,
               std::uint32_t retries) {
  std::uint64_t requests = 0;
  sim::Totals totals;
  sim::EngineOptions options = spike(algorithm, discipline);
  options.client.max_retries = retries;
  options.client.backoff = 200 * kMillisecond;
  options.client.budget = 0.1;
  for (auto _ : state) {
    totals = run(options, pods);
    CHECK(totals.succeeded + totals.failed == totals.requests, "no request is lost");
    requests += totals.requests;
  }
  report(state, requests);
  state.counters["failed"] = static_cast<double>(totals.failed);
}

void arrivals_alone(benchmark::State& state) {
  const auto demand = sim::QuantileTable::lognormal(40.0 * static_cast<double>(kMillisecond), 1.0);
  const sim::ArrivalProcess process(spike_profile(), {}, demand, base::Random(1));
  sim::ArrivalBatch batch;
  std::uint64_t requests = 0;
  for (auto _ : state) {
    for (std::int64_t slice = 0; slice < 1800 * 16; ++slice) {
      process.generate(slice, batch);
      requests += batch.size();
    }
  }
  report(state, requests);
}

constexpr auto kFcfs = sim::Discipline::kFcfs;
constexpr auto kSharing = sim::Discipline::kProcessorSharing;

BENCHMARK(arrivals_alone)->Unit(benchmark::kMillisecond);
BENCHMARK_CAPTURE(spike_run, fcfs_round_robin, Algorithm::kRoundRobin, kFcfs, kPods, 0)->Unit(benchmark::kMillisecond);
BENCHMARK_CAPTURE(spike_run, fcfs_random, Algorithm::kRandom, kFcfs, kPods, 0)->Unit(benchmark::kMillisecond);
BENCHMARK_CAPTURE(spike_run, fcfs_two_choices, Algorithm::kPowerOfTwoChoices, kFcfs, kPods, 0)
    ->Unit(benchmark::kMillisecond);
BENCHMARK_CAPTURE(spike_run, fcfs_least_outstanding, Algorithm::kLeastOutstanding, kFcfs, kPods, 0)
    ->Unit(benchmark::kMillisecond);
BENCHMARK_CAPTURE(spike_run, central_queue, Algorithm::kCentralQueue, kFcfs, kPods, 0)->Unit(benchmark::kMillisecond);
BENCHMARK_CAPTURE(spike_run, sharing_round_robin, Algorithm::kRoundRobin, kSharing, kPods, 0)
    ->Unit(benchmark::kMillisecond);
BENCHMARK_CAPTURE(spike_run, sharing_two_choices, Algorithm::kPowerOfTwoChoices, kSharing, kPods, 0)
    ->Unit(benchmark::kMillisecond);
BENCHMARK_CAPTURE(spike_run, sharing_least_outstanding, Algorithm::kLeastOutstanding, kSharing, kPods, 0)
    ->Unit(benchmark::kMillisecond);
BENCHMARK_CAPTURE(spike_run, fcfs_least_outstanding_retries, Algorithm::kLeastOutstanding, kFcfs, kPods, 2)
    ->Unit(benchmark::kMillisecond);
// Too few pods for the peak: full queues, time-outs, rejections.
BENCHMARK_CAPTURE(spike_run, fcfs_round_robin_overloaded, Algorithm::kRoundRobin, kFcfs, kPods / 2, 0)
    ->Unit(benchmark::kMillisecond);
BENCHMARK_CAPTURE(spike_run, fcfs_round_robin_overloaded_retries, Algorithm::kRoundRobin, kFcfs, kPods / 2, 2)
    ->Unit(benchmark::kMillisecond);
BENCHMARK_CAPTURE(spike_run, fcfs_least_outstanding_overloaded, Algorithm::kLeastOutstanding, kFcfs, kPods / 2, 0)
    ->Unit(benchmark::kMillisecond);
BENCHMARK_CAPTURE(spike_run, sharing_two_choices_overloaded_retries, Algorithm::kPowerOfTwoChoices, kSharing, kPods / 2,
                  2)
    ->Unit(benchmark::kMillisecond);

}  // namespace
