#include "scaler/informer/pod_index.h"

namespace scaler {
PodIndex::PodIndex(ObjectCache<PodObject>& cache) : cache_(cache) {
  for (const auto& [key, pod] : cache.all()) add(pod);
  ObjectCache<PodObject>::Handlers handlers;
  handlers.added = [this](const Pod& pod) { add(pod); };
  handlers.updated = [this](const Pod& before, const Pod& after) {
    remove(*before);
    add(after);
  };
  handlers.deleted = [this](const Pod& last) { remove(*last); };
  cache.subscribe(std::move(handlers));
}

void PodIndex::add(const Pod& pod) {
  for (const auto& [label, value] : pod->labels) {
    buckets_[label_bucket(pod->meta.key.ns, label, value)].emplace(pod->meta.key.name, pod);
  }
}

void PodIndex::remove(const PodObject& pod) {
  for (const auto& [label, value] : pod.labels) {
    const auto bucket = buckets_.find(label_bucket(pod.meta.key.ns, label, value));
    if (bucket == buckets_.end()) continue;
    bucket->second.erase(pod.meta.key.name);
    if (bucket->second.empty()) buckets_.erase(bucket);
  }
}

const PodIndex::Bucket* PodIndex::smallest_bucket(const std::string& ns, const LabelSelector& selector) const {
  const Bucket* smallest = nullptr;
  for (const auto& [label, value] : selector.equalities()) {
    const auto bucket = buckets_.find(label_bucket(ns, label, value));
    if (bucket == buckets_.end()) return nullptr;
    if (smallest == nullptr || bucket->second.size() < smallest->size()) smallest = &bucket->second;
  }
  return smallest;
}

std::vector<PodObservation> select_pods(const PodIndex& index, const std::string& ns, const LabelSelector& selector) {
  std::vector<PodObservation> pods;
  index.for_each(ns, selector, [&](const PodObject& pod) { pods.push_back(pod.observation); });
  return pods;
}

}  // namespace scaler
