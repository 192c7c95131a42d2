// POST, PUT, PATCH and DELETE. Single-threaded; owned by the router.
#pragma once

#include <functional>

#include "common/http/handler.h"
#include "fake-apiserver/api/api_request.h"
#include "fake-apiserver/api/managed_fields.h"
#include "fake-apiserver/api/namespaces.h"

namespace fakeapi {

class Writer {
 public:
  Writer(ObjectStore& store, Namespaces& namespaces) : store_(store), namespaces_(namespaces) {}

  // 405 for a method that the resource does not have.
  ApiResult<http::Reply> write(const ApiRequest& request);

 private:
  struct DeleteOptions;
  using Change = std::function<ApiResult<>(Json& object)>;

  static ApiResult<DeleteOptions> delete_options(const ApiRequest& request);

  ApiResult<http::Reply> create(const ApiRequest& request);
  ApiResult<http::Reply> update(const ApiRequest& request);
  ApiResult<http::Reply> patch(const ApiRequest& request);
  ApiResult<http::Reply> update_scale(const ApiRequest& request, Json scale);
  ApiResult<http::Reply> bind(const ApiRequest& request);
  ApiResult<http::Reply> remove(const ApiRequest& request);
  ApiResult<http::Reply> remove_collection(const ApiRequest& request);

  // Checks a document that a client wrote, and brings it into the form in which it is stored.
  ApiResult<> prepare(const ApiRequest& request, Json& object, const Json* before) const;
  FieldWriter field_writer(const ApiRequest& request) const;
  ApiResult<ObjectPtr> change(const ApiRequest& request, const Change& change, bool dry_run);
  ApiResult<ObjectPtr> remove_object(const ResourceInfo& info, const ObjectName& name, const DeleteOptions& options);
  ApiResult<http::Reply> answer(const ApiRequest& request, int code, const ObjectPtr& object) const;
  std::string free_cluster_ip() const;

  ObjectStore& store_;
  Namespaces& namespaces_;
};

}  // namespace fakeapi
