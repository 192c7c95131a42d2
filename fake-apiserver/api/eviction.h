// POST /pods/x/eviction: a deletion that the pod's disruption budget has a say in. Single-threaded; owned by the
// server.
#pragma once

#include "common/http/handler.h"
#include "fake-apiserver/api/api_request.h"
#include "fake-apiserver/api/deleter.h"

namespace fakeapi {

class Evictor {
 public:
  Evictor(ObjectStore& store, Namespaces& namespaces) : store_(store), deleter_(store, namespaces) {}

  // `eviction` is the body, of policy/v1 or v1beta1; its deleteOptions are those of the deletion. 201, 404, 409, 429.
  ApiResult<http::Reply> evict(const ApiRequest& request, const Json& eviction);

 private:
  ObjectStore& store_;
  Deleter deleter_;
};

}  // namespace fakeapi
