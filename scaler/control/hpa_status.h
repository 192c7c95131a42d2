// The status of a HorizontalPodAutoscaler (autoscaling/v2) in its JSON.
//
// Stateless.
#pragma once

#include <string>

#include "scaler/client/api_types.h"
#include "scaler/model/observation.h"

namespace scaler {

// What is absent or of a wrong type is as if it was not there.
HpaObjectState decode_hpa_state(const PolicyObject& hpa);

// A merge patch for /status that leaves nothing of the status before.
std::string encode_hpa_status(const HpaStatus& status);

}  // namespace scaler
