// The groups of the vector file about what the API server does with an HPA: validation and defaulting.
//
// Stateless.
#pragma once

#include <nlohmann/json.hpp>

#include "scaler/policy/vectors/reconcile_vectors.h"

namespace scaler::vectors {

// `spec`, and for an update `oldSpec`, are what the server validates: nothing is filled in before.
Outcome run_spec_validation(const nlohmann::json& in, const nlohmann::json& expect);
Outcome run_scale_validation(const nlohmann::json& in, const nlohmann::json& expect);
Outcome run_spec_defaulting(const nlohmann::json& in, const nlohmann::json& expect);

}  // namespace scaler::vectors
