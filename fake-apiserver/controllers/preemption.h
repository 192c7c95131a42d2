// Which pods give way to one of a higher priority that fits nowhere (the scheduler's DefaultPreemption). Pure function.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <vector>

#include "fake-apiserver/controllers/placement.h"

namespace fakeapi {

struct Preemption {
  std::string node;
  std::vector<const Pod*> victims;  // least important last; some may be on their way out already
  int violations = 0;               // of budgets
};

// A PodDisruptionBudget as preemption sees it: rather not, but no bar.
struct DisruptionBudget {
  std::string ns;
  Requirements selector;
  std::int64_t allowed = 0;
};
using DisruptionBudgets = std::vector<DisruptionBudget>;

// What else the choice depends on.
struct PreemptionContext {
  const Reservations* reserved = nullptr;
  PlacementRules* rules = nullptr;  // what is tried with them is undone again
  DisruptionBudgets budgets{};
  std::size_t* start = nullptr;  // where among the nodes the search begins, 0 if null; moved on by one that ends early
};

// How many nodes with victims are enough to choose from, if one of them violates no budget: a tenth of all nodes, but
// at least 100 (minCandidateNodesPercentage and minCandidateNodesAbsolute).
std::size_t nodes_to_compare(std::size_t nodes);

// On each node all pods of lower priority would go; as many as possible stay, first those that budgets protect, then
// the most important. Of the nodes where that makes room the one that violates the fewest budgets, then whose highest
// victim is lowest, then the lowest sum of priorities, the fewest victims, the youngest of the highest victims, the
// first that was looked at. nullopt if no node can be made to fit.
std::optional<Preemption> choose_victims(const PlacementRequest& request, const std::vector<const Node*>& nodes,
                                         const PodCache& pods, const PreemptionContext& context);

}  // namespace fakeapi
