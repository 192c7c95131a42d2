// How far a run stayed behind an oracle: a policy that knows the demand of the whole night, but whose pods need as long
// to start as everybody's.
//
// With d(t) the demand (demand.h), L the start-up lag in whole seconds and s0 the pods that are ready at the start, the
// oracle asks for
//   r(t) = max of d(u), t <= u <= t + L, held between minimum and maximum:
// the demand, shifted forward by the lag, and no pod taken away that would be asked for again within it. A pod is ready
// L after it was asked for, one that is kept stays ready:
//   ready(t) = min of r(v), t - L <= v <= t, where before the start r is s0.
// Without bounds it is the cheapest plan with ready >= d: ready(t) >= d(t) needs r(v) >= d(t) for all v of [t - L, t].
// Its shortage can only be that of the first L seconds, or of the bounds. Pure functions.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

namespace sim {

struct OracleOptions {
  int lag_seconds = 60;   // from asked for to ready: the mean of the run's own pods, rounded up
  int initial_ready = 1;  // s0
  int minimum = 1;        // bounds of the policy under test
  int maximum = 1'000'000;
};

struct OraclePlan {
  std::vector<int> replicas;  // r(t): pods that exist, and are paid for
  std::vector<int> ready;
};
// REQUIRES: lag_seconds >= 0, minimum <= maximum.
OraclePlan oracle_plan(std::span<const int> demand, const OracleOptions& options);

struct Regret {
  double pod_hours = 0;         // of the run: all pods that exist
  double oracle_pod_hours = 0;  // of the plan
  int short_seconds = 0;        // ready < demand
  int oracle_short_seconds = 0;
  std::int64_t short_pod_seconds = 0;  // sum of demand - ready over them
  std::int64_t oracle_short_pod_seconds = 0;

  double extra_pod_hours() const { return pod_hours - oracle_pod_hours; }
  int extra_short_seconds() const { return short_seconds - oracle_short_seconds; }
  // Money of the run over that of the oracle; 1 if the oracle needs none.
  double relative_cost() const { return oracle_pod_hours > 0 ? pod_hours / oracle_pod_hours : 1.0; }
  bool operator==(const Regret&) const = default;
};
// `pods` and `ready` are those of the run. REQUIRES: three spans of one length.
Regret regret(std::span<const int> demand, std::span<const int> pods, std::span<const int> ready,
              const OracleOptions& options);

}  // namespace sim
