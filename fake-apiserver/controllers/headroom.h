// The Deployment of pause pods that hold room on the nodes until pods of a higher priority need it.
//
// Pure function and names.
#pragma once

#include "fake-apiserver/controllers/cluster_options.h"

namespace fakeapi {

inline const ObjectName kHeadroomName{"kube-system", "headroom"};

Json headroom_deployment(const HeadroomOptions& options);

// A pause container is there at once, and does nothing.
PodStartOptions headroom_pod_start();

}  // namespace fakeapi
