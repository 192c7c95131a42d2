// What a pod asks for by its containers. Pure; the pod may have any shape.
#pragma once

#include "fake-apiserver/controllers/pod_cache.h"

namespace fakeapi {

PodRequests requests_of(const Json& pod);

}  // namespace fakeapi
