// A Deployment and its ReplicaSets as one sync of the deployment controller sees them, and what it makes of them.
//
// Pure functions over values; the controller writes.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "common/base/time.h"
#include "fake-apiserver/controllers/rolling_update.h"
#include "fake-apiserver/store/object_store.h"

namespace fakeapi {

inline constexpr const char* kRevisionAnnotation = "deployment.kubernetes.io/revision";
inline constexpr const char* kRevisionHistoryAnnotation = "deployment.kubernetes.io/revision-history";
inline constexpr const char* kDesiredReplicasAnnotation = "deployment.kubernetes.io/desired-replicas";
inline constexpr const char* kMaxReplicasAnnotation = "deployment.kubernetes.io/max-replicas";
inline constexpr const char* kTemplateHashLabel = "pod-template-hash";
inline constexpr const char* kReplicaFailure = "ReplicaFailure";  // a condition of both

// What a ReplicaSet's object says.
struct ReplicaSetView {
  explicit ReplicaSetView(ObjectPtr replica_set);

  ObjectName name;
  std::string uid;
  base::Time created{};
  std::int64_t revision = 0;
  std::int64_t desired_replicas = -1;  // annotations; -1 if absent
  std::int64_t max_replicas = -1;
  std::int64_t wanted = 0;  // spec.replicas
  std::int64_t replicas = 0;
  std::int64_t ready = 0;
  std::int64_t available = 0;
  ObjectPtr object;
};

// A Deployment's spec with Kubernetes' defaults.
struct DeploymentView {
  explicit DeploymentView(ObjectPtr deployment);

  ObjectName name;
  std::string uid;
  std::int64_t replicas = 1;
  bool paused = false;
  bool recreate = false;
  rollout::Fenceposts posts;  // all zero for Recreate
  std::optional<base::Duration> progress_deadline = std::chrono::seconds(600);
  std::int64_t history_limit = 10;
  std::int64_t collisions = 0;
  bool noted = false;  // this sync has written down the ReplicaSet that it found or made
  ObjectPtr object;

  const Json& pod_template() const;
};

// The ReplicaSet of the present template, and the others, oldest first.
struct ReplicaSets {
  std::optional<ReplicaSetView> current;
  std::vector<ReplicaSetView> old;
  std::int64_t wanted_before = 0;  // what all together wanted when the sync began

  std::vector<const ReplicaSetView*> all() const;
  std::int64_t total_wanted() const;
};

ReplicaSets sort_replica_sets(const DeploymentView& deployment, const std::vector<ObjectPtr>& owned);

// Equal but for the label with the hash, and for fields that are null here and absent there.
bool same_template(const Json& a, const Json& b);

// A hash of the template (and of the number of collisions so far) in the alphabet that Kubernetes uses for it. Stable,
// but not the value that Kubernetes computes.
std::string template_hash(const Json& pod_template, std::int64_t collisions);

// The ReplicaSet object for the present template, of size `replicas`.
Json new_replica_set(const DeploymentView& deployment, std::int64_t replicas, std::int64_t revision);

// Writes the size into the annotations by which scaling is recognised.
void set_replica_annotations(Json& replica_set, const DeploymentView& deployment);

// The Deployment's annotations that its ReplicaSets carry too.
void copy_annotations(const Json& deployment, Json& replica_set);

}  // namespace fakeapi
