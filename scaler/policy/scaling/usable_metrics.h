// Leaves out of an Observation what cannot be believed: samples older than a limit, and negative values.
//
// Pure.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "scaler/model/observation.h"

namespace scaler {

struct UsableMetrics {
  Observation observation;
  std::vector<std::string> left_out;  // "rps: 2 of 10 samples: older than 5m"
};

// nullopt if all of it is usable. A metric of which nothing is left, or a part of a total, is an error that says why;
// pods whose sample was left out are pods without a value.
std::optional<UsableMetrics> without_unusable(const Observation& observation, base::Duration max_age);

}  // namespace scaler
