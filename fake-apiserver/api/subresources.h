// What is done to an object rather than with it: bindings, evictions, logs, tokens; and the kinds that are answered and
// never stored. Single-threaded; owned by the writer.
#pragma once

#include "common/http/handler.h"
#include "fake-apiserver/api/server_hooks.h"

namespace fakeapi {

class Subresources {
 public:
  Subresources(ObjectStore& store, const ServerHooks& hooks) : store_(store), hooks_(hooks) {}

  // Whether the request is answered here: the subresources that are no part of the object, reads included, and the
  // kinds that are not stored.
  static bool serves(const ApiRequest& request);
  // 405 for a method that the subresource does not have.
  ApiResult<http::Reply> answer(const ApiRequest& request);

 private:
  ApiResult<http::Reply> create_transient(const ApiRequest& request);
  ApiResult<http::Reply> read_transient(const ApiRequest& request);
  ApiResult<http::Reply> bind(const ApiRequest& request, const std::string& pod);
  ApiResult<http::Reply> evict(const ApiRequest& request);
  ApiResult<http::Reply> issue_token(const ApiRequest& request);
  ApiResult<http::Reply> finalize_namespace(const ApiRequest& request);

  ObjectStore& store_;
  const ServerHooks& hooks_;
};

}  // namespace fakeapi
