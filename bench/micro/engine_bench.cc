// What a request costs in the engine: the load of the spike scenario (2,000 to 60,000 requests/s, 61 million in half an
// hour) on 430 pods of 8 workers, with queue cap, client time-out, histograms and percentiles of every second.
//
// One iteration is a whole run; the pods are sampled every 15 s as a metrics server does. Counters: requests per
// second of CPU time, and nanoseconds a request.
#include <benchmark/benchmark.h>

#include <array>
#include <ctime>

#include "bench/micro/reference_kernel.h"
#include "common/base/check.h"
#include "sim/cohort/cohort_error.h"
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

// A client that waits two seconds; with retries it also sends again twice within a budget of a tenth.
struct Client {
  std::uint32_t retries = 0;
  bool cancels = false;
};
constexpr Client kPatient{};
constexpr Client kRetrying{.retries = 2, .cancels = false};
constexpr Client kCancelling{.retries = 2, .cancels = true};

void spike_run(benchmark::State& state, Algorithm algorithm, sim::Discipline discipline, sim::PodId pods,
               Client client) {
  std::uint64_t requests = 0;
  sim::Totals totals;
  sim::EngineOptions options = spike(algorithm, discipline);
  options.threads = static_cast<std::uint32_t>(state.range(0));
  options.client.max_retries = client.retries;
  options.client.cancels = client.cancels;
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

// The mean rate of the match day wc98-0626, a billion requests in ten hours, and its scatter, held for a hundredth of
// its length on pods that nobody scales. The real one is run by run.sh.
void match_day(benchmark::State& state, Algorithm algorithm) {
  sim::EngineOptions options = spike(algorithm, sim::Discipline::kFcfs);
  options.sources = {{.name = "viewers", .profile = RateProfile::constant(1e9 / 36'000)}};
  options.arrivals = {.process = sim::ArrivalOptions::Process::kGamma, .dispersion = 2.5};
  options.duration = 360 * kSecond;
  std::uint64_t requests = 0;
  for (auto _ : state) requests += run(options, 200).requests;
  report(state, requests);
}

// The spike in the exact engine and in the coarse one, same options, one after the other: CPU seconds of each.
void coarse(benchmark::State& state, Algorithm algorithm, sim::Discipline discipline) {
  const sim::EngineOptions options = spike(algorithm, discipline);
  double exact = 0, cohort = 0;
  for (auto _ : state) {
    const sim::CohortError e = sim::compare_cohort(options, {{.at = 0, .pods = kPods}}, 1, [] {
      return static_cast<double>(std::clock()) / static_cast<double>(CLOCKS_PER_SEC);
    });
    exact += e.exact_seconds;
    cohort += e.coarse_seconds;
  }
  const auto runs = static_cast<double>(state.iterations());
  state.counters["exact"] = exact / runs;
  state.counters["cohort"] = cohort / runs;
}

// Viewers who come at a game's pace, make five calls each and then send a heartbeat every half minute: up to 60,000
// requests/s. They do not react to what they get; those who do are in mesh_bench.cc.
void viewers(benchmark::State& state, Algorithm algorithm) {
  sim::EngineOptions options = spike(algorithm, sim::Discipline::kFcfs);
  options.sources.clear();
  sim::ViewerOptions fans;
  fans.name = "fans";
  constexpr std::array<RateProfile::Point, 4> kStarts = {
      {{0, 500}, {300 * kSecond, 500}, {400 * kSecond, 3000}, {700 * kSecond, 300}}};
  fans.starts = RateProfile::from_points(kStarts, RateProfile::Interpolation::kLinear).value();
  fans.heartbeat = 30 * kSecond;
  options.viewers = {fans};
  options.duration = 1200 * kSecond;
  std::uint64_t requests = 0;
  for (auto _ : state) requests += run(options, kPods).requests;
  report(state, requests);
}

void reference_kernel(benchmark::State& state, bench::KernelResult (*kernel)(const bench::KernelLoad&)) {
  std::uint64_t requests = 0;
  for (auto _ : state) {
    const bench::KernelResult result = kernel({});
    benchmark::DoNotOptimize(result.checksum);
    requests += result.requests;
  }
  report(state, requests);
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

#define ENGINE_BENCH(name, algorithm, discipline, pods, client)                      \
  BENCHMARK_CAPTURE(spike_run, name, Algorithm::algorithm, discipline, pods, client) \
      ->Unit(benchmark::kMillisecond)                                                \
      ->Arg(1)

BENCHMARK(arrivals_alone)->Unit(benchmark::kMillisecond);
ENGINE_BENCH(fcfs_round_robin, kRoundRobin, kFcfs, kPods, kPatient)->Arg(2);
ENGINE_BENCH(fcfs_random, kRandom, kFcfs, kPods, kPatient);
ENGINE_BENCH(fcfs_two_choices, kPowerOfTwoChoices, kFcfs, kPods, kPatient);
ENGINE_BENCH(fcfs_least_outstanding, kLeastOutstanding, kFcfs, kPods, kPatient);
ENGINE_BENCH(central_queue, kCentralQueue, kFcfs, kPods, kPatient);
ENGINE_BENCH(sharing_round_robin, kRoundRobin, kSharing, kPods, kPatient)->Arg(2);
ENGINE_BENCH(sharing_two_choices, kPowerOfTwoChoices, kSharing, kPods, kPatient);
ENGINE_BENCH(sharing_least_outstanding, kLeastOutstanding, kSharing, kPods, kPatient);
ENGINE_BENCH(fcfs_two_choices_cancelling, kPowerOfTwoChoices, kFcfs, kPods, kCancelling);
ENGINE_BENCH(fcfs_least_outstanding_retrying, kLeastOutstanding, kFcfs, kPods, kRetrying);
ENGINE_BENCH(sharing_round_robin_cancelling, kRoundRobin, kSharing, kPods, kCancelling);
ENGINE_BENCH(sharing_two_choices_cancelling, kPowerOfTwoChoices, kSharing, kPods, kCancelling);
// Too few pods for the peak: full queues, time-outs, rejections.
ENGINE_BENCH(fcfs_round_robin_overloaded, kRoundRobin, kFcfs, kPods / 2, kPatient);
ENGINE_BENCH(fcfs_round_robin_overloaded_retrying, kRoundRobin, kFcfs, kPods / 2, kRetrying);
ENGINE_BENCH(sharing_two_choices_overloaded_cancelling, kPowerOfTwoChoices, kSharing, kPods / 2, kCancelling);
ENGINE_BENCH(memory_of_2000_pods, kLeastOutstanding, kSharing, 2000, kCancelling);
BENCHMARK_CAPTURE(coarse, fcfs_round_robin, Algorithm::kRoundRobin, kFcfs)->Unit(benchmark::kMillisecond);
BENCHMARK_CAPTURE(coarse, fcfs_two_choices, Algorithm::kPowerOfTwoChoices, kFcfs)->Unit(benchmark::kMillisecond);
BENCHMARK_CAPTURE(coarse, fcfs_least_outstanding, Algorithm::kLeastOutstanding, kFcfs)->Unit(benchmark::kMillisecond);
BENCHMARK_CAPTURE(coarse, sharing_round_robin, Algorithm::kRoundRobin, kSharing)->Unit(benchmark::kMillisecond);
BENCHMARK_CAPTURE(viewers, round_robin, Algorithm::kRoundRobin)->Unit(benchmark::kMillisecond);
BENCHMARK_CAPTURE(match_day, round_robin, Algorithm::kRoundRobin)->Unit(benchmark::kMillisecond);
BENCHMARK_CAPTURE(match_day, least_outstanding, Algorithm::kLeastOutstanding)->Unit(benchmark::kMillisecond);

BENCHMARK_CAPTURE(reference_kernel, lindley_round_robin, bench::lindley_round_robin)->Unit(benchmark::kMillisecond);
BENCHMARK_CAPTURE(reference_kernel, lindley_two_choices, bench::lindley_two_choices)->Unit(benchmark::kMillisecond);
BENCHMARK_CAPTURE(reference_kernel, least_outstanding, bench::least_outstanding)->Unit(benchmark::kMillisecond);
BENCHMARK_CAPTURE(reference_kernel, sharing_round_robin, bench::sharing_round_robin)->Unit(benchmark::kMillisecond);
BENCHMARK_CAPTURE(reference_kernel, textbook_round_robin, bench::textbook_round_robin)->Unit(benchmark::kMillisecond);

}  // namespace
