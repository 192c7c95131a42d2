// What other pods have to say about where a pod may go: affinities, spread, ports of the host. For one decision.
//
// Not thread-safe; made by the Scheduler for a pod that such rules concern, valid until anything changes.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "fake-apiserver/controllers/node_table.h"
#include "fake-apiserver/controllers/pod_counts.h"

namespace fakeapi {

struct PlacementRequest;

class PlacementRules {
 public:
  // True if rules concern the pod: its own, or those of pods that are there.
  static bool concern(const PlacementRequest& request, const PodCounts& counts);

  PlacementRules(const PlacementRequest& request, const std::map<std::string, Node>& nodes, const PodCache& pods,
                 PodCounts& counts);

  // Why the node is refused: before its resources are looked at, and after. Empty if it is not.
  std::string first_refusal(const Node& node) const;
  std::string last_refusal(const Node& node) const;

  // What each of the nodes is worth beyond its resources.
  std::vector<std::int64_t> scores(const std::vector<const Node*>& feasible) const;

 private:
  using ByDomain = std::map<std::string, std::int64_t>;
  struct Term {
    std::string topology_key;
    ByDomain pods;
  };
  struct Spread {
    const SpreadConstraint* constraint = nullptr;
    ByDomain pods;
    std::int64_t least = 0;
    bool counts_itself = false;
  };

  ByDomain by_domain(const PodCounts::ByNode& counts, const std::string& topology_key) const;
  void read_spread(const SpreadConstraint& constraint, PodCounts& counts);
  bool may_be_first(const Term& term, const PodTerm& wanted) const;
  std::string spread_refusal(const Node& node) const;
  std::string affinity_refusal(const Node& node) const;
  std::int64_t preference_of_pods(const Node& node) const;
  std::int64_t spread_cost(const Node& node) const;

  const PlacementRequest& request_;
  const std::map<std::string, Node>& nodes_;
  const PodCache& pods_;
  std::vector<Term> affinity_;  // as in the constraints
  std::vector<Term> anti_affinity_;
  std::vector<Term> preferred_;
  std::vector<Term> forbidden_;  // by pods that are there
  std::vector<Spread> spread_;
};

}  // namespace fakeapi
