#include "fake-apiserver/controllers/preemption.h"

#include <algorithm>
#include <limits>
#include <tuple>
#include <utility>

namespace fakeapi {
namespace {

void account(const Pod& pod, Node& node, std::int64_t sign) {
  const NodeResources needs = taken_by(pod);
  node.requested.cpu += sign * needs.cpu;
  node.requested.memory += sign * needs.memory;
  node.requested.pods += sign * needs.pods;
}

bool is_more_important(const Pod* a, const Pod* b) {
  if (a->priority != b->priority) return a->priority > b->priority;
  return a->ordinal < b->ordinal;
}

// The victims on one node, the most important first; nullopt if even all of them make no room.
std::optional<std::vector<const Pod*>> victims_on(const PlacementRequest& request, const Node& node,
                                                  const PodCache& pods, const Reservations* reserved) {
  std::vector<const Pod*> lower;
  for (const Pod* pod : pods.of_node(node.name)) {
    if (!pod->finished() && pod->priority < request.priority) lower.push_back(pod);
  }
  if (lower.empty()) return std::nullopt;
  Node left = with_reservations(node, request, reserved);
  for (const Pod* pod : lower) account(*pod, left, -1);
  if (!fits(request, left, nullptr)) return std::nullopt;
  std::sort(lower.begin(), lower.end(), is_more_important);
  std::vector<const Pod*> victims;
  for (const Pod* pod : lower) {
    account(*pod, left, +1);
    if (fits(request, left, nullptr)) continue;
    account(*pod, left, -1);
    victims.push_back(pod);
  }
  return victims;
}

// What is compared between nodes; the smallest wins.
auto cost_of(const std::vector<const Pod*>& victims) {
  // Makes each victim count, whatever the sign of its priority.
  constexpr std::int64_t kOffset = std::int64_t{std::numeric_limits<std::int32_t>::max()} + 1;
  const std::int64_t highest = victims.empty() ? std::numeric_limits<std::int64_t>::min() : victims.front()->priority;
  std::int64_t sum = 0;
  base::Time oldest = base::Time::max();
  for (const Pod* pod : victims) {
    sum += pod->priority + kOffset;
    if (pod->priority == highest) oldest = std::min(oldest, pod->created);
  }
  return std::tuple(highest, sum, victims.size(), -oldest.time_since_epoch());
}

}  // namespace

std::optional<Preemption> choose_victims(const PlacementRequest& request, const std::map<std::string, Node>& nodes,
                                         const PodCache& pods, const Reservations* reserved) {
  std::optional<Preemption> best;
  for (const auto& [name, node] : nodes) {
    auto victims = victims_on(request, node, pods, reserved);
    if (!victims) continue;
    if (!best || cost_of(*victims) < cost_of(best->victims)) best = Preemption{name, std::move(*victims)};
  }
  return best;
}

}  // namespace fakeapi
