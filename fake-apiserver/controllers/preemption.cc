#include "fake-apiserver/controllers/preemption.h"

#include <algorithm>
#include <limits>
#include <set>
#include <tuple>
#include <utility>

namespace fakeapi {
namespace {

// A node without the pods that are to leave it. What the rules were told of that they forget in the end.
class ClearedNode {
 public:
  ClearedNode(const Node& node, const PlacementRequest& request, const PreemptionContext& context)
      : request_(request), rules_(context.rules), left_(with_reservations(node, request, context.reserved)) {}
  ~ClearedNode() {
    for (const Pod* pod : gone_) change(*pod, +1);
  }
  ClearedNode(const ClearedNode&) = delete;
  ClearedNode& operator=(const ClearedNode&) = delete;

  void take_off(const Pod* pod) {
    change(*pod, -1);
    gone_.insert(pod);
  }
  void put_back(const Pod* pod) {
    change(*pod, +1);
    gone_.erase(pod);
  }
  bool fits() const { return fakeapi::fits(request_, left_, nullptr, rules_); }

 private:
  void change(const Pod& pod, int sign) {
    left_.requested.add(taken_by(pod), sign);
    if (!rules_) return;
    if (sign > 0) {
      rules_->put(pod, left_);
    } else {
      rules_->take_off(pod, left_);
    }
  }

  const PlacementRequest& request_;
  PlacementRules* rules_;
  Node left_;
  std::set<const Pod*> gone_;
};

bool is_more_important(const Pod* a, const Pod* b) {
  if (a->priority != b->priority) return a->priority > b->priority;
  return a->ordinal < b->ordinal;
}

// Those of `lower` that the budgets would rather keep, in the same order: with each the budget has one less to give.
std::set<const Pod*> protected_of(const std::vector<const Pod*>& lower, const DisruptionBudgets& budgets) {
  std::set<const Pod*> kept;
  if (budgets.empty()) return kept;
  std::vector<std::int64_t> taken(budgets.size());
  for (const Pod* pod : lower) {
    for (std::size_t i = 0; i < budgets.size(); ++i) {
      if (budgets[i].ns != pod->name.ns || !budgets[i].selector.met_by(pod->labels)) continue;
      if (++taken[i] > budgets[i].allowed) kept.insert(pod);
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
  ClearedNode left(node, request, context);
  for (const Pod* pod : lower) left.take_off(pod);
  if (!left.fits()) return std::nullopt;
  std::sort(lower.begin(), lower.end(), is_more_important);
  const std::set<const Pod*> kept = protected_of(lower, context.budgets);
  Preemption preemption{.node = node.name, .victims = {}, .violations = 0};
  for (const bool protect : {true, false}) {
    for (const Pod* pod : lower) {
      if (kept.contains(pod) != protect) continue;
      left.put_back(pod);
      if (left.fits()) continue;
      left.take_off(pod);
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

std::size_t nodes_to_compare(std::size_t nodes) {
  constexpr std::size_t kLeast = 100;
  return std::max(kLeast, nodes / 10);
}

std::optional<Preemption> choose_victims(const PlacementRequest& request, const std::vector<const Node*>& nodes,
                                         const PodCache& pods, const PreemptionContext& context) {
  const std::size_t enough = nodes_to_compare(nodes.size());
  const std::size_t start = context.start && !nodes.empty() ? *context.start % nodes.size() : 0;
  std::optional<Preemption> best;
  std::size_t found = 0;
  for (std::size_t seen = 0; seen < nodes.size(); ++seen) {
    const std::size_t at = (start + seen) % nodes.size();
    auto preemption = victims_on(request, *nodes[at], pods, context);
    if (!preemption) continue;
    if (!best || cost_of(*preemption) < cost_of(*best)) best = std::move(preemption);
    if (++found < enough || best->violations > 0) continue;
    if (context.start) *context.start = (at + 1) % nodes.size();
    break;
  }
  return best;
}

}  // namespace fakeapi
