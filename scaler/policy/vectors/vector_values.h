// The values of a vector file as the policies' own. Ages become times before kNow.
#pragma once

#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "scaler/model/observation.h"
#include "scaler/policy/hpa/pod_groups.h"
#include "scaler/policy/hpa/rate_limits.h"
#include "scaler/policy/hpa/stabilizer.h"
#include "scaler/policy/policy_spec.h"

namespace scaler::vectors {

using Json = nlohmann::json;

// 2026-01-01T00:00:00Z; an unset time, 10^8 s ago, is in 2022.
inline constexpr base::Time kNow{std::chrono::seconds(1767225600)};

base::Time time_of_age(const Json& age_seconds);
base::Duration seconds_of(const Json& object, const char* key);
std::vector<PodObservation> pods_of(const Json& pods);
std::vector<PodUsage> usage_of(const Json& resource_metrics);
std::vector<PodMetricValue> custom_of(const Json& metrics);
MetricSamples samples_of(const Json& metrics);
Tolerance tolerance_of(const Json& tolerance);
ReadinessOptions readiness_of(const Json& input);
std::vector<ScaleEvent> events_of(const Json& events);
std::vector<Recommendation> recommendations_of(const Json& recommendations);
// `defaults` where the vector has null.
ScalingRules rules_of(const Json& rules, const ScalingRules& defaults);

}  // namespace scaler::vectors
