// What the API leaves to others, filled in by whoever puts the server together. What is not filled in is answered with
// a clean error. A value, owned by the router; the objects behind it must outlive the server's replies.
#pragma once

#include <functional>

#include "common/http/handler.h"
#include "fake-apiserver/api/api_request.h"
#include "fake-apiserver/api/discovery.h"
#include "fake-apiserver/api/pod_log_source.h"
#include "fake-apiserver/schema/schema.h"

namespace fakeapi {

struct ServerHooks {
  // GET /pods/x/log.
  PodLogSource* pod_logs = nullptr;
  // POST /pods/x/eviction; `eviction` is the body (kind Eviction of policy/v1 or v1beta1). 201, 404, 429.
  std::function<ApiResult<http::Reply>(const ApiRequest& request, const Json& eviction)> evict;
  // POST of a kind that is answered and not stored: TokenReview, SubjectAccessReview and their like. `review` is the
  // body; the result is the same object with its status.
  std::function<ApiResult<Json>(const ApiRequest& request, Json review)> review;
  // POST /serviceaccounts/x/token; `token_request` is the body, the result the same object with its status.
  std::function<ApiResult<Json>(const ApiRequest& request, Json token_request)> issue_token;
  // Asked last before an object is written, with `before` null for a creation: who may give others which roles.
  std::function<ApiResult<>(const ApiRequest& request, const Json& object, const Json* before)> check_write;
  // Prunes, defaults and validates a custom resource as its definition says; `before` is null for a creation.
  std::function<ApiResult<>(const ApiRequest& request, Json& object, const Json* before)> prepare_custom;
  // The versions that other servers answer, for discovery.
  std::function<std::vector<RemoteVersion>()> remote_versions;
  // How the fields of a custom resource merge, by its structural schema. Null where there is none: objects merge member
  // by member, lists are replaced.
  std::function<const SchemaType*(const ResourceInfo& info, const std::string& version)> custom_type;
};

}  // namespace fakeapi
