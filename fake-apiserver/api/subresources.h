// What is done to an object rather than with it: POST /binding. Single-threaded; owned by the writer.
#pragma once

#include "common/http/handler.h"
#include "fake-apiserver/api/api_request.h"

namespace fakeapi {

class Subresources {
 public:
  explicit Subresources(ObjectStore& store) : store_(store) {}

  // Whether the request is for a subresource of this kind; "status" and "scale" are not.
  static bool serves(const ApiRequest& request);
  ApiResult<http::Reply> write(const ApiRequest& request);

 private:
  ApiResult<http::Reply> bind(const ApiRequest& request);

  ObjectStore& store_;
};

}  // namespace fakeapi
