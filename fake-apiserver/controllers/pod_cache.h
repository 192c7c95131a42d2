// What controllers know of the pods: each pod parsed once per change, and found by name, owner and node.
//
// Single-threaded; owned by the Cluster, before all controllers. Listeners are called from inside the write that
// changed the pod, in the order of registration; they must not write to the store.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <string>
#include <vector>

#include "common/base/time.h"
#include "fake-apiserver/controllers/subscription.h"
#include "fake-apiserver/store/object_store.h"

namespace fakeapi {

enum class PodPhase { kPending, kUnknown, kRunning, kSucceeded, kFailed };

struct PodRequests {
  std::int64_t cpu = 0;                          // thousandths of a core
  std::int64_t memory = 0;                       // bytes
  std::map<std::string, std::int64_t> others{};  // extended resources by name
};

struct Pod {
  ObjectName name;
  std::string uid;
  std::string owner_uid;  // of the controller; empty if there is none
  std::string owner_name;
  std::uint64_t ordinal = 0;        // grows with each pod that is created
  std::uint64_t owner_ordinal = 0;  // the n-th pod (from 0) of a controller of that name
  base::Time created{};
  std::int64_t priority = 0;
  PodRequests requests;

  PodPhase phase = PodPhase::kPending;
  std::string node;
  bool ready = false;
  base::Time ready_since{};    // the Ready condition's lastTransitionTime
  base::Time running_since{};  // the latest start of a container
  bool deleting = false;
  std::int64_t restarts = 0;
  std::int64_t generation = 0;     // metadata.generation: grows when the spec changes
  std::int64_t deletion_cost = 0;  // annotation controller.kubernetes.io/pod-deletion-cost
  ObjectPtr object;
  const Json* labels = nullptr;  // in `object`; null if it has none

  bool finished() const { return phase == PodPhase::kSucceeded || phase == PodPhase::kFailed; }
  // Counts as a replica.
  bool active() const { return !finished() && !deleting; }
};

class PodCache {
 public:
  // `before` is null for a new pod, `after` for one that is gone.
  using Listener = std::function<void(const Pod* before, const Pod* after)>;

  explicit PodCache(ObjectStore& store);

  // Calls `listener` for the pods that there are, then for every change.
  void listen(Listener listener);

  const Pod* find(const ObjectName& name) const;
  // In the order of creation. Valid until the next change.
  std::vector<const Pod*> of_owner(const std::string& uid) const { return listed(by_owner_, uid); }
  std::vector<const Pod*> of_node(const std::string& node) const { return listed(by_node_, node); }
  const std::map<ObjectName, Pod>& all() const { return pods_; }

 private:
  using Index = std::map<std::string, std::map<std::uint64_t, const Pod*>>;

  static std::vector<const Pod*> listed(const Index& index, const std::string& key);
  void on_event(const StoreEvent& event);
  void put(const ObjectPtr& object);
  void drop(const ObjectName& name);
  void on_deletion(const StoreEvent& event);
  void unindex_owner(const Pod& pod);
  Pod parse(const ObjectPtr& object, const Pod* before);
  std::int64_t priority_of(const Json& pod) const;

  ObjectStore& store_;
  std::map<ObjectName, Pod> pods_;
  Index by_owner_;
  Index by_node_;
  std::uint64_t created_ = 0;
  struct Owner {
    std::string uid;  // of the latest pod's
    std::uint64_t created = 0;
  };
  std::map<ObjectName, Owner> owners_;
  std::map<std::string, ObjectName> gone_owners_;  // by uid: those that have left pods behind
  std::vector<Listener> listeners_;
  Subscription subscription_;
  Subscription deletions_;
};

}  // namespace fakeapi
