// GET: objects, lists with their pages, and watches. Single-threaded; owned by the router.
#pragma once

#include "common/http/handler.h"
#include "fake-apiserver/api/api_request.h"
#include "fake-apiserver/api/watch_hub.h"

namespace fakeapi {

struct ReaderOptions {
  // Off: a watch that asks for sendInitialEvents is refused, as by servers without the feature.
  bool watch_list = true;
};

class Reader {
 public:
  Reader(ObjectStore& store, WatchHub& hub, ReaderOptions options) : store_(store), hub_(hub), options_(options) {}

  // The revision that must exist before the request can be answered, nullopt if any will do.
  static std::optional<Revision> wanted_revision(const ApiRequest& request);

  ApiResult<http::Reply> get(const ApiRequest& request) const;

 private:
  ApiResult<http::Reply> get_object(const ApiRequest& request) const;
  ApiResult<http::Reply> list(const ApiRequest& request) const;
  ApiResult<http::Reply> watch(const ApiRequest& request) const;

  ObjectStore& store_;
  WatchHub& hub_;
  const ReaderOptions options_;
};

}  // namespace fakeapi
