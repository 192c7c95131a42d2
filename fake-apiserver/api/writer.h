// POST, PUT and PATCH of objects; hands deletions and subresources on. Single-threaded; owned by the router.
#pragma once

#include <functional>

#include "common/http/handler.h"
#include "fake-apiserver/api/api_request.h"
#include "fake-apiserver/api/deleter.h"
#include "fake-apiserver/api/managed_fields.h"
#include "fake-apiserver/api/namespaces.h"
#include "fake-apiserver/api/subresources.h"

namespace fakeapi {

class Writer {
 public:
  Writer(ObjectStore& store, Namespaces& namespaces, const ServerHooks& hooks)
      : store_(store), namespaces_(namespaces), deleter_(store, namespaces), subresources_(store, hooks) {}

  // Also the reads that Subresources serves. 405 for a method that the resource does not have.
  ApiResult<http::Reply> write(const ApiRequest& request);

 private:
  using Change = std::function<ApiResult<>(Json& object)>;

  ApiResult<http::Reply> create(const ApiRequest& request);
  ApiResult<http::Reply> update(const ApiRequest& request);
  ApiResult<http::Reply> patch(const ApiRequest& request);
  ApiResult<http::Reply> update_scale(const ApiRequest& request, Json scale);

  // Checks a document that a client wrote, and brings it into the form in which it is stored.
  ApiResult<> prepare(const ApiRequest& request, Json& object, const Json* before) const;
  FieldWriter field_writer(const ApiRequest& request) const;
  ApiResult<ObjectPtr> change(const ApiRequest& request, const Change& change, bool dry_run);

  ObjectStore& store_;
  Namespaces& namespaces_;
  Deleter deleter_;
  Subresources subresources_;
};

}  // namespace fakeapi
