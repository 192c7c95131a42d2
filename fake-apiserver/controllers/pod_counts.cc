#include "fake-apiserver/controllers/pod_counts.h"

#include "fake-apiserver/controllers/object_fields.h"

namespace fakeapi {
namespace {

constexpr std::size_t kMostSelectors = 256;  // of one generation of workloads; more are counted anew when asked for

bool is_there(const Pod* pod) { return pod && !pod->finished() && !pod->node.empty(); }

bool counts_in(const Pod& pod, PodCounts::Leaving leaving) {
  return leaving == PodCounts::Leaving::kCounted ? is_there(&pod) : pod.active() && !pod.node.empty();
}

bool same_labels(const Pod& a, const Pod& b) {
  return a.labels == b.labels || (a.labels && b.labels && *a.labels == *b.labels);
}

void change(PodCounts::ByNode& counts, const std::string& node, int by) {
  if ((counts[node] += by) == 0) counts.erase(node);
}

}  // namespace

PodCounts::PodCounts(PodCache& pods, const ObjectStore& store) : pods_(pods), store_(store) {
  pods.listen([this](const Pod* before, const Pod* after) { on_pod(before, after); });
}

const PodCounts::ByNode& PodCounts::of(const PodSelector& pods, Leaving leaving) const {
  const std::string id = (leaving == Leaving::kCounted ? "+" : "-") + pods.id;
  const auto known = counts_.find(id);
  if (known != counts_.end()) return known->second.by_node;
  if (asked_for_.size() >= kMostSelectors) {
    counts_.erase(asked_for_.front());
    asked_for_.pop_front();
  }
  asked_for_.push_back(id);
  Count& count = counts_[id] = Count{pods, leaving, {}};
  for (const auto& [name, pod] : pods_.all()) {
    if (counts_in(pod, leaving) && pods.selects(name, pod.labels)) ++count.by_node[pod.node];
  }
  return count.by_node;
}

void PodCounts::on_pod(const Pod* before, const Pod* after) {
  const bool was_there = is_there(before);
  const bool there = is_there(after);
  if (!was_there && !there) return;
  const bool stays = was_there && there && before->node == after->node && same_labels(*before, *after);
  if (stays && before->deleting == after->deleting) return;
  if (was_there) count(*before, -1);
  if (there) count(*after, +1);
  if (stays) return;
  if (was_there) forget_demands(*before);
  if (there) remember_demands(*after);
}

void PodCounts::count(const Pod& pod, int sign) {
  for (auto& [id, count] : counts_) {
    if (counts_in(pod, count.leaving) && count.pods.selects(pod.name, pod.labels)) {
      change(count.by_node, pod.node, sign);
    }
  }
}

void PodCounts::remember_demands(const Pod& pod) {
  if (!field_at(*pod.object, {"spec", "affinity", "podAntiAffinity"})) return;
  for (PodTerm& term : required_anti_affinity(pod, &store_)) {
    const std::string id = id_of(term);
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
