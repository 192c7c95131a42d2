// What the API server fills into a HorizontalPodAutoscaler of autoscaling/v2 before it validates it.
//
// Stateless.
#pragma once

#include <nlohmann/json_fwd.hpp>

namespace scaler {

// Defaults are filled in field by field: what the user gave stays, an empty list of policies too. Null is absent; a
// value of a wrong type is left as it is. The key `stabilizationWindowSeconds` of scaleDown has no default here.
nlohmann::json apply_hpa_defaults(nlohmann::json spec);

// The same for spec.behavior alone, which gets both directions.
nlohmann::json apply_behavior_defaults(nlohmann::json behavior);

}  // namespace scaler
