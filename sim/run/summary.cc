#include "sim/run/summary.h"

#include <algorithm>
#include <cmath>
#include <span>

#include "sim/metrics/demand.h"

namespace sim {
namespace {

// Of pods that started when none did: what an image that is there takes.
constexpr int kUnknownLagSeconds = 30;
// For the demand that a scale-up is measured against; a single noisy second calls for nobody.
constexpr double kDemandHysteresis = 0.1;

double milliseconds(Ticks t) { return static_cast<double>(t) / 1e6; }

// Without the warm-up, which no number of the summary knows.
template <class T>
std::span<const T> measured(const std::vector<T>& values, std::size_t warmup) {
  return std::span(values).subspan(std::min(warmup, values.size()));
}

void add_requests(const Totals& t, Summary& s) {
  s.requests = t.requests;
  s.succeeded = t.succeeded;
  s.failed = t.failed;
  s.rejected = t.rejected;
  s.timed_out = t.timed_out;
  s.retried = t.retried;
  s.latency_ms = {milliseconds(t.latency.mean), milliseconds(t.latency.p50), milliseconds(t.latency.p90),
                  milliseconds(t.latency.p95),  milliseconds(t.latency.p99), milliseconds(t.latency.p999),
                  milliseconds(t.latency.max)};
  s.queue_wait_mean_ms = milliseconds(t.queue_wait.mean);
  s.queue_wait_p95_ms = milliseconds(t.queue_wait.p95);
  s.queue_wait_p99_ms = milliseconds(t.queue_wait.p99);
  s.degradation_seconds = static_cast<int>(t.degradation_seconds);
  s.slo_violation_ratio = t.slo_violation_ratio;
  s.mean_in_system = t.mean_in_system;
  s.utilization = t.utilization;
}

// The mean time from creation to readiness, rounded up.
int start_up_lag(const std::vector<PodMoments>& pods) {
  if (pods.empty()) return kUnknownLagSeconds;
  base::Duration sum{};
  for (const PodMoments& pod : pods) sum += pod.ready - pod.created;
  return static_cast<int>(std::ceil(base::seconds(sum) / static_cast<double>(pods.size())));
}

// Degraded as an engine counts it: the percentile of the second's requests is a bad one.
int longest_degradation(std::span<const std::int64_t> arrivals, std::span<const std::int64_t> bad, double percentile) {
  int longest = 0;
  int length = 0;
  for (std::size_t i = 0; i < arrivals.size(); ++i) {
    const double allowed = (1.0 - percentile) * static_cast<double>(arrivals[i]) * (1.0 + 1e-9);
    length = static_cast<double>(bad[i]) > allowed ? length + 1 : 0;
    longest = std::max(longest, length);
  }
  return longest;
}

void add_experience(const SummaryInputs& in, std::size_t warmup, Summary& s) {
  const auto arrivals = measured(in.series.arrivals, warmup);
  const auto bad = measured(in.series.bad, warmup);
  s.longest_degradation_seconds = longest_degradation(arrivals, bad, in.scenario.system.slo.percentile);
  s.slo_minutes = slo_minutes(arrivals, bad, 1.0 - in.scenario.system.slo.percentile);
  s.budget_burn = budget_burn(arrivals, bad, in.scenario.error_budget);
  s.apdex = apdex(measured(in.series.satisfied, warmup), measured(in.series.tolerating, warmup), arrivals);
}

void add_cost(const SummaryInputs& in, std::size_t warmup, Summary& s) {
  std::int64_t pod_seconds = 0;
  std::int64_t node_seconds = 0;
  for (std::size_t i = warmup; i < in.series.pods.size(); ++i) {
    pod_seconds += in.series.pods[i];
    node_seconds += in.series.nodes[i];
    s.worst_p99_ms = std::max(s.worst_p99_ms, in.series.p99_ms[i]);
  }
  s.pod_hours = static_cast<double>(pod_seconds) / 3600;
  s.node_hours = static_cast<double>(node_seconds) / 3600;
  s.cost = s.pod_hours * in.scenario.cost.pod_hour + s.node_hours * in.scenario.cost.node_hour;
}

void add_scaling(const SummaryInputs& in, std::size_t warmup, Summary& s) {
  const auto demand = measured(in.series.demand, warmup);
  const auto supply = measured(in.series.ready, warmup);
  s.scale_events = in.scale_events;
  s.scale_reversals = in.scale_reversals;
  s.elasticity = elasticity(demand, supply);
  // Without an autoscaler the replicas of the start would have stayed.
  const std::vector<int> still(supply.size(), supply.empty() ? 0 : supply.front());
  s.elastic_speedup = elastic_speedup(elasticity(demand, still), s.elasticity);
  s.time_to_capacity_seconds = time_to_capacity(demand, supply);
  s.capped = capped_demand(measured(in.capped, warmup), 0);

  OracleOptions oracle;
  oracle.lag_seconds = start_up_lag(in.pods);
  oracle.initial_ready = supply.empty() ? 0 : supply.front();
  s.regret = regret(demand, measured(in.first_pods, warmup), supply, oracle);
  s.start_up_lag_seconds = oracle.lag_seconds;

  std::vector<int> steady;
  for (const double pods : steady_curve(in.series.demand, kDemandHysteresis)) {
    steady.push_back(static_cast<int>(std::ceil(pods)));
  }
  std::vector<LagSplit> splits;
  for (const ScaleUp& up : scale_ups(steady, in.decisions, in.pods)) {
    for (int i = 0; i < up.pods; ++i) splits.push_back(up.lag);
  }
  s.lag = mean_lag(splits);
}

}  // namespace

Summary summarize(const SummaryInputs& inputs) {
  const auto warmup = static_cast<std::size_t>(inputs.scenario.system.warmup / kSecond);
  Summary summary;
  add_requests(inputs.totals, summary);
  add_experience(inputs, warmup, summary);
  add_cost(inputs, warmup, summary);
  add_scaling(inputs, warmup, summary);
  return summary;
}

}  // namespace sim
