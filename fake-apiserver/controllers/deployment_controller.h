// Turns Deployments into ReplicaSets: creates them, rolls from the old to the new, scales, and writes the status.
//
// Single-threaded; owned by the Cluster. The decisions are in rolling_update.h and deployment_status.h.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "common/base/clock.h"
#include "common/base/metrics.h"
#include "fake-apiserver/controllers/event_recorder.h"
#include "fake-apiserver/controllers/object_fields.h"
#include "fake-apiserver/controllers/pod_cache.h"
#include "fake-apiserver/controllers/replica_sets.h"
#include "fake-apiserver/controllers/subscription.h"
#include "fake-apiserver/controllers/work_queue.h"
#include "fake-apiserver/controllers/write_limit.h"

namespace fakeapi {

class DeploymentController {
 public:
  DeploymentController(base::Duration delay, ObjectStore& store, base::Clock& clock, PodCache& pods,
                       EventRecorder& events, base::Metrics& metrics, std::optional<WriteRate> rate = std::nullopt);

 private:
  void on_deployment(const StoreEvent& event);
  void on_replica_set(const StoreEvent& event);
  void on_pod_gone(const Pod& pod);
  void enqueue_owner(const Json& replica_set);

  void sync(const ObjectName& name);
  void sync_now(const ObjectName& name);
  void roll(DeploymentView& deployment, ReplicaSets& sets);
  void recreate(DeploymentView& deployment, ReplicaSets& sets);
  bool grow_current(const DeploymentView& deployment, ReplicaSets& sets);
  bool shrink_old(const DeploymentView& deployment, ReplicaSets& sets);
  void scale(const DeploymentView& deployment, ReplicaSets& sets);
  void scale_in_proportion(const DeploymentView& deployment, ReplicaSets& sets);
  bool resize(const DeploymentView& deployment, ReplicaSetView& set, std::int64_t size);

  // Finds or makes the ReplicaSet of the present template. False if it cannot be made now.
  bool ensure_current(DeploymentView& deployment, ReplicaSets& sets);
  bool create_current(DeploymentView& deployment, ReplicaSets& sets, std::int64_t revision);
  void adopt_current(DeploymentView& deployment, ReplicaSets& sets, std::int64_t revision);
  void note_current(DeploymentView& deployment, const ReplicaSetView& current, const Condition& progressing,
                    bool keep_condition);
  void count_collision(const DeploymentView& deployment);
  void check_paused(DeploymentView& deployment);
  void clean_up(const DeploymentView& deployment, const ReplicaSets& sets);
  bool has_running_old_pods(const ReplicaSets& sets) const;
  void write_status(const DeploymentView& deployment, const Json& status);
  void finish(const DeploymentView& deployment, const ReplicaSets& sets);

  ObjectStore& store_;
  base::Clock& clock_;
  PodCache& pods_;
  EventRecorder& events_;
  base::Metrics& metrics_;
  bool syncs_ = false;
  WriteLimit limit_;
  WorkQueue queue_;
  Subscription deployments_;
  Subscription replica_sets_;
};

}  // namespace fakeapi
