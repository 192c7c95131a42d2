// The group reconcile of the vector file: whole rounds of the HPA controller, from the object and its surroundings to
// status, events and labels.
//
// Stateless.
#pragma once

#include <string>

#include "scaler/policy/vectors/vector_outcome.h"
#include "scaler/policy/vectors/vector_values.h"

namespace scaler::vectors {

Outcome run_reconcile(const Json& input, const Json& expect);

}  // namespace scaler::vectors
