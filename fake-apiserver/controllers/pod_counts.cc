#include "fake-apiserver/controllers/pod_counts.h"

#include "fake-apiserver/controllers/object_fields.h"

namespace fakeapi {
namespace {

constexpr std::size_t kMostSelectors = 256;  // of one generation of workloads; more are counted anew when asked for

bool is_counted(const Pod* pod) { return pod && pod->active() && !pod->node.empty(); }

void change(PodCounts::ByNode& counts, const std::string& node, int by) {
  if ((counts[node] += by) == 0) counts.erase(node);
}

}  // namespace

PodCounts::PodCounts(PodCache& pods, const ObjectStore& store) : pods_(pods), store_(store) {
  pods.listen([this](const Pod* before, const Pod* after) { on_pod(before, after); });
}

const PodCounts::ByNode& PodCounts::of(const PodSelector& pods) {
  const auto known = counts_.find(pods.id);
  if (known != counts_.end()) return known->second.by_node;
  if (asked_for_.size() >= kMostSelectors) {
    counts_.erase(asked_for_.front());
    asked_for_.pop_front();
  }
  asked_for_.push_back(pods.id);
  Count& count = counts_[pods.id] = Count{pods, {}};
  for (const auto& [name, pod] : pods_.all()) {
    if (is_counted(&pod) && pods.selects(name, pod.labels)) ++count.by_node[pod.node];
  }
  return count.by_node;
}

void PodCounts::on_pod(const Pod* before, const Pod* after) {
  const bool counted = is_counted(before);
  const bool counts = is_counted(after);
  if (!counted && !counts) return;
  const bool same =
      counted && counts && before->node == after->node &&
      (before->labels == after->labels || (before->labels && after->labels && *before->labels == *after->labels));
  if (same) return;
  if (counted) add(*before, -1);
  if (counts) add(*after, +1);
}

void PodCounts::add(const Pod& pod, int sign) {
  for (auto& [id, count] : counts_) {
    if (count.pods.selects(pod.name, pod.labels)) change(count.by_node, pod.node, sign);
  }
  if (sign < 0) return forget_demands(pod);
  if (!field_at(*pod.object, {"spec", "affinity", "podAntiAffinity"})) return;
  for (PodTerm& term : required_anti_affinity(pod, &store_)) {
    const std::string id = term.topology_key + "\n" + term.pods.id;
    Demand& demand = demands_[id];
    if (demand.by_node.empty()) demand.term = std::move(term);
    change(demand.by_node, pod.node, +1);
    demanded_[pod.name].push_back(id);
  }
}

void PodCounts::forget_demands(const Pod& pod) {
  const auto ids = demanded_.find(pod.name);
  if (ids == demanded_.end()) return;
  for (const std::string& id : ids->second) {
    const auto demand = demands_.find(id);
    change(demand->second.by_node, pod.node, -1);
    if (demand->second.by_node.empty()) demands_.erase(demand);
  }
  demanded_.erase(ids);
}

}  // namespace fakeapi
