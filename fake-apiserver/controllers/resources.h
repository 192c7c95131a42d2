// The collections that controllers read and write.
#pragma once

#include "fake-apiserver/store/object_store.h"

namespace fakeapi::resources {

inline const Resource kPods{"", "pods"};
inline const Resource kNodes{"", "nodes"};
inline const Resource kEvents{"", "events"};
inline const Resource kDeployments{"apps", "deployments"};
inline const Resource kReplicaSets{"apps", "replicasets"};
inline const Resource kStatefulSets{"apps", "statefulsets"};
inline const Resource kDaemonSets{"apps", "daemonsets"};
inline const Resource kReplicationControllers{"", "replicationcontrollers"};
inline const Resource kJobs{"batch", "jobs"};
inline const Resource kCronJobs{"batch", "cronjobs"};
inline const Resource kPriorityClasses{"scheduling.k8s.io", "priorityclasses"};

}  // namespace fakeapi::resources
