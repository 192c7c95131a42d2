// Observations and specs for tests of policies, in a few words.
#pragma once

#include <string>
#include <vector>

#include "scaler/model/decision.h"
#include "scaler/model/observation.h"
#include "scaler/policy/policy_spec.h"

namespace scaler::testing {

// 2026-01-01T00:00:00Z
inline constexpr base::Time kStart{std::chrono::seconds(1767225600)};

base::Time utc(const std::string& rfc3339);

// A target of `replicas` pods, "pod-000" and so on, ready since yesterday, each requesting 1 core.
Observation target_of(base::Time now, int replicas);
// All pods use so many percent of their request, measured just now.
Observation with_cpu(Observation observation, int percent);
// The pods share `total` of the metric "rps" evenly, measured just now.
Observation with_rps(Observation observation, double total);

MetricSpec cpu_metric(int percent);
MetricSpec rps_metric(int per_pod);

PolicySpec hpa(int min, int max, std::vector<MetricSpec> metrics, std::optional<Behavior> behavior = std::nullopt);
PolicySpec scaling_policy(ScalingPolicySpec rules);
PolicySpec tuner(HpaTunerSpec rules);

ScalingRules rules(std::vector<RatePolicy> policies, std::optional<base::Duration> window = std::nullopt,
                   SelectPolicy select = SelectPolicy::kMax);
RatePolicy pods_per(int pods, base::Duration period);
RatePolicy percent_per(int percent, base::Duration period);

// What is wrong with the way from what was asked for, over the steps, to the answer: each step begins where the one
// before ended, changes the number and says why, and no rule is told both as a step and as not used. Empty: nothing is.
std::string chain_fault(const Decision& decision);

// "rule before>after; rule before>after"
std::string steps_of(const Decision& decision);

}  // namespace scaler::testing
