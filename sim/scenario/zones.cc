#include "sim/scenario/zones.h"

#include <algorithm>

namespace sim {

std::vector<std::string> zone_names(const ClusterSpec& cluster) {
  std::vector<std::string> names;
  for (const NodePoolSpec& pool : cluster.node_pools) {
    for (const std::string& zone : pool.zones) {
      if (std::find(names.begin(), names.end(), zone) == names.end()) names.push_back(zone);
    }
  }
  return names;
}

}  // namespace sim
