// The arithmetic of a Deployment's rollout: how many pods the new ReplicaSet may gain and the old ones may lose.
//
// Pure functions; the rules are those of the Kubernetes deployment controller.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "fake-apiserver/store/object_store.h"

namespace fakeapi::rollout {

// maxSurge and maxUnavailable as numbers of pods.
struct Fenceposts {
  std::int64_t surge = 0;
  std::int64_t unavailable = 0;
};

// Either value is a number or a percentage ("25%") of `replicas`; surge rounds up, unavailable down, and both at 0
// would never move: then one pod may be unavailable. Null, or what is neither, counts as the default 25%.
Fenceposts resolve(const Json* max_surge, const Json* max_unavailable, std::int64_t replicas);

// What the arithmetic needs to know of a ReplicaSet.
struct Sizes {
  std::int64_t wanted = 0;     // spec.replicas
  std::int64_t available = 0;  // status.availableReplicas
};

// The size that the new ReplicaSet may grow to; `total` is what all ReplicaSets together want.
std::int64_t grown_size(std::int64_t replicas, std::int64_t total, std::int64_t new_wanted, Fenceposts posts);

// The sizes of the old ReplicaSets, given oldest first, after as much shrinking as is safe: first pods that are not
// available, then available ones.
std::vector<std::int64_t> shrunk_sizes(std::int64_t replicas, const Sizes& current, const std::vector<Sizes>& old,
                                       Fenceposts posts);

// A ReplicaSet whose Deployment was scaled in the middle of a rollout.
struct Share {
  std::int64_t wanted = 0;
  std::int64_t max_replicas = 0;  // replicas + surge of the Deployment when the ReplicaSet was last scaled
};

// Spreads a change of the Deployment's size over its active ReplicaSets, given largest first, in proportion to their
// sizes; what rounding leaves goes to the first. Returns the new sizes.
std::vector<std::int64_t> proportional_sizes(std::int64_t replicas, std::int64_t surge,
                                             const std::vector<Share>& shares);

}  // namespace fakeapi::rollout
