// Which pods a ReplicaSet gives up first (ActivePodsWithRanks of Kubernetes 1.22 and later). Pure function.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "common/base/time.h"
#include "fake-apiserver/controllers/pod_cache.h"

namespace fakeapi {

// Sorts `pods`, first victim first: without node; by phase Pending, Unknown, Running; not ready; lower deletion cost;
// on the node with more `neighbours` (active pods of the same workload by node); ready for a shorter time; more
// restarts; newer. Times are compared by the power of two of their age in seconds, so that not always the newest go;
// within one power the uid decides.
void sort_victims(std::vector<const Pod*>& pods, const std::map<std::string, int>& neighbours, base::Time now);

}  // namespace fakeapi
