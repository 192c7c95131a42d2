// A request on a resource, taken apart. A value.
#pragma once

#include <optional>
#include <string>

#include "common/http/message.h"
#include "common/http/url.h"
#include "fake-apiserver/api/renderer.h"
#include "fake-apiserver/api/selector.h"
#include "fake-apiserver/api/status.h"
#include "fake-apiserver/api/warnings.h"
#include "fake-apiserver/security/user.h"

namespace fakeapi {

struct ApiRequest {
  const ResourceInfo* info = nullptr;
  std::string version;
  std::string ns;           // empty: all, or a resource of the cluster
  std::string name;         // empty: the collection
  std::string subresource;  // empty: the object itself
  http::Request http;
  http::Target target;
  User user;
  Warnings* warnings = nullptr;  // of the answer; null: nobody is told

  ObjectName object_name() const { return ObjectName{ns, name}; }
  // See query_flag().
  bool flag(std::string_view key) const;
  // nullopt if absent or empty; 400 if it is not a number.
  ApiResult<std::optional<std::int64_t>> integer(std::string_view key) const;
  ApiResult<std::optional<Revision>> revision(std::string_view key) const;
  bool is_watch() const { return http.method == "GET" && subresource.empty() && flag("watch"); }
  std::string_view header(std::string_view name) const;
  // Tells the client something beside the answer.
  void warn(const std::string& text) const;

  // By Accept, includeObject and the URL's version; 406.
  ApiResult<View> view(bool list) const;
  ApiResult<Selector> selector() const;
  // True for dryRun=All, in the query or in `options`; 422 for anything else.
  ApiResult<bool> dry_run(const Json& options = Json()) const;
};

// Finds the resource of a path below /api/v1 or /apis/<group>/<version>; `rest` is what follows. 404.
ApiResult<ApiRequest> resolve(const ResourceRegistry& registry, const std::string& group, const std::string& version,
                              const std::vector<std::string>& rest);

// "list", "get", "watch", "create", ...: the verb in the terms of Kubernetes.
std::string verb_of(const ApiRequest& request);

}  // namespace fakeapi
