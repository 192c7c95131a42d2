#include "scaler/control/selector_tracker.h"

#include <utility>

namespace scaler {
namespace {

// Of the selectors that no label is sure to meet.
std::string open_bucket(const std::string& ns) { return ns; }

}  // namespace

void SelectorTracker::add(const ObjectKey& hpa) { recorded_.try_emplace(hpa); }

void SelectorTracker::remove(const ObjectKey& hpa) {
  const auto found = recorded_.find(hpa);
  if (found == recorded_.end()) return;
  drop_selector(hpa, found->second);
  recorded_.erase(found);
}

void SelectorTracker::drop_selector(const ObjectKey& hpa, Recorded& recorded) {
  if (!recorded.selector) return;
  const auto bucket = buckets_.find(recorded.bucket);
  bucket->second.erase(hpa.name);
  if (bucket->second.empty()) buckets_.erase(bucket);
  recorded.selector.reset();
}

// The label that tells the selector best from those that are known: many may say "env=prod".
std::string SelectorTracker::choose_bucket(const std::string& ns, const LabelSelector& selector) const {
  std::string best = open_bucket(ns);
  std::size_t fewest = 0;
  for (const auto& [label, value] : selector.equalities()) {
    std::string key = label_bucket(ns, label, value);
    const auto found = buckets_.find(key);
    const std::size_t shared = found == buckets_.end() ? 0 : found->second.size();
    if (best != open_bucket(ns) && shared >= fewest) continue;
    best = std::move(key);
    fewest = shared;
  }
  return best;
}

void SelectorTracker::record(const ObjectKey& hpa, std::shared_ptr<const LabelSelector> selector) {
  const auto found = recorded_.find(hpa);
  if (found == recorded_.end() || found->second.selector == selector) return;
  Recorded& recorded = found->second;
  drop_selector(hpa, recorded);
  recorded.bucket = choose_bucket(hpa.ns, *selector);
  buckets_[recorded.bucket][hpa.name] = selector.get();
  recorded.selector = std::move(selector);
}

void SelectorTracker::find(const std::string& ns, const Labels& labels, std::set<std::string>& names) const {
  const auto look_in = [&](const std::string& key) {
    const auto bucket = buckets_.find(key);
    if (bucket == buckets_.end()) return;
    for (const auto& [name, selector] : bucket->second) {
      if (selector->matches(labels)) names.insert(name);
    }
  };
  look_in(open_bucket(ns));
  for (const auto& [label, value] : labels) look_in(label_bucket(ns, label, value));
}

}  // namespace scaler
