// The status of an HpaTuner object: status.lastUpScaleTime and status.lastDownScaleTime. With it a restarted scaler
// knows the windows of its tuners.
//
// Stateless.
#pragma once

#include <string>

#include "scaler/client/api_types.h"
#include "scaler/policy/tuner/tuner_policy.h"

namespace scaler {

// What is no time is not there.
TunerStatus decode_tuner_status(const PolicyObject& tuner);
// A merge patch for /status.
std::string encode_tuner_status(const TunerStatus& status);

}  // namespace scaler
