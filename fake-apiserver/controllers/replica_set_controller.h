// Keeps each ReplicaSet at its number of pods, and its status true.
//
// Single-threaded; owned by the Cluster.
#pragma once

#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "common/base/clock.h"
#include "common/base/metrics.h"
#include "fake-apiserver/controllers/event_recorder.h"
#include "fake-apiserver/controllers/pod_admission.h"
#include "fake-apiserver/controllers/pod_cache.h"
#include "fake-apiserver/controllers/retry_delays.h"
#include "fake-apiserver/controllers/subscription.h"
#include "fake-apiserver/controllers/timers.h"
#include "fake-apiserver/controllers/work_queue.h"
#include "fake-apiserver/controllers/write_limit.h"

namespace fakeapi {

struct ReplicaSetControllerOptions {
  base::Duration delay = std::chrono::milliseconds(10);
  base::Duration create_batch_interval = std::chrono::milliseconds(10);
  std::optional<WriteRate> rate{};  // of the controller's client
};

class ReplicaSetController {
 public:
  ReplicaSetController(ReplicaSetControllerOptions options, ObjectStore& store, base::Clock& clock, PodCache& pods,
                       EventRecorder& events, base::Metrics& metrics, PodAdmission admission = {});

 private:
  // A slow start on its way: batches of 1, 2, 4, ... pods.
  struct Creation {
    std::string uid;  // of the ReplicaSet
    Json template_pod;
    std::int64_t left = 0;
    std::int64_t batch = 1;
    std::int64_t of_batch = 0;  // left to create of the batch that is under way
  };
  struct Counts {
    std::int64_t replicas = 0;
    std::int64_t labeled = 0;
    std::int64_t ready = 0;
    std::int64_t available = 0;
    std::optional<base::Time> next_available;  // of the first ready pod that is not available yet
  };

  // The active pods of a ReplicaSet, kept up to date: a sync does not look at them all.
  struct Tally {
    Json labels;  // of the template
    std::int64_t replicas = 0;
    std::int64_t labeled = 0;
    std::int64_t ready = 0;
  };

  void on_pod(const Pod* before, const Pod* after);
  void note_claims(const Pod* before, const Pod* after);
  void claim_pods(const Json& replica_set);
  void tally(const Pod* pod, std::int64_t sign);
  void recount_labels(const Json& replica_set);
  void on_replica_set(const StoreEvent& event);
  void sync(const ObjectName& name);
  void manage(const ObjectPtr& replica_set, std::int64_t active);
  void start_creating(const ObjectName& name, const Json& replica_set, std::int64_t count);
  void create_batch(const ObjectName& name);
  bool create_pod(const Json& replica_set, const Json& template_pod);
  void delete_some(const ObjectPtr& replica_set, std::int64_t count);
  std::map<std::string, int> neighbours_of(const Json& replica_set) const;
  Counts count(const Json& replica_set) const;
  void write_status(const ObjectName& name, const Counts& counts);

  const ReplicaSetControllerOptions options_;
  ObjectStore& store_;
  base::Clock& clock_;
  PodCache& pods_;
  EventRecorder& events_;
  const PodAdmission admission_;
  base::Metrics& metrics_;
  WriteLimit limit_;
  bool writes_status_ = false;
  std::map<ObjectName, Creation> creating_;
  std::map<ObjectName, std::string> failures_;  // why the latest pod could not be created
  std::map<std::string, Tally> tallies_;        // by uid; only of ReplicaSets that have active pods
  std::set<ObjectName> unclaimed_;              // active pods that no controller has
  std::set<ObjectName> relabeled_;              // pods whose owner has yet to see whether it still selects them
  WorkQueue queue_;
  RetryDelays retries_;
  Timers timers_;
  Subscription subscription_;
};

// A pod as `replica_set` makes it, without a name.
Json pod_of_template(const Json& replica_set);

}  // namespace fakeapi
