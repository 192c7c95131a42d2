// GET /pods/x/log. Stateless.
#pragma once

#include "fake-apiserver/api/server_hooks.h"

namespace fakeapi {

// text/plain; 400 if the options or the container don't fit, 404 without the pod.
ApiResult<http::Reply> pod_log(const ApiRequest& request, ObjectStore& store, PodLogSource* source);

}  // namespace fakeapi
