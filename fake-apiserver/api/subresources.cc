#include "fake-apiserver/api/subresources.h"

#include "fake-apiserver/api/object_body.h"
#include "fake-apiserver/store/json_access.h"

namespace fakeapi {
namespace {

const Resource kPods{"", "pods"};

}  // namespace

bool Subresources::serves(const ApiRequest& request) { return request.subresource == "binding"; }

ApiResult<http::Reply> Subresources::write(const ApiRequest& request) {
  if (request.http.method != "POST") return method_not_allowed();
  return bind(request);
}

// What a scheduler of its own does to place a pod.
ApiResult<http::Reply> Subresources::bind(const ApiRequest& request) {
  const auto body = read_object(request);
  if (!body) return body.error();
  const std::string node = text_at(*body, {"target", "name"});
  if (node.empty()) return bad_request("target.name is required");
  const auto bound = store_.update(kPods, request.object_name(), Part::kAll, [&](Json& pod) -> base::Result<> {
    if (!text_at(pod, {"spec", "nodeName"}).empty()) {
      return base::Error{base::ErrorCode::kConflict, "is assigned already"};
    }
    pod["spec"]["nodeName"] = node;
    return {};
  });
  if (!bound && bound.error().code == base::ErrorCode::kConflict) {
    return conflict(kPods, request.name, "pod " + request.name + " is already assigned to a node");
  }
  if (!bound) return from_store(bound.error(), kPods, request.name);
  return success_reply(201);
}

}  // namespace fakeapi
