// The group kpa.scale of the vector file: ticks of the decider of the Knative autoscaler.
#pragma once

#include "scaler/policy/vectors/reconcile_vectors.h"

namespace scaler::vectors {

Outcome run_kpa_scale(const Json& input, const Json& expect);

}  // namespace scaler::vectors
