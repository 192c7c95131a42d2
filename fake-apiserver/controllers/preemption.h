// Which pods give way to one of a higher priority that fits nowhere (the scheduler's DefaultPreemption). Pure function.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "fake-apiserver/controllers/placement.h"

namespace fakeapi {

struct Preemption {
  std::string node;
  std::vector<const Pod*> victims;  // least important last; some may be on their way out already
};

// On each node all pods of lower priority would go; as many as possible stay, the most important first. Of the nodes
// where that makes room the one whose highest victim is lowest, then the lowest sum of priorities, the fewest victims,
// the youngest of the highest victims, the first by name. nullopt if no node can be made to fit.
std::optional<Preemption> choose_victims(const PlacementRequest& request, const std::map<std::string, Node>& nodes,
                                         const PodCache& pods, const Reservations* reserved);

}  // namespace fakeapi
