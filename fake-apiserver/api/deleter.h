// DELETE of objects and collections. Single-threaded; owned by the writer.
#pragma once

#include <optional>
#include <string>

#include "common/http/handler.h"
#include "fake-apiserver/api/api_request.h"
#include "fake-apiserver/api/namespaces.h"

namespace fakeapi {

class Deleter {
 public:
  struct Options {
    std::optional<std::int64_t> grace_seconds;
    std::string policy{};  // Background, Foreground or Orphan; empty: the kind's own
    Preconditions preconditions;
    bool dry_run = false;
  };

  Deleter(ObjectStore& store, Namespaces& namespaces) : store_(store), namespaces_(namespaces) {}

  ApiResult<http::Reply> remove(const ApiRequest& request);
  ApiResult<http::Reply> remove_collection(const ApiRequest& request);

  // As a DELETE with these options would. 404, 409.
  ApiResult<ObjectPtr> remove_object(const ResourceInfo& info, const ObjectName& name, const Options& options);

  // DeleteOptions of the body, or else of the query. 400, 422.
  static ApiResult<Options> options_of(const ApiRequest& request);
  // The same for options that are part of another document.
  static ApiResult<Options> options_of(const ApiRequest& request, const Json& options);

 private:
  ObjectStore& store_;
  Namespaces& namespaces_;
};

}  // namespace fakeapi
