// The zones of a cluster, which pods and balancers know by number.
#pragma once

#include <string>
#include <vector>

#include "sim/scenario/scenario.h"

namespace sim {

// Every zone once, in the order in which the pools name them. The index of a name is PodTraits::zone; a pool that names
// none stands in the first.
std::vector<std::string> zone_names(const ClusterSpec& cluster);

}  // namespace sim
