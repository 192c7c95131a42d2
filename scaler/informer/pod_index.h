// The pods of a cache by label, so that who selects a few of them does not look at all.
//
// Follows its cache by subscription: constructed before or after the cache is filled, it is right from then on, and
// must live as long as the cache. Single-threaded.
#pragma once

#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "scaler/informer/label_selector.h"
#include "scaler/informer/object_cache.h"

namespace scaler {

class PodIndex {
 public:
  explicit PodIndex(ObjectCache<PodObject>& cache);
  PodIndex(const PodIndex&) = delete;
  PodIndex& operator=(const PodIndex&) = delete;

  // Calls `visit(const PodObject&)` for each pod of the namespace that the selector matches, in order of name.
  template <class Visitor>
  void for_each(const std::string& ns, const LabelSelector& selector, Visitor visit) const {
    const auto visit_matching = [&](const PodObject& pod) {
      if (selector.matches(pod.labels)) visit(pod);
    };
    if (selector.equalities().empty()) return cache_.for_each(ns, visit_matching);
    const Bucket* const smallest = smallest_bucket(ns, selector);
    if (smallest == nullptr) return;
    for (const auto& [name, pod] : *smallest) visit_matching(*pod);
  }

 private:
  using Pod = std::shared_ptr<const PodObject>;
  using Bucket = std::map<std::string_view, Pod>;  // by name, which the pod holds

  void add(const Pod& pod);
  void remove(const PodObject& pod);
  // Null if a label that the selector wants is nowhere in the namespace.
  const Bucket* smallest_bucket(const std::string& ns, const LabelSelector& selector) const;

  const ObjectCache<PodObject>& cache_;
  std::map<std::string, Bucket> buckets_;  // by namespace, key and value, as in the source
};

// What a policy sees of the pods of the namespace that the selector matches, sorted by name.
std::vector<PodObservation> select_pods(const PodIndex& index, const std::string& ns, const LabelSelector& selector);

}  // namespace scaler
