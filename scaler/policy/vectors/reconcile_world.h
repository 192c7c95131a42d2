// What the input of a reconcile case says, as an HpaPolicy is given it.
//
// Stateless.
#pragma once

#include <optional>

#include "scaler/policy/hpa/hpa_policy.h"
#include "scaler/policy/vectors/vector_outcome.h"

namespace scaler::vectors {

PolicySpec hpa_spec_of(const Json& input);
ControllerOptions controller_of(const Json& input);
std::optional<HpaPolicy::History> history_of(const Json& input);
HpaObjectState object_of(const Json& input);
Observation observation_of(const Json& input, const MetricNeeds& needs);

}  // namespace scaler::vectors
