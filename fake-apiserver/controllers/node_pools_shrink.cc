// The half of NodePools that takes nodes away.
#include <algorithm>
#include <utility>

#include "fake-apiserver/controllers/node_pools.h"
#include "fake-apiserver/controllers/resources.h"

namespace fakeapi {
namespace {

// Of those that are used little so many are unneeded at a time, and so many are looked at beside those that were so
// before (scale-down-non-empty-candidates-count, scale-down-candidates-pool-ratio and -min-count).
constexpr std::size_t kMostDrainCandidates = 30;
std::size_t others_to_look_at(std::size_t nodes) { return std::max<std::size_t>(50, nodes / 10); }

}  // namespace

// The empty ones; of those that are used little and whose pods fit elsewhere first those that were so before, then
// some of the others by turns.
std::vector<std::string> NodePools::find_unneeded() {
  const double threshold = options_.scale_down_utilization_threshold;
  std::vector<std::string> unneeded;
  std::vector<const Node*> candidates;
  std::vector<const Node*> others;
  std::set<std::string> shrinking;  // pools that could lose a node
  for (const Pool& pool : pools_) {
    if (spare_in(pool) > 0) shrinking.insert(pool.options.name);
  }
  for (const auto& [name, node] : nodes_.all()) {
    if (!find_pool(node.pool)) continue;
    if (is_empty(node, pods_)) {
      unneeded.push_back(name);
    } else if (threshold > 0 && utilization(node) < threshold && shrinking.contains(node.pool) && !drain_.rests(name)) {
      (unneeded_since_.contains(name) ? candidates : others).push_back(&node);
    }
  }
  const auto turn =
      std::find_if(others.begin(), others.end(), [&](const Node* n) { return n->name > last_candidate_; });
  std::rotate(others.begin(), turn, others.end());
  if (others.size() > others_to_look_at(nodes_.all().size())) others.resize(others_to_look_at(nodes_.all().size()));
  candidates.insert(candidates.end(), others.begin(), others.end());
  if (candidates.empty()) return unneeded;
  Relocation relocation(nodes_, pods_, counts_);
  std::size_t little_used = 0;
  for (const Node* node : candidates) {
    if (little_used >= kMostDrainCandidates) break;
    if (!unneeded_since_.contains(node->name)) last_candidate_ = node->name;
    if (!relocation.fit_elsewhere(*node)) continue;
    unneeded.push_back(node->name);
    ++little_used;
  }
  return unneeded;
}

// How many nodes more than it must keep, without those that are on their way out.
int NodePools::spare_in(const Pool& pool) const {
  const int spare = size_of(pool) - (options_.keep_initial_nodes ? pool.options.nodes : 0);
  if (!drain_.busy()) return spare;
  const auto& all = nodes_.all();
  return spare - static_cast<int>(std::count_if(all.begin(), all.end(), [&](const auto& entry) {
           return entry.second.pool == pool.options.name && drain_.drains(entry.first);
         }));
}

// Nodes that nobody has needed for long go, the newest first, down to the pool's initial size: the empty ones several
// at once, of the others one at a time.
void NodePools::scale_down() {
  const base::Time now = clock_.now();
  std::map<std::string, base::Time> unneeded;
  for (const std::string& name : find_unneeded()) {
    const auto known = unneeded_since_.find(name);
    unneeded[name] = known == unneeded_since_.end() ? now : known->second;
  }
  unneeded_since_ = std::move(unneeded);
  if (last_growth_ && now < *last_growth_ + options_.scale_down_delay_after_add) return;

  int may_go_now = options_.max_empty_bulk_delete;
  for (const Pool& pool : pools_) {
    int spare = spare_in(pool);
    std::vector<std::string> empty;
    std::vector<std::string> little_used;
    for (auto node = unneeded_since_.rbegin(); node != unneeded_since_.rend(); ++node) {
      const Node* found = nodes_.find(node->first);
      if (!found || found->pool != pool.options.name) continue;
      if (!drain_.drains(node->first) && node->second + options_.scale_down_unneeded_time <= now) {
        (is_empty(*found, pods_) ? empty : little_used).push_back(node->first);
      }
    }
    for (const std::string& victim : empty) {
      if (spare <= 0 || may_go_now <= 0) break;
      --spare;
      --may_go_now;
      remove_empty(pool, victim);
    }
    if (empty.empty() && !little_used.empty() && spare > 0 && !drain_.busy()) drain_.begin(little_used.front());
  }
}

void NodePools::remove_empty(const Pool& pool, const std::string& node) {
  unneeded_since_.erase(node);
  if (!store_.remove(resources::kNodes, ObjectName{"", node}, {})) return;
  metrics_.increment("fakeapi_nodepool_removed_nodes_total", "Nodes removed from a pool.",
                     {{"pool", pool.options.name}});
}

}  // namespace fakeapi
