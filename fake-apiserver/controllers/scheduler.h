// Binds pods to nodes: by priority, then age; what does not fit waits until something changes.
//
// Single-threaded; owned by the Cluster. Preemption is not modelled.
#pragma once

#include <compare>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "common/base/clock.h"
#include "common/base/metrics.h"
#include "fake-apiserver/controllers/event_recorder.h"
#include "fake-apiserver/controllers/node_table.h"
#include "fake-apiserver/controllers/placement.h"
#include "fake-apiserver/controllers/pod_cache.h"
#include "fake-apiserver/controllers/timers.h"

namespace fakeapi {

class Scheduler {
 public:
  // `delay` passes from a pod's creation, or from the change that makes room, to the decision.
  Scheduler(base::Duration delay, ObjectStore& store, base::Clock& clock, PodCache& pods, NodeTable& nodes,
            EventRecorder& events, base::Metrics& metrics);

  // The pods that found no node when last tried, by priority, then age. Valid until the next change.
  std::vector<const Pod*> unschedulable() const;

 private:
  struct QueueKey {
    std::int64_t priority;
    std::uint64_t ordinal;
    std::strong_ordering operator<=>(const QueueKey& other) const {
      if (priority != other.priority) return other.priority <=> priority;  // the highest first
      return ordinal <=> other.ordinal;
    }
    bool operator==(const QueueKey&) const = default;
  };
  struct Entry {
    ObjectName name;
    bool refused = false;  // no node had room when it was last tried
  };
  using Queue = std::map<QueueKey, Entry>;

  void on_pod(const Pod* before, const Pod* after);
  void retry();
  void wake();
  void schedule_all();
  bool schedule(const ObjectName& name);
  void bind(const Pod& pod, const Node& node);
  void refuse(const Pod& pod, const std::string& why);

  const base::Duration delay_;
  ObjectStore& store_;
  base::Clock& clock_;
  PodCache& pods_;
  NodeTable& nodes_;
  EventRecorder& events_;
  base::Metrics& metrics_;
  Queue active_;
  Queue waiting_;
  // The latest refusal of this round, while nothing has been bound since: hundreds of equal pods wait together.
  std::optional<std::pair<PlacementRequest, std::string>> refused_;
  bool awake_ = false;
  Timers timers_;
};

}  // namespace fakeapi
