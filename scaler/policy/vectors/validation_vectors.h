// The groups of the vector file about what the API server does with an HPA: validation and defaulting.
//
// Stateless.
#pragma once

#include "scaler/policy/vectors/vector_outcome.h"

namespace scaler::vectors {

// `spec`, and for an update `oldSpec`, are what the server validates: nothing is filled in before.
Outcome run_spec_validation(const Json& in, const Json& expect);
Outcome run_scale_validation(const Json& in, const Json& expect);
Outcome run_spec_defaulting(const Json& in, const Json& expect);

}  // namespace scaler::vectors
