// What other pods have to say about where a pod may go: affinities, spread, ports of the host. For one decision, or for
// a plan that puts pods on nodes and takes others off.
//
// Not thread-safe; made for a pod that such rules concern, valid until anything changes.
#pragma once

#include <cstdint>
#include <map>
#include <set>
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

  // All but `request`, which must outlive this, as the cluster has it now.
  PlacementRules(const PlacementRequest& request, const std::map<std::string, Node>& nodes, const PodCache& pods,
                 const PodCounts& counts);

  // As if there were one more node.
  void add_node(const Node& node);
  // As if the pod were on the node as well, or no longer. What was put on a node may be taken off again, and the other
  // way round. The pod must outlive this.
  void put(const Pod& pod, const Node& node) { change(pod, node, +1); }
  void take_off(const Pod& pod, const Node& node) { change(pod, node, -1); }

  // Whether putting another pod somewhere makes no node acceptable that was not before.
  bool only_tighten() const;

  // Why the node is refused: before its resources are looked at, and after. Empty if it is not.
  std::string first_refusal(const Node& node) const;
  std::string last_refusal(const Node& node) const;

  // What each of the nodes is worth beyond its resources.
  std::vector<std::int64_t> scores(const std::vector<const Node*>& feasible) const;

 private:
  using ByDomain = std::map<std::string, std::int64_t>;
  struct Term {
    std::string topology_key;
    ByDomain pods;     // never 0
    std::string id{};  // of those that pods demand who are there
  };
  struct Spread {
    const SpreadConstraint* constraint = nullptr;
    ByDomain pods;                               // 0 where there are none
    std::map<std::int64_t, int> domains_with{};  // how many domains have so many pods
    bool counts_itself = false;

    std::int64_t least() const;
    void add(const std::string& domain, std::int64_t pods_more);
  };

  ByDomain by_domain(const PodCounts::ByNode& counts, const std::string& topology_key) const;
  void read_spread(const SpreadConstraint& constraint);
  void change(const Pod& pod, const Node& node, int sign);
  void change_terms(const Pod& pod, const Node& node, int sign);
  void change_demands(const Pod& pod, const Node& node, int sign);
  void change_spread(const Pod& pod, const Node& node, int sign);
  void change_ports(const Pod& pod, const Node& node, int sign);
  bool takes_wanted_port(const Pod& pod) const;
  bool may_be_first(const Term& term, const PodTerm& wanted) const;
  std::string spread_refusal(const Node& node) const;
  std::string affinity_refusal(const Node& node) const;
  std::int64_t preference_of_pods(const Node& node) const;
  std::int64_t spread_cost(const Node& node) const;

  const PlacementRequest& request_;
  const std::map<std::string, Node>& nodes_;
  const PodCache& pods_;
  const PodCounts& counts_;
  std::vector<Term> affinity_;  // as in the constraints
  std::vector<Term> anti_affinity_;
  std::vector<Term> preferred_;
  std::vector<Term> forbidden_;  // by pods that are there
  std::vector<Spread> spread_;
  std::set<const Pod*> taken_off_;                         // the ports of pods from where they are
  std::map<std::string, std::vector<const Pod*>> put_on_;  // by node, pods with ports
};

}  // namespace fakeapi
