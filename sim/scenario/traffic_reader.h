// Reads spec.traffic of a scenario into the options of the request engine.
#pragma once

#include <filesystem>

#include "common/config/fields.h"
#include "sim/scenario/scenario.h"

namespace sim {

// Trace files are relative to `folder`. REQUIRES: the scenario's start and duration are set. Complains by FieldError.
void read_traffic(config::Fields traffic, const std::filesystem::path& folder, Scenario& scenario);

}  // namespace sim
