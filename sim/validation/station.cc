#include "sim/validation/station.h"

#include <algorithm>
#include <cmath>

#include "common/base/number_format.h"
#include "sim/service/engine.h"

namespace sim {
namespace {

double requests_of(const Station& station, const CaseContext& context) {
  return std::max(20'000.0, std::floor(station.requests * context.scale));
}

Totals run_once(const Station& station, const CaseContext& context, int seed) {
  const double per_second = station.load() / to_seconds(station.unit());
  EngineOptions o;
  o.sources = {{.name = "all", .profile = RateProfile::constant(per_second)}};
  o.discipline = station.discipline;
  o.workers = station.workers;
  o.queue_limit = station.queue_limit;
  o.service = {.distribution = station.law, .mean = station.unit(), .cv = station.cv};
  o.balancer.algorithm = station.algorithm;
  o.balancer.choices = station.choices;
  const double warmup = station.warmup * to_seconds(station.unit());
  o.warmup = static_cast<Ticks>(std::ceil(warmup)) * kSecond;
  o.duration = o.warmup + static_cast<Ticks>(std::ceil(requests_of(station, context) / per_second)) * kSecond;
  Engine engine(o, context.random.fork(static_cast<std::uint64_t>(seed)));
  for (PodId pod = 0; pod < station.pods; ++pod) engine.add_pod(pod, 0);
  engine.finish();
  return engine.totals();
}

double share(std::uint64_t part, std::uint64_t all) {
  return all > 0 ? static_cast<double>(part) / static_cast<double>(all) : 0.0;
}

}  // namespace

Estimate Sample::estimate_of(const std::vector<double>& values) {
  if (values.empty()) return {};
  const double n = static_cast<double>(values.size());
  double mean = 0;
  for (const double x : values) mean += x / n;
  double squares = 0;
  for (const double x : values) squares += (x - mean) * (x - mean);
  return {mean, n > 1 ? std::sqrt(squares / (n - 1) / n) : 0.0};
}

Estimate Sample::wait() const {
  return estimate([this](const Totals& t) { return in_units(t.queue_wait.mean); });
}
Estimate Sample::latency() const {
  return estimate([this](const Totals& t) { return in_units(t.latency.mean); });
}
Estimate Sample::latency_p95() const {
  return estimate([this](const Totals& t) { return in_units(t.latency.p95); });
}
Estimate Sample::latency_p99() const {
  return estimate([this](const Totals& t) { return in_units(t.latency.p99); });
}
Estimate Sample::utilization() const {
  return estimate([](const Totals& t) { return t.utilization; });
}
Estimate Sample::rejected() const {
  return estimate([](const Totals& t) { return share(t.rejected, t.requests); });
}
Estimate Sample::timed_out() const {
  return estimate([](const Totals& t) { return share(t.timed_out, t.requests); });
}

Sample run_station(const Station& station, const CaseContext& context) {
  std::vector<Totals> runs;
  for (int seed = 0; seed < context.seeds; ++seed) runs.push_back(run_once(station, context, seed));
  return {std::move(runs), station.unit()};
}

RunLength run_length(const Station& station, const CaseContext& context) {
  return run_length(requests_of(station, context), station.requests, context);
}

RunLength run_length(double requests, double at_full_length, const CaseContext& context) {
  return {
      std::to_string(context.seeds) + " x " + base::format_grouped(static_cast<std::uint64_t>(requests)) + " requests",
      context.share(requests / at_full_length)};
}

Row mean_row(std::string name, std::string source, double theory, const Estimate& ours, const RunLength& length,
             double bound) {
  Row row;
  row.name = std::move(name);
  row.source = std::move(source);
  row.expected = theory;
  row.actual = ours.mean;
  row.check = Check::kRelative;
  row.tolerance = widened(bound, length.share);
  row.standard_error = ours.error;
  row.note = length.text;
  return row;
}

}  // namespace sim
