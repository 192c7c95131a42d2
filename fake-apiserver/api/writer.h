// POST, PUT and PATCH of objects; hands deletions and subresources on. Single-threaded; owned by the router.
#pragma once

#include <functional>

#include "common/http/handler.h"
#include "fake-apiserver/api/api_request.h"
#include "fake-apiserver/api/deleter.h"
#include "fake-apiserver/api/namespaces.h"
#include "fake-apiserver/api/patch.h"
#include "fake-apiserver/api/server_hooks.h"
#include "fake-apiserver/api/subresources.h"
#include "fake-apiserver/apply/ownership.h"

namespace fakeapi {

struct WriterOptions {
  // Whether writes are entered in metadata.managedFields. Server-side apply keeps its own entries in any case.
  bool track_managers = true;
};

class Writer {
 public:
  // `hooks` is read with each request; it must outlive the writer.
  Writer(ObjectStore& store, Namespaces& namespaces, const ServerHooks& hooks, WriterOptions options)
      : store_(store),
        namespaces_(namespaces),
        hooks_(hooks),
        options_(options),
        deleter_(store, namespaces),
        subresources_(store, hooks) {}

  // Also the reads that Subresources serves. 405 for a method that the resource does not have.
  ApiResult<http::Reply> write(const ApiRequest& request);

 private:
  // What a stored object shall become, as its client wants it: in the version of the request, and not yet checked.
  using Change = std::function<ApiResult<Json>(const ObjectPtr& before)>;
  struct Write;  // what the options of a request say

  ApiResult<Write> options_of(const ApiRequest& request) const;
  ApiResult<http::Reply> create(const ApiRequest& request);
  ApiResult<http::Reply> update(const ApiRequest& request);
  ApiResult<http::Reply> patch(const ApiRequest& request);
  ApiResult<http::Reply> apply(const ApiRequest& request, const Write& write, Json configuration);

  // The two ways into the store.
  ApiResult<http::Reply> create_object(const ApiRequest& request, const Write& write, Json object);
  ApiResult<http::Reply> change(const ApiRequest& request, const Write& write, const Change& change);

  // What `wanted` is to be stored as, with its managers.
  ApiResult<Json> next_state(const ApiRequest& request, const Write& write, const ObjectPtr& before, Json wanted) const;
  // Checks a document that a client wrote, and brings it into the form in which it is stored.
  ApiResult<> prepare(const ApiRequest& request, Json& object, const Json* before) const;
  ApiResult<> check_last(const ApiRequest& request, const Json& object, const Json* before) const;
  void enter_manager(const ApiRequest& request, const Write& write, const ObjectPtr& before, Json& object) const;

  ObjectStore& store_;
  Namespaces& namespaces_;
  const ServerHooks& hooks_;
  const WriterOptions options_;
  Deleter deleter_;
  Subresources subresources_;
};

}  // namespace fakeapi
