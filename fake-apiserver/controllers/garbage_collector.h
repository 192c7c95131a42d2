// Removes what has lost its owners, and finishes deletions in the foreground and those that orphan their dependents.
//
// Single-threaded; owned by the Cluster. An owner of a kind that this cluster has no controller for counts as present
// until its deletion is seen.
#pragma once

#include <map>
#include <set>
#include <string>
#include <utility>

#include "common/base/clock.h"
#include "fake-apiserver/controllers/subscription.h"
#include "fake-apiserver/controllers/timers.h"

namespace fakeapi {

class GarbageCollector {
 public:
  // `delay` passes between the loss of an owner and the deletion.
  GarbageCollector(base::Duration delay, ObjectStore& store, base::Clock& clock);

 private:
  using Dependent = std::pair<Resource, ObjectName>;

  void on_event(const StoreEvent& event);
  void index(const Dependent& dependent, const Json* before, const Json* after);
  bool is_missing(const Json& reference, const std::string& ns) const;

  // Deletes the dependent, or drops the owners that are gone if others are left.
  void collect(const Dependent& dependent);
  // Carries out the finalizers of an owner that is being deleted.
  void finalize(const Dependent& owner);
  void orphan_dependents(const std::string& uid);
  bool has_blocking_dependents(const std::string& uid) const;
  void remove_finalizer(const Dependent& owner, const std::string& finalizer);
  void remove(const Dependent& dependent, const Json& object);

  const base::Duration delay_;
  ObjectStore& store_;
  std::map<std::string, std::set<Dependent>> dependents_;  // by the owner's uid
  std::set<std::string> gone_;                             // uids of owners that are gone and still have dependents
  Timers timers_;
  Subscription subscription_;
};

}  // namespace fakeapi
