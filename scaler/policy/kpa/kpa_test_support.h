// A PodAutoscaler under a given concurrency, in a few words.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "scaler/policy/kpa/kpa_policy.h"
#include "scaler/policy/policy_test_support.h"

// A namespace of its own: other folders have helpers of these names.
namespace scaler::kpa_testing {

using namespace std::chrono_literals;
using testing::kStart;
using testing::steps_of;
using testing::target_of;

inline const MetricNeed kConcurrency{"concurrency", "deployment=api", {}};

inline PolicySpec kpa(KpaSpec rules) {
  PolicySpec spec;
  spec.name = "api-kpa";
  spec.target = {"apps/v1", "Deployment", "api"};
  spec.rules = rules;
  return spec;
}

// A pod is to have 10 and can take 10.
inline KpaSpec ten_a_pod() {
  KpaSpec spec;
  spec.target = 10;
  spec.target_utilization = 1;
  spec.target_burst_capacity = 0;
  return spec;
}

inline Observation with(Observation observation, const MetricNeed& need, std::vector<MetricValue> values) {
  observation.external_metrics.insert_or_assign(need, base::Result<std::vector<MetricValue>>(std::move(values)));
  return observation;
}

// `pods` ready pods and `concurrency` requests in flight, measured just now.
inline Observation at(base::Time now, int pods, double concurrency) {
  return with(target_of(now, pods), kConcurrency, {{static_cast<std::int64_t>(concurrency * 1000), now}});
}

// Asks every 2 s up to and including `until`, and applies the decisions to the pods at once.
inline Decision follow(KpaPolicy& policy, base::Time& now, base::Time until, int& pods, double concurrency) {
  Decision last;
  while (now < until) {
    now += 2s;
    last = policy.evaluate(at(now, pods, concurrency));
    pods = last.final;
  }
  return last;
}

// Empty if the rule is not among them.
inline std::string why_unused(const Decision& decision, const std::string& rule) {
  for (const Unused& unused : decision.unused) {
    if (unused.rule == rule) return unused.why;
  }
  return "";
}

}  // namespace scaler::kpa_testing
