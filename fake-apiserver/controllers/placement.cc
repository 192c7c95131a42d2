#include "fake-apiserver/controllers/placement.h"

#include <algorithm>
#include <vector>

#include "fake-apiserver/controllers/object_fields.h"

namespace fakeapi {
namespace {

bool tolerates(const Json* tolerations, const Taint& taint) {
  if (!tolerations || !tolerations->is_array()) return false;
  return std::any_of(tolerations->begin(), tolerations->end(), [&](const Json& toleration) {
    const std::string key = text_at(toleration, {"key"});
    const std::string effect = text_at(toleration, {"effect"});
    const bool exists = text_or(toleration, {"operator"}, "Equal") == "Exists";
    if (!effect.empty() && effect != taint.effect) return false;
    if (key.empty()) return exists;
    return key == taint.key && (exists || text_at(toleration, {"value"}) == taint.value);
  });
}

bool has_labels(const Node& node, const std::map<std::string, std::string>& wanted) {
  return std::all_of(wanted.begin(), wanted.end(), [&](const auto& label) {
    return text_or(*node.object, {"metadata", "labels", label.first.c_str()}, "\n") == label.second;
  });
}

// The first reason that has nothing to do with resources, or nothing.
std::string refusal_of(const PlacementRequest& request, const Node& node) {
  if (node.unschedulable) return "node(s) were unschedulable";
  for (const Taint& taint : node.taints) {
    if (!tolerates(request.tolerations, taint)) {
      return "node(s) had taint {" + taint.key + ": " + taint.value + "}, that the pod didn't tolerate";
    }
  }
  if (!node.ready) return "node(s) had taint {node.kubernetes.io/not-ready: }, that the pod didn't tolerate";
  if (!has_labels(node, request.selector)) return "node(s) didn't match node selector";
  return "";
}

bool is_simple(const PlacementRequest& request, const Node& node) {
  return node.ready && !node.unschedulable && node.taints.empty() && request.selector.empty();
}

std::int64_t free_share(std::int64_t capacity, std::int64_t used) {
  return capacity <= 0 || used > capacity ? 0 : (capacity - used) * 100 / capacity;
}

// What the zones of feasible nodes are worth to a pod.
class ZoneScore {
 public:
  ZoneScore(const ZoneCounts* counts, const std::vector<const Node*>& feasible) : counts_(counts) {
    if (!counts_) return;
    bool first = true;
    for (const Node* node : feasible) {
      if (node->zone.empty()) continue;
      const int count = count_in(node->zone);
      least_ = first ? count : std::min(least_, count);
      most_ = std::max(most_, count);
      first = false;
    }
  }

  std::int64_t of(const Node& node) const {
    constexpr std::int64_t kWeight = 2;
    if (!counts_ || node.zone.empty()) return 0;
    return kWeight * (most_ == 0 ? 100 : 100 * (most_ + least_ - count_in(node.zone)) / most_);
  }

 private:
  int count_in(const std::string& zone) const {
    const auto found = counts_->find(zone);
    return found == counts_->end() ? 0 : found->second;
  }

  const ZoneCounts* counts_;
  int least_ = 0;
  int most_ = 0;
};

}  // namespace

PlacementRequest::PlacementRequest(const Pod& of)
    : pod(of.object),
      name(of.name),
      priority(of.priority),
      needs(taken_by(of)),
      scored(scored_for(of)),
      tolerations(field_at(*of.object, {"spec", "tolerations"})) {
  const Json* labels = field_at(*pod, {"spec", "nodeSelector"});
  if (!labels || !labels->is_object()) return;
  for (const auto& [key, value] : labels->items()) {
    if (value.is_string()) selector[key] = value.get<std::string>();
  }
}

bool PlacementRequest::is_like(const PlacementRequest& other) const {
  const bool same_tolerations =
      tolerations && other.tolerations ? *tolerations == *other.tolerations : tolerations == other.tolerations;
  return needs.cpu == other.needs.cpu && needs.memory == other.needs.memory && selector == other.selector &&
         same_tolerations;
}

bool fits(const PlacementRequest& request, const Node& node, Refusals* refusals) {
  if (!is_simple(request, node)) {
    const std::string refusal = refusal_of(request, node);
    if (!refusal.empty()) {
      if (refusals) ++(*refusals)[refusal];
      return false;
    }
  }
  const bool pods = node.requested.pods + request.needs.pods <= node.allocatable.pods;
  const bool cpu = request.needs.cpu == 0 || node.requested.cpu + request.needs.cpu <= node.allocatable.cpu;
  const bool memory =
      request.needs.memory == 0 || node.requested.memory + request.needs.memory <= node.allocatable.memory;
  if (refusals) {
    if (!pods) ++(*refusals)["Too many pods"];
    if (!cpu) ++(*refusals)["Insufficient cpu"];
    if (!memory) ++(*refusals)["Insufficient memory"];
  }
  return pods && cpu && memory;
}

std::int64_t least_allocated_score(const PlacementRequest& request, const Node& node) {
  return (free_share(node.allocatable.cpu, node.scored.cpu + request.scored.cpu) +
          free_share(node.allocatable.memory, node.scored.memory + request.scored.memory)) /
         2;
}

Node with_reservations(const Node& node, const PlacementRequest& request, const Reservations* reserved) {
  Node seen = node;
  if (!reserved) return seen;
  const auto found = reserved->find(node.name);
  if (found == reserved->end()) return seen;
  for (const Reservation& reservation : found->second) {
    if (reservation.priority < request.priority || reservation.pod == request.name) continue;
    seen.requested.cpu += reservation.needs.cpu;
    seen.requested.memory += reservation.needs.memory;
    seen.requested.pods += reservation.needs.pods;
  }
  return seen;
}

const Node* choose_node(const PlacementRequest& request, const std::map<std::string, Node>& nodes,
                        const PlacementContext& context) {
  std::vector<const Node*> feasible;
  for (const auto& [name, node] : nodes) {
    if (!fits(request, node, nullptr)) continue;
    if (context.reserved && context.reserved->contains(name) &&
        !fits(request, with_reservations(node, request, context.reserved), nullptr)) {
      continue;
    }
    feasible.push_back(&node);
  }
  const ZoneScore zone_score(context.zones, feasible);
  const Node* best = nullptr;
  std::int64_t best_score = -1;
  for (const Node* node : feasible) {
    const std::int64_t score = least_allocated_score(request, *node) + zone_score.of(*node);
    if (score > best_score || (score == best_score && node->requested.pods < best->requested.pods)) {
      best = node;
      best_score = score;
    }
  }
  return best;
}

std::string explain_no_fit(const PlacementRequest& request, const std::map<std::string, Node>& nodes) {
  if (nodes.empty()) return "no nodes available to schedule pods";
  Refusals refusals;
  for (const auto& [name, node] : nodes) (void)fits(request, node, &refusals);
  std::vector<std::string> reasons;
  for (const auto& [reason, count] : refusals) reasons.push_back(std::to_string(count) + " " + reason);
  std::sort(reasons.begin(), reasons.end());
  std::string text = "0/" + std::to_string(nodes.size()) + " nodes are available: ";
  for (std::size_t i = 0; i < reasons.size(); ++i) text += (i > 0 ? ", " : "") + reasons[i];
  return text + ".";
}

}  // namespace fakeapi
