// The pods that sets of one kind may have to claim: those that nobody controls, and those of theirs that were
// relabeled.
//
// Single-threaded; owned by the sets' controller. Costs next to nothing while there are no such sets.
#pragma once

#include <functional>
#include <set>
#include <string>

#include "fake-apiserver/controllers/pod_cache.h"
#include "fake-apiserver/controllers/work_queue.h"

namespace fakeapi {

class PodClaims {
 public:
  // `kind` is of apps/v1. Sets that have something to claim come into `queue`.
  PodClaims(const Resource& sets, const char* kind, ObjectStore& store, PodCache& pods, WorkQueue& queue);

  // Of every change, of pods and of sets.
  void note(const Pod* before, const Pod* after);
  void note_set(const StoreEvent& event);

  // Adopts for the set what it selects and nobody has, and lets go what it selects no more. A pod that does not belong
  // to it by `belongs`, if that is given, is none of its.
  void settle(const ObjectName& set, const std::function<bool(const Json& pod)>& belongs = nullptr);

 private:
  const Resource sets_;
  const char* const kind_;
  ObjectStore& store_;
  PodCache& pods_;
  WorkQueue& queue_;
  std::set<std::string> uids_;      // of the sets
  std::set<ObjectName> orphans_;    // pods without a controller
  std::set<ObjectName> relabeled_;  // of a set, which has yet to see whether it still selects them
};

}  // namespace fakeapi
