// What a stabilization window makes of a recommendation, and how the decision tells it.
//
// Free functions; the state is the Stabilizer's. Shared by the HPA and the ScalingPolicy.
#pragma once

#include <optional>

#include "scaler/model/decision.h"
#include "scaler/policy/hpa/hpa_spec.h"
#include "scaler/policy/hpa/stabilizer.h"

namespace scaler {

// Both take decision.final for the recommendation of decision.at, record it, move decision.final to what the window
// allows, and say when it allows more; nullopt if it held nothing.

// By the windows of `behavior`; without one of its own, scaling down has `default_down`.
std::optional<NextChange> stabilize_by_behavior(Stabilizer& stabilizer, const Behavior& behavior,
                                                base::Duration default_down, Decision& decision);

// Without `behavior`: nothing holds on the way up.
std::optional<NextChange> stabilize_downwards(Stabilizer& stabilizer, base::Duration window, Decision& decision);

}  // namespace scaler
