// Reads `spec.cluster`, and delays that are drawn anew each time.
#pragma once

#include <string>
#include <vector>

#include "common/config/fields.h"
#include "sim/scenario/scenario.h"

namespace sim {

// The parameters of a delay of `kind`: lognormal {median, sigma}, exponential {mean}, otherwise fixed {delay}.
// Complains by FieldError, as all here.
DelaySpec read_delay(config::Fields& fields, const std::string& kind);

ClusterSpec read_cluster(config::Fields& spec);

}  // namespace sim
