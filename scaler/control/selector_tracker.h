// The selectors of all HPAs, so that two that select the same pods are noticed.
//
// A HPA that was added and not yet looked at matches nothing. Single-threaded; owned by the Observer.
#pragma once

#include <map>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "scaler/client/api_types.h"
#include "scaler/informer/label_selector.h"

namespace scaler {

class SelectorTracker {
 public:
  using Labels = std::map<std::string, std::string>;

  // Of an HPA that is there already, keeps what was recorded.
  void add(const ObjectKey& hpa);
  void remove(const ObjectKey& hpa);
  // The selector of the HPA's target; nothing happens if the HPA was not added.
  void record(const ObjectKey& hpa, std::shared_ptr<const LabelSelector> selector);

  // Inserts the names of the HPAs of the namespace whose selectors match a pod with these labels.
  void find(const std::string& ns, const Labels& labels, std::set<std::string>& names) const;

  std::size_t size() const { return recorded_.size(); }

 private:
  // What a selector is looked up by: one of its equalities, or nothing.
  struct Recorded {
    std::shared_ptr<const LabelSelector> selector;  // null: matches nothing
    std::string bucket;
  };
  using Names = std::map<std::string, const LabelSelector*>;

  void drop_selector(const ObjectKey& hpa, Recorded& recorded);
  std::string choose_bucket(const std::string& ns, const LabelSelector& selector) const;

  std::map<ObjectKey, Recorded> recorded_;
  std::map<std::string, Names> buckets_;
};

}  // namespace scaler
