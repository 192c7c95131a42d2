// What one run of a scenario found, and its machine-readable forms (run.json, decisions.ndjson).
// The fixed part of run.json has schemaVersion 1; everything else may grow.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "common/base/time.h"
#include "sim/metrics/elasticity.h"
#include "sim/metrics/lag_split.h"
#include "sim/metrics/regret.h"
#include "sim/metrics/slo.h"
#include "sim/run/engines.h"
#include "sim/scenario/scenario.h"

namespace sim {

// One entry a virtual second; entry i covers [i, i+1) s of the scenario. The cluster's state is that at its beginning.
struct Series {
  std::vector<std::int64_t> arrivals;  // requests that came in this second
  std::vector<double> p50_ms;          // latency from arrival to answer; a failed request counts as one hour
  std::vector<double> p95_ms;
  std::vector<double> p99_ms;
  std::vector<std::int64_t> failed;
  std::vector<std::int64_t> bad;         // failed, or slower than the SLO's latency
  std::vector<std::int64_t> satisfied;   // answered within the Apdex threshold T
  std::vector<std::int64_t> tolerating;  // answered later, within 4T
  std::vector<int> desired;              // spec.replicas of the Deployment
  std::vector<int> ready;
  std::vector<double> capacity;  // requests/s that the ready pods can serve at full utilisation
  std::vector<int> nodes;        // Ready nodes
  std::vector<int> demand;       // fewest pods that would meet the SLO for this second's arrivals (elasticity.h)
  std::vector<int> pods;         // all pods that exist, ready or not
};

struct LatencySummary {
  double mean = 0, p50 = 0, p90 = 0, p95 = 0, p99 = 0, p999 = 0, max = 0;  // milliseconds, of answered requests
};

struct Summary {
  std::uint64_t requests = 0, succeeded = 0, failed = 0, rejected = 0, timed_out = 0, retried = 0;
  LatencySummary latency_ms;
  double queue_wait_mean_ms = 0, queue_wait_p95_ms = 0, queue_wait_p99_ms = 0;
  int degradation_seconds = 0;
  int longest_degradation_seconds = 0;  // the longest unbroken stretch of them
  double slo_violation_ratio = 0;
  double pod_hours = 0, node_hours = 0, cost = 0;
  int scale_events = 0;     // writes that changed the Deployment's replicas
  int scale_reversals = 0;  // those in the other direction than the one before
  Elasticity elasticity;
  double mean_in_system = 0;
  double utilization = 0;
  double worst_p99_ms = 0;
  int time_to_capacity_seconds = 0;  // the longest stretch with fewer ready pods than the demand
  int slo_minutes = 0;
  BudgetBurn budget_burn;
  double apdex = 1;
  double elastic_speedup = 1;    // over the replicas of the start, kept
  CappedDemand capped;           // what maxReplicas took from the decisions
  int start_up_lag_seconds = 0;  // from a pod's creation until it is ready, mean, rounded up; the oracle's too
  Regret regret;
  LagSplit lag;  // of the pods that scale-ups brought, mean
};

// Another workload than the first.
struct WorkloadSeries {
  std::string name;
  std::vector<int> desired;
  std::vector<int> ready;
};

// Whether one expectation of the scenario came true for one policy.
struct ExpectationResult {
  const Expectation* expectation = nullptr;
  std::string policy;
  std::optional<double> value;  // nullopt: the summary has no such number
  bool met = false;
};

struct PolicyResult {
  std::string name;
  std::string text;  // of its file
  Summary summary;
  Series series;
  std::vector<WorkloadSeries> other_workloads;
  std::vector<ServiceTotals> services;  // of a system of several
  std::vector<std::string> decisions;   // one JSON object each, in order of time
};

struct RunResult {
  const Scenario* scenario = nullptr;
  double wall_seconds = 0;  // outside the determinism contract
  Fidelity fidelity = Fidelity::kExact;
  std::vector<PolicyResult> policies;
  std::vector<ExpectationResult> expectations;
};

// 0.95 as "p95".
std::string percentile_name(double percentile);

// A number of the summary by its path in run.json, dots inside: "latencyMs.p95".
std::optional<double> summary_value(const PolicyResult& policy, const std::string& path);
// Every path that summary_value() knows.
std::vector<std::string> summary_paths();

// Both end with a newline.
std::string run_json(const RunResult& result);
std::string decisions_ndjson(const RunResult& result);

}  // namespace sim
