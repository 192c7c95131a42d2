#include "fake-apiserver/controllers/placement.h"

#include <algorithm>
#include <cmath>
#include <optional>
#include <set>
#include <utility>
#include <vector>

#include "fake-apiserver/controllers/object_fields.h"
#include "fake-apiserver/controllers/tolerations.h"

namespace fakeapi {
namespace {

bool has_labels(const Node& node, const std::map<std::string, std::string>& wanted) {
  return std::all_of(wanted.begin(), wanted.end(), [&](const auto& label) {
    return text_or(*node.object, {"metadata", "labels", label.first.c_str()}, "\n") == label.second;
  });
}

const Taint kUnschedulable{"node.kubernetes.io/unschedulable", "", "NoSchedule"};
const Taint kNotReady{"node.kubernetes.io/not-ready", "", "NoSchedule"};

// The first reason that has nothing to do with resources, or nothing.
std::string refusal_of(const PlacementRequest& request, const Node& node) {
  if (node.unschedulable && !any_tolerates(request.tolerations, kUnschedulable)) return "node(s) were unschedulable";
  for (const Taint& taint : node.taints) {
    if (!any_tolerates(request.tolerations, taint)) {
      return "node(s) had untolerated taint {" + taint.key + ": " + taint.value + "}";
    }
  }
  if (!node.ready && !any_tolerates(request.tolerations, kNotReady)) {
    return "node(s) had untolerated taint {node.kubernetes.io/not-ready: }";
  }
  if (!is_wanted_node(request, node)) return "node(s) didn't match Pod's node affinity/selector";
  return "";
}

bool is_simple(const PlacementRequest& request, const Node& node) {
  return node.ready && !node.unschedulable && node.taints.empty() && request.selector.empty() && !request.constraints;
}

std::int64_t free_share(std::int64_t capacity, std::int64_t used) {
  return capacity <= 0 || used > capacity ? 0 : (capacity - used) * 100 / capacity;
}

// What the default spread of a workload makes of feasible nodes.
class SpreadScore {
 public:
  SpreadScore(const PlacementContext& context, const std::vector<const Node*>& feasible) {
    if (context.hosts) {
      judge(costs_by_host(context, feasible));
    } else if (context.zones) {
      judge(costs_by_zone(*context.zones, feasible));
    }
  }

  // Of the n-th of the nodes.
  std::int64_t of(std::size_t n) const {
    constexpr std::int64_t kWeight = 2;
    if (costs_.empty() || costs_[n] == kNone) return 0;
    return kWeight * (most_ == 0 ? 100 : 100 * (most_ + least_ - costs_[n]) / most_);
  }

 private:
  using Costs = std::vector<std::int64_t>;
  static constexpr std::int64_t kNone = -1;

  static std::int64_t count_in(const SpreadCounts& counts, const std::string& domain) {
    const auto found = counts.find(domain);
    return found == counts.end() ? 0 : found->second;
  }

  static Costs costs_by_zone(const SpreadCounts& zones, const std::vector<const Node*>& feasible) {
    Costs costs;
    for (const Node* node : feasible) costs.push_back(node->zone.empty() ? kNone : count_in(zones, node->zone));
    return costs;
  }

  static Costs costs_by_host(const PlacementContext& context, const std::vector<const Node*>& feasible) {
    constexpr double kHostSkew = 3;
    constexpr double kZoneSkew = 5;
    std::set<std::string> zones;
    for (const Node* node : feasible) {
      if (context.zones && !node->zone.empty()) zones.insert(node->zone);
    }
    const double host_weight = std::log(static_cast<double>(feasible.size()) + 2);
    const double zone_weight = std::log(static_cast<double>(zones.size()) + 2);
    Costs costs;
    for (const Node* node : feasible) {
      double cost = static_cast<double>(count_in(*context.hosts, node->name)) * host_weight + kHostSkew - 1;
      if (context.zones && !node->zone.empty()) {
        cost += static_cast<double>(count_in(*context.zones, node->zone)) * zone_weight + kZoneSkew - 1;
      }
      costs.push_back(std::llround(cost));
    }
    return costs;
  }

  void judge(Costs costs) {
    costs_ = std::move(costs);
    bool first = true;
    for (const std::int64_t cost : costs_) {
      if (cost == kNone) continue;
      least_ = first ? cost : std::min(least_, cost);
      most_ = std::max(most_, cost);
      first = false;
    }
  }

  Costs costs_;
  std::int64_t least_ = 0;
  std::int64_t most_ = 0;
};

bool resources_fit(const PlacementRequest& request, const Node& node, Refusals* refusals) {
  const NodeResources& needs = request.needs;
  const bool pods = node.requested.pods + needs.pods <= node.allocatable.pods;
  const bool cpu = needs.cpu == 0 || node.requested.cpu + needs.cpu <= node.allocatable.cpu;
  const bool memory = needs.memory == 0 || node.requested.memory + needs.memory <= node.allocatable.memory;
  bool others = true;
  for (const auto& [resource, amount] : needs.others) {
    const auto value = [&, key = resource](const NodeResources& resources) {
      const auto found = resources.others.find(key);
      return found == resources.others.end() ? 0 : found->second;
    };
    if (amount == 0 || value(node.requested) + amount <= value(node.allocatable)) continue;
    // Nodes that do not tell their disk are not short of it.
    if (resource == "ephemeral-storage" && !node.allocatable.others.contains(resource)) continue;
    others = false;
    if (refusals) ++(*refusals)["Insufficient " + resource];
  }
  if (refusals) {
    if (!pods) ++(*refusals)["Too many pods"];
    if (!cpu) ++(*refusals)["Insufficient cpu"];
    if (!memory) ++(*refusals)["Insufficient memory"];
  }
  return pods && cpu && memory && others;
}

// 0 to 100 (TaintToleration): less for each taint that only would rather have the pod elsewhere.
std::vector<std::int64_t> soft_taint_scores(const PlacementRequest& request, const std::vector<const Node*>& nodes) {
  std::vector<std::int64_t> scores(nodes.size(), 0);
  std::int64_t most = 0;
  for (std::size_t i = 0; i < nodes.size(); ++i) {
    for (const Taint& taint : nodes[i]->soft_taints) scores[i] += any_tolerates(request.tolerations, taint) ? 0 : 1;
    most = std::max(most, scores[i]);
  }
  if (most == 0) return std::vector<std::int64_t>(nodes.size(), 0);  // the same for all
  for (std::int64_t& score : scores) score = 100 - 100 * score / most;
  return scores;
}

const Node* best_of(const PlacementRequest& request, const std::vector<const Node*>& feasible,
                    const PlacementContext& context) {
  const SpreadScore spread_score(context, feasible);
  const bool soft =
      std::any_of(feasible.begin(), feasible.end(), [](const Node* n) { return !n->soft_taints.empty(); });
  std::vector<std::int64_t> extra(feasible.size(), 0);
  if (context.rules) extra = context.rules->scores(feasible);
  if (soft) {
    const std::vector<std::int64_t> taints = soft_taint_scores(request, feasible);
    for (std::size_t i = 0; i < extra.size(); ++i) extra[i] += taints[i];
  }
  const Node* best = nullptr;
  std::int64_t best_score = -1;
  for (std::size_t i = 0; i < feasible.size(); ++i) {
    const Node* node = feasible[i];
    const std::int64_t score = least_allocated_score(request, *node) + balanced_allocation_score(request, *node) +
                               spread_score.of(i) + extra[i];
    if (score > best_score || (score == best_score && node->requested.pods < best->requested.pods)) {
      best = node;
      best_score = score;
    }
  }
  return best;
}

// The only node that the pod may go to, if its affinity names one; where in `nodes` it is, or their number.
std::optional<std::size_t> named_node(const PlacementRequest& request, const std::vector<const Node*>& nodes) {
  if (!request.constraints || !request.constraints->required_nodes) return std::nullopt;
  const Json* terms = field_at(*request.pod, {"spec", "affinity", "nodeAffinity",
                                              "requiredDuringSchedulingIgnoredDuringExecution", "nodeSelectorTerms"});
  if (!terms || !terms->is_array() || terms->size() != 1) return std::nullopt;
  const Json* fields = field_at(terms->front(), {"matchFields"});
  if (!fields || !fields->is_array() || fields->size() != 1 || text_at(fields->front(), {"operator"}) != "In") {
    return std::nullopt;
  }
  const Json* values = field_at(fields->front(), {"values"});
  if (!values || !values->is_array() || values->size() != 1 || !values->front().is_string()) return std::nullopt;
  const std::string& name = values->front().get_ref<const std::string&>();
  const auto found = std::find_if(nodes.begin(), nodes.end(), [&](const Node* node) { return node->name == name; });
  return static_cast<std::size_t>(found - nodes.begin());
}

bool takes(const PlacementRequest& request, const Node& node, const PlacementContext& context) {
  if (!fits(request, node, nullptr, context.rules)) return false;
  return !context.reserved || !context.reserved->contains(node.name) ||
         fits(request, with_reservations(node, request, context.reserved), nullptr);
}

}  // namespace

PlacementRequest::PlacementRequest(const Pod& of, const ObjectStore* store)
    : pod(of.object),
      name(of.name),
      priority(of.priority),
      needs(taken_by(of)),
      scored(scored_for(of)),
      tolerations(field_at(*of.object, {"spec", "tolerations"})),
      labels(field_at(*of.object, {"metadata", "labels"})),
      constraints(PodConstraints::read(of, store)) {
  const Json* wanted = field_at(*pod, {"spec", "nodeSelector"});
  if (!wanted || !wanted->is_object()) return;
  for (const auto& [key, value] : wanted->items()) {
    if (value.is_string()) selector[key] = value.get<std::string>();
  }
}

bool PlacementRequest::is_like(const PlacementRequest& other, bool labels_matter) const {
  const auto same = [](const Json* a, const Json* b) { return a && b ? *a == *b : a == b; };
  if (needs != other.needs || selector != other.selector || !same(tolerations, other.tolerations)) return false;
  if (labels_matter && (name.ns != other.name.ns || !same(labels, other.labels))) return false;
  if (!constraints && !other.constraints) return true;
  const auto field = [](const PlacementRequest& request, const char* key) {
    return field_at(*request.pod, {"spec", key});
  };
  return name.ns == other.name.ns && same(labels, other.labels) &&
         same(field(*this, "affinity"), field(other, "affinity")) &&
         same(field(*this, "topologySpreadConstraints"), field(other, "topologySpreadConstraints")) &&
         same(field(*this, "containers"), field(other, "containers")) &&
         same(field(*this, "hostNetwork"), field(other, "hostNetwork"));
}

bool is_wanted_node(const PlacementRequest& request, const Node& node) {
  if (!has_labels(node, request.selector)) return false;
  if (!request.constraints || !request.constraints->required_nodes) return true;
  return is_one_of(*request.constraints->required_nodes, *node.object);
}

bool fits(const PlacementRequest& request, const Node& node, Refusals* refusals, const PlacementRules* rules) {
  const auto refuse = [&](const std::string& why) {
    if (refusals && !why.empty()) ++(*refusals)[why];
    return !why.empty();
  };
  if (!is_simple(request, node) && refuse(refusal_of(request, node))) return false;
  if (rules && refuse(rules->first_refusal(node))) return false;
  if (!resources_fit(request, node, refusals)) return false;
  return !rules || !refuse(rules->last_refusal(node));
}

std::int64_t least_allocated_score(const PlacementRequest& request, const Node& node) {
  return (free_share(node.allocatable.cpu, node.scored.cpu + request.scored.cpu) +
          free_share(node.allocatable.memory, node.scored.memory + request.scored.memory)) /
         2;
}

std::int64_t balanced_allocation_score(const PlacementRequest& request, const Node& node) {
  const auto share = [](std::int64_t used, std::int64_t capacity) {
    return capacity <= 0 ? 1.0 : static_cast<double>(used) / static_cast<double>(capacity);
  };
  const double cpu = share(node.scored.cpu + request.scored.cpu, node.allocatable.cpu);
  const double memory = share(node.scored.memory + request.scored.memory, node.allocatable.memory);
  if (cpu >= 1 || memory >= 1) return 0;
  return static_cast<std::int64_t>((1 - std::abs(cpu - memory)) * 100);
}

Node with_reservations(const Node& node, const PlacementRequest& request, const Reservations* reserved) {
  Node seen = node;
  if (!reserved) return seen;
  const auto found = reserved->find(node.name);
  if (found == reserved->end()) return seen;
  for (const Reservation& reservation : found->second) {
    if (reservation.priority < request.priority || reservation.pod == request.name) continue;
    seen.requested.add(reservation.needs, +1);
  }
  return seen;
}

std::size_t nodes_to_score(std::size_t nodes) {
  constexpr std::size_t kLeast = 100;
  if (nodes <= kLeast) return nodes;
  const std::size_t less = nodes / 125;
  const std::size_t percent = less >= 45 ? 5 : 50 - less;
  return std::max(kLeast, nodes * percent / 100);
}

const Node* choose_node(const PlacementRequest& request, const std::vector<const Node*>& nodes,
                        const PlacementContext& context) {
  if (const auto named = named_node(request, nodes)) {
    return *named < nodes.size() && takes(request, *nodes[*named], context) ? nodes[*named] : nullptr;
  }
  const std::size_t wanted = context.start ? nodes_to_score(nodes.size()) : nodes.size();
  const bool all = wanted == nodes.size();
  std::size_t at = context.start && !all && !nodes.empty() ? *context.start % nodes.size() : 0;
  std::vector<const Node*> feasible;
  for (std::size_t seen = 0; seen < nodes.size() && feasible.size() < wanted; ++seen) {
    const Node& node = *nodes[at];
    at = at + 1 == nodes.size() ? 0 : at + 1;
    if (takes(request, node, context)) feasible.push_back(&node);
  }
  if (context.start && !all) *context.start = at;
  return best_of(request, feasible, context);
}

const Node* choose_node(const PlacementRequest& request, const std::map<std::string, Node>& nodes,
                        const PlacementContext& context) {
  std::vector<const Node*> order;
  order.reserve(nodes.size());
  for (const auto& [name, node] : nodes) order.push_back(&node);
  return choose_node(request, order, context);
}

std::string explain_no_fit(const PlacementRequest& request, const std::map<std::string, Node>& nodes,
                           const PlacementRules* rules) {
  if (nodes.empty()) return "no nodes available to schedule pods";
  Refusals refusals;
  for (const auto& [name, node] : nodes) (void)fits(request, node, &refusals, rules);
  std::vector<std::string> reasons;
  for (const auto& [reason, count] : refusals) reasons.push_back(std::to_string(count) + " " + reason);
  std::sort(reasons.begin(), reasons.end());
  std::string text = "0/" + std::to_string(nodes.size()) + " nodes are available: ";
  for (std::size_t i = 0; i < reasons.size(); ++i) text += (i > 0 ? ", " : "") + reasons[i];
  return text + ".";
}

}  // namespace fakeapi
