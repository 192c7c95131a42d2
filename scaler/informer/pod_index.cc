#include "scaler/informer/pod_index.h"

namespace scaler {
namespace {

// Neither names nor labels hold a NUL.
std::string bucket_key(const std::string& ns, const std::string& label, const std::string& value) {
  std::string key;
  key.reserve(ns.size() + label.size() + value.size() + 2);
  return key.append(ns).append(1, '\0').append(label).append(1, '\0').append(value);
}

}  // namespace

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
    buckets_[bucket_key(pod->meta.key.ns, label, value)].emplace(pod->meta.key.name, pod);
  }
}

void PodIndex::remove(const PodObject& pod) {
  for (const auto& [label, value] : pod.labels) {
    const auto bucket = buckets_.find(bucket_key(pod.meta.key.ns, label, value));
    if (bucket == buckets_.end()) continue;
    bucket->second.erase(pod.meta.key.name);
    if (bucket->second.empty()) buckets_.erase(bucket);
  }
}

const PodIndex::Bucket* PodIndex::smallest_bucket(const std::string& ns, const LabelSelector& selector) const {
  const Bucket* smallest = nullptr;
  for (const auto& [label, value] : selector.equalities()) {
    const auto bucket = buckets_.find(bucket_key(ns, label, value));
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
