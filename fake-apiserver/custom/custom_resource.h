// What becomes of the writes of custom resources, and of the definitions and services that extend the API. Stateless.
#pragma once

#include <string>

#include "fake-apiserver/api/api_request.h"
#include "fake-apiserver/api/server_hooks.h"

namespace fakeapi {

// Whether the writes of the resource are prepared here rather than by the rules of built-in kinds.
bool is_extension(const ResourceInfo& info);

// Prunes, defaults and validates by the definition; fields that it does not know are reported as the request wants it.
// `before` is null for a creation. 400, 405 while the definition is being deleted, 422. REQUIRES: is_extension().
ApiResult<> prepare_extension(const ApiRequest& request, Json& object, const Json* before);

// The scale of any resource that has one, by the paths of its definition. 500 if the object has no such field.
ApiResult<Json> scale_of_resource(const ResourceInfo& info, const std::string& version, const Json& object);
// Writes a Scale's replicas, and its resourceVersion if it has one, into the object. 400, 422.
ApiResult<> apply_resource_scale(const ResourceInfo& info, const std::string& version, Json& object, const Json& scale);

// What the API asks for custom resources.
void install_extension_hooks(ServerHooks& hooks);

}  // namespace fakeapi
