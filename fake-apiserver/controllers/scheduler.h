// Binds pods to nodes: by priority, then age; what does not fit backs off, then waits until something changes.
//
// A pod that fits nowhere makes pods of lower priority give way. Single-threaded; owned by the Cluster.
#pragma once

#include <compare>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "common/base/background_clock.h"
#include "common/base/clock.h"
#include "common/base/metrics.h"
#include "fake-apiserver/controllers/event_recorder.h"
#include "fake-apiserver/controllers/node_table.h"
#include "fake-apiserver/controllers/placement.h"
#include "fake-apiserver/controllers/pod_cache.h"
#include "fake-apiserver/controllers/pod_counts.h"
#include "fake-apiserver/controllers/preemption.h"
#include "fake-apiserver/controllers/timers.h"
#include "fake-apiserver/controllers/write_limit.h"
#include "fake-apiserver/controllers/zone_spread.h"

namespace fakeapi {

class Scheduler {
 public:
  // See ClusterOptions.
  struct Options {
    base::Duration delay;  // from a pod's creation, or from the change that makes room, to the decision
    bool spread_over_hosts = false;
    std::optional<WriteRate> rate{};  // of its client
  };

  Scheduler(Options options, ObjectStore& store, base::Clock& clock, PodCache& pods, NodeTable& nodes,
            const PodCounts& counts, EventRecorder& events, base::Metrics& metrics);

  // The pods that found no node when last tried, without those that others give way to, by priority, then age. Valid
  // until the next change.
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
    bool refused = false;                       // no node had room when it was last tried
    int attempts = 0;                           // in vain
    base::Time not_before{};                    // the end of its back-off
    base::Time told{};                          // when its status was last told why
    std::optional<PlacementRequest> request{};  // read when it is first tried
  };
  using Queue = std::map<QueueKey, Entry>;

  void on_pod(const Pod* before, const Pod* after);
  void look_again_at(const Pod& pod);
  void retry();
  void retry_those_waiting_for_others(base::Time at);
  void on_lost_node(const std::string& node);
  void wake_after_back_off(base::Time at);
  void tell_gated(const ObjectName& name);
  void flush();
  void wake(base::Duration delay);
  void schedule_all();
  bool schedule(Entry& entry);
  bool is_known_refusal(const PlacementRequest& request) const;
  void give_up(Entry& entry, const std::string& why);
  bool may_preempt(const Pod& pod) const;
  bool awaits_victims(const Pod& pod) const;  // those that it has driven out are still going
  bool try_to_bind(const Pod& pod, const PlacementRequest& request, std::string& why);
  // The node that is being cleared for the pod now, or nothing.
  std::string preempt(const Pod& pod, const PlacementRequest& request);
  DisruptionBudgets budgets() const;
  void evict(const Pod& victim, const Pod& preemptor, const std::string& node);
  void nominate(const PlacementRequest& request, const std::string& node);
  bool forget_nomination(const ObjectName& name);  // false if there is none
  PlacementContext context_of(const Pod& pod) const;
  void bind(const Pod& pod, const Node& node);
  void refuse(Entry& entry, const std::string& why, const std::optional<std::string>& nominated = std::nullopt);

  const base::Duration delay_;
  ObjectStore& store_;
  base::Clock& clock_;
  PodCache& pods_;
  NodeTable& nodes_;
  EventRecorder& events_;
  base::Metrics& metrics_;
  Queue active_;
  Queue round_;  // of the round that is under way: those still to be tried
  Queue waiting_;
  // Those of them that other pods may help by coming; more may be named that no longer wait.
  std::set<QueueKey> waiting_for_others_;
  std::optional<base::Time> others_due_;  // the earliest for which a timer is set
  // The latest refusal of this round, while nothing has been bound since: hundreds of equal pods wait together.
  std::optional<std::pair<PlacementRequest, std::string>> refused_;
  std::map<ObjectName, std::string> nominated_;     // pods that wait for victims to go, and their nodes
  Reservations reserved_;                           // the same by node
  std::map<std::int64_t, int> placed_by_priority_;  // active pods on nodes
  ZoneSpread zones_;
  const PodCounts& counts_;
  std::size_t start_ = 0;                    // the node that the next search begins with
  std::size_t victims_start_ = 0;            // the same of the search for victims
  std::optional<base::Time> back_off_ends_;  // the earliest for which a timer is set
  std::optional<base::Time> next_flush_;
  bool awake_ = false;
  WriteLimit limit_;
  Timers timers_;
  base::BackgroundClock background_;
  Timers flushes_{background_};
};

}  // namespace fakeapi
