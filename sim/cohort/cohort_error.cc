#include "sim/cohort/cohort_error.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include "common/base/check.h"
#include "sim/cohort/cohort_engine.h"
#include "sim/service/engine.h"

namespace sim {
namespace {

constexpr Ticks kSampling = 15 * kSecond;

double relative(double coarse, double exact) {
  if (exact == 0) return coarse == 0 ? 0.0 : std::numeric_limits<double>::infinity();
  return (coarse - exact) / exact;
}
double relative(Ticks coarse, Ticks exact) { return relative(static_cast<double>(coarse), static_cast<double>(exact)); }

// Returns the worker time of all pods.
double run(RequestEngine& engine, const EngineOptions& options, const std::vector<PodStep>& schedule) {
  std::vector<PodId> there;
  PodId next = 0;
  const auto sample = [&](Ticks at) {
    for (PodId pod = 0; pod < next; ++pod) engine.usage(pod, at);
  };
  Ticks sampled = options.start;
  const Ticks end = options.start + options.duration;
  const auto sample_until = [&](Ticks t) {
    for (; sampled < std::min(t, end); sampled += kSampling) sample(sampled);
  };
  for (const PodStep& step : schedule) {
    sample_until(step.at);
    for (; there.size() < step.pods; ++next) {
      engine.add_pod(next, step.at);
      there.push_back(next);
    }
    for (; there.size() > step.pods; there.pop_back()) engine.remove_pod(there.back(), step.at);
  }
  sample_until(end);
  engine.advance_to(std::max(engine.now(), end));
  double busy = 0;
  for (PodId pod = 0; pod < next; ++pod) busy += to_seconds(engine.usage(pod, engine.now()).busy);
  engine.finish();
  return busy;
}

void compare_seconds(const std::vector<SecondResult>& coarse, const std::vector<SecondResult>& exact,
                     CohortError& error) {
  CHECK(coarse.size() == exact.size(), "both engines report every second");
  double weight = 0;
  for (std::size_t i = 0; i < exact.size(); ++i) {
    const SecondResult &a = coarse[i], &b = exact[i];
    error.seconds_apart += static_cast<std::int64_t>(a.degraded != b.degraded);
    if (b.arrivals == 0 || 2 * b.failed > b.arrivals || 2 * a.failed > a.arrivals) continue;
    const auto n = static_cast<double>(b.arrivals);
    error.seconds_p50 += n * std::abs(relative(a.p50, b.p50));
    // The 99th percentile only where it is an answer.
    if (100 * std::max(a.failed, b.failed) < b.arrivals) error.seconds_p99 += n * std::abs(relative(a.p99, b.p99));
    weight += n;
  }
  if (weight > 0) {
    error.seconds_p50 /= weight;
    error.seconds_p99 /= weight;
  }
}

}  // namespace

CohortError compare_cohort(const EngineOptions& options, const std::vector<PodStep>& schedule, std::uint64_t seed,
                           const Stopwatch& watch) {
  CohortError error;
  double begin = watch();
  Engine exact(options, base::Random(seed));
  const double exact_busy = run(exact, options, schedule);
  error.exact_seconds = watch() - begin;
  begin = watch();
  CohortEngine coarse(options, base::Random(seed));
  const double coarse_busy = run(coarse, options, schedule);
  error.coarse_seconds = watch() - begin;

  error.exact = exact.totals();
  error.coarse = coarse.totals();
  error.p50 = relative(error.coarse.latency.p50, error.exact.latency.p50);
  error.p95 = relative(error.coarse.latency.p95, error.exact.latency.p95);
  error.p99 = relative(error.coarse.latency.p99, error.exact.latency.p99);
  error.mean = relative(error.coarse.latency.mean, error.exact.latency.mean);
  error.failed = relative(static_cast<double>(error.coarse.failed), static_cast<double>(error.exact.failed));
  const auto count = [](std::uint64_t n) { return static_cast<double>(n); };
  error.failed_share =
      (count(error.coarse.failed) - count(error.exact.failed)) / std::max(1.0, count(error.exact.requests));
  error.busy = relative(coarse_busy, exact_busy);
  error.degradation_seconds = static_cast<std::int64_t>(error.coarse.degradation_seconds) -
                              static_cast<std::int64_t>(error.exact.degradation_seconds);
  compare_seconds(coarse.seconds(), exact.seconds(), error);
  return error;
}

}  // namespace sim
