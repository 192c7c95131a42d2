#include "fake-apiserver/controllers/preemption.h"

#include <algorithm>
#include <limits>
#include <set>
#include <tuple>
#include <utility>

namespace fakeapi {
namespace {

void account(const Pod& pod, Node& node, std::int64_t sign) { node.requested.add(taken_by(pod), sign); }

bool is_more_important(const Pod* a, const Pod* b) {
  if (a->priority != b->priority) return a->priority > b->priority;
  return a->ordinal < b->ordinal;
}

// Those of `lower` that the budgets would rather keep, in the same order: with each the budget has one less to give.
std::set<const Pod*> protected_of(const std::vector<const Pod*>& lower, DisruptionBudgets budgets) {
  std::set<const Pod*> kept;
  if (budgets.empty()) return kept;
  for (const Pod* pod : lower) {
    for (DisruptionBudget& budget : budgets) {
      if (budget.ns != pod->name.ns || !budget.selector.met_by(pod->labels)) continue;
      if (--budget.allowed < 0) kept.insert(pod);
    }
  }
  return kept;
}

// What makes room on one node; nullopt if even all pods of lower priority would not.
std::optional<Preemption> victims_on(const PlacementRequest& request, const Node& node, const PodCache& pods,
                                     const PreemptionContext& context) {
  std::vector<const Pod*> lower;
  for (const Pod* pod : pods.of_node(node.name)) {
    if (!pod->finished() && pod->priority < request.priority) lower.push_back(pod);
  }
  if (lower.empty()) return std::nullopt;
  Node left = with_reservations(node, request, context.reserved);
  for (const Pod* pod : lower) account(*pod, left, -1);
  if (!fits(request, left, nullptr, context.rules)) return std::nullopt;
  std::sort(lower.begin(), lower.end(), is_more_important);
  const std::set<const Pod*> kept = protected_of(lower, context.budgets);
  Preemption preemption{.node = node.name, .victims = {}, .violations = 0};
  for (const bool protect : {true, false}) {
    for (const Pod* pod : lower) {
      if (kept.contains(pod) != protect) continue;
      account(*pod, left, +1);
      if (fits(request, left, nullptr, context.rules)) continue;
      account(*pod, left, -1);
      preemption.victims.push_back(pod);
      preemption.violations += protect ? 1 : 0;
    }
  }
  std::sort(preemption.victims.begin(), preemption.victims.end(), is_more_important);
  return preemption;
}

// What is compared between nodes; the smallest wins.
auto cost_of(const Preemption& preemption) {
  const std::vector<const Pod*>& victims = preemption.victims;
  // Makes each victim count, whatever the sign of its priority.
  constexpr std::int64_t kOffset = std::int64_t{std::numeric_limits<std::int32_t>::max()} + 1;
  const std::int64_t highest = victims.empty() ? std::numeric_limits<std::int64_t>::min() : victims.front()->priority;
  std::int64_t sum = 0;
  base::Time oldest = base::Time::max();
  for (const Pod* pod : victims) {
    sum += pod->priority + kOffset;
    if (pod->priority == highest) oldest = std::min(oldest, pod->created);
  }
  return std::tuple(preemption.violations, highest, sum, victims.size(), -oldest.time_since_epoch());
}

}  // namespace

std::optional<Preemption> choose_victims(const PlacementRequest& request, const std::map<std::string, Node>& nodes,
                                         const PodCache& pods, const PreemptionContext& context) {
  std::optional<Preemption> best;
  for (const auto& [name, node] : nodes) {
    auto preemption = victims_on(request, node, pods, context);
    if (!preemption) continue;
    if (!best || cost_of(*preemption) < cost_of(*best)) best = std::move(preemption);
  }
  return best;
}

}  // namespace fakeapi
