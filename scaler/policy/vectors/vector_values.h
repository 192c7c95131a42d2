// The values of a vector file as the policies' own. Ages become times before kNow. What is not as the format says
// throws MalformedCase or an exception of the JSON library.
#pragma once

#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "scaler/model/observation.h"
#include "scaler/policy/hpa/pod_groups.h"
#include "scaler/policy/hpa/rate_limits.h"
#include "scaler/policy/hpa/stabilizer.h"
#include "scaler/policy/policy_spec.h"
#include "scaler/policy/vectors/vector_outcome.h"

namespace scaler::vectors {

// 2026-01-01T00:00:00Z; an unset time, 10^8 s ago, is in 2022.
inline constexpr base::Time kNow{std::chrono::seconds(1767225600)};

// Whole numbers of 64 bits, and of 32 as Kubernetes' replica counts; text; numbers; truth values.
std::int64_t integer(const Json& object, const char* key);
int count(const Json& object, const char* key);
double number(const Json& object, const char* key);
bool flag(const Json& object, const char* key);
std::string text(const Json& object, const char* key);
// Neither absent nor null.
bool has(const Json& object, const char* key);
// Of featureGates. What is absent or null, one gate or all of them, is `otherwise`: the policies' own default.
bool gate(const Json& input, const char* name, bool otherwise);
// REQUIRES of the format: a list.
const Json& list(const Json& object, const char* key);

base::Time time_of_age(const Json& object, const char* key);
base::Duration seconds_of(const Json& object, const char* key);
std::vector<std::int64_t> integers_of(const Json& values);

// Sorted by name.
std::vector<PodObservation> pods_of(const Json& pods);
std::vector<PodUsage> usage_of(const Json& resource_metrics);
std::vector<PodMetricValue> custom_of(const Json& metrics);
// [{pod, valueMilli, ageSeconds, windowSeconds?}], beside the pods. REQUIRES: both outlive the answer.
MetricSamples samples_of(const Json& metrics, const std::vector<PodObservation>& pods);
Tolerance tolerance_of(const Json& tolerance);
ReadinessOptions readiness_of(const Json& input);
std::vector<ScaleEvent> events_of(const Json& events);
std::vector<Recommendation> recommendations_of(const Json& recommendations);
// `defaults` where the vector has null.
ScalingRules rules_of(const Json& rules, const ScalingRules& defaults);

}  // namespace scaler::vectors
