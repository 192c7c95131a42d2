// Removes what has lost its owners, and finishes deletions in the foreground and those that orphan their dependents.
//
// Single-threaded; owned by the Cluster. An owner of a kind that nobody has seen counts as present until its deletion
// is seen: there is no telling where to look for it.
#pragma once

#include <map>
#include <set>
#include <string>
#include <utility>

#include "common/base/clock.h"
#include "fake-apiserver/controllers/event_recorder.h"
#include "fake-apiserver/controllers/subscription.h"
#include "fake-apiserver/controllers/timers.h"

namespace fakeapi {

class GarbageCollector {
 public:
  // `delay` passes between the loss of an owner and the deletion.
  GarbageCollector(base::Duration delay, ObjectStore& store, base::Clock& clock, EventRecorder& events);

 private:
  using Dependent = std::pair<Resource, ObjectName>;
  struct Kind {
    Resource resource;
    bool namespaced = true;
  };
  struct Waiting {
    Dependent owner;
    bool swept = false;  // its dependents have been told to go
  };
  enum class Owner { kPresent, kMissing, kWaiting /* for its dependents to go */ };

  void learn(const Resource& resource, const Json& object);
  void start();
  void on_event(const StoreEvent& event);
  void note_deletion(const Dependent& self, const Json& object);
  void index(const Dependent& dependent, const Json* before, const Json* after);
  Owner state_of(const Json& reference, const std::string& ns) const;
  const Kind* kind_of(const Json& reference) const;
  void report_invalid_owners(const Json& object);

  // Deletes the dependent, or drops the owners that are gone or going if others are left.
  void collect(const Dependent& dependent);
  void plan_collection(const Dependent& dependent);
  void plan_end(const Dependent& owner, const std::string& uid);
  // Carries out the finalizers of an owner that is being deleted.
  void finalize(const Dependent& owner);
  void orphan_dependents(const std::string& uid);
  bool has_blocking_dependents(const std::string& uid) const;
  void remove_finalizer(const Dependent& owner, const std::string& finalizer);
  void remove(const Dependent& dependent, const Json& object, bool foreground);

  const base::Duration delay_;
  ObjectStore& store_;
  EventRecorder& events_;
  std::map<std::pair<std::string, std::string>, Kind> kinds_;  // by API group and kind
  std::set<Resource> learnt_;
  std::map<std::string, std::set<Dependent>> dependents_;  // by the owner's uid
  std::set<std::string> gone_;                             // uids of owners that are gone and still have dependents
  std::map<std::string, Waiting> waiting_;                 // owners that go in the foreground, by uid
  std::set<std::string> ending_;                           // owners whose finalize() is planned
  Timers timers_;
  Subscription subscription_;
};

}  // namespace fakeapi
