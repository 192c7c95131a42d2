// The scale subresource: a workload's replicas as autoscaling/v1 Scale. Pure functions.
#pragma once

#include "fake-apiserver/api/resource_registry.h"
#include "fake-apiserver/api/status.h"

namespace fakeapi {

Json scale_of(const Json& workload);

// Writes a Scale's replicas, and its resourceVersion if it has one, into the workload. 400, 422.
ApiResult<> apply_scale(Json& workload, const Json& scale);

}  // namespace fakeapi
