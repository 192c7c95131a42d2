#include "scaler/policy/scaling/floors.h"

#include <algorithm>

namespace scaler {

Limits limits_of(Bounds own, std::vector<Floor> floors, const std::vector<Ceiling>& ceilings) {
  Limits limits{.bounds = own, .floors = std::move(floors), .floor = std::nullopt, .ceiling = std::nullopt};
  for (const Ceiling& ceiling : ceilings) {
    if (limits.ceiling && ceiling.replicas <= limits.ceiling->replicas) continue;
    limits.ceiling = ceiling;
    limits.bounds.max = ceiling.replicas;
  }
  if (limits.bounds.max < own.min) {
    limits.bounds.max = own.min;
    limits.ceiling = Ceiling{own.min, "minReplicas", "the fewest that are allowed"};
  }
  for (const Floor& floor : limits.floors) {
    if (!floor.is_planned || floor.replicas <= limits.bounds.max) continue;
    limits.bounds.max = floor.replicas;
    limits.ceiling = Ceiling{floor.replicas, floor.rule, floor.why};
  }
  for (Floor& floor : limits.floors) {
    floor.replicas = std::min(floor.replicas, limits.bounds.max);
    if (floor.replicas <= limits.bounds.min) continue;
    limits.bounds.min = floor.replicas;
    limits.floor = floor;
  }
  return limits;
}

}  // namespace scaler
