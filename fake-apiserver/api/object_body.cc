#include "fake-apiserver/api/object_body.h"

#include "fake-apiserver/api/body.h"
#include "fake-apiserver/api/renderer.h"
#include "fake-apiserver/store/json_access.h"

namespace fakeapi {

ApiResult<Json> read_object(const ApiRequest& request) {
  auto body = parse_body(request.http.body, request.header("Content-Type"));
  if (!body) return body;
  if (!body->is_object()) return bad_request("the body must be an object");
  const bool scale = request.subresource == "scale";
  const std::string expected = scale ? "autoscaling/v1" : request.info->api_version(request.version);
  const std::string kind = text_at(*body, {"kind"});
  const std::string api_version = text_at(*body, {"apiVersion"});
  if (!api_version.empty() && api_version != expected) {
    return bad_request("the API version in the data (" + api_version + ") does not match the expected API version (" +
                       expected + ")");
  }
  const bool binding = request.subresource == "binding";
  const std::string expected_kind = scale ? "Scale" : (binding ? "Binding" : request.info->kind);
  if (!kind.empty() && kind != expected_kind) {
    return bad_request(kind + " in version \"" + request.version + "\" cannot be handled as a " + expected_kind);
  }
  return body;
}

ApiResult<http::Reply> answer(const ApiRequest& request, base::Time now, int code, const ObjectPtr& object) {
  const auto view = request.view(false);
  if (!view) return view.error();
  return http::Reply(http::json_response(code, render_object(*view, object, now) + "\n"));
}

http::Reply success_reply(int code) {
  const Json status = {
      {"kind", "Status"}, {"apiVersion", "v1"}, {"metadata", Json::object()}, {"status", "Success"}, {"code", code}};
  return http::Reply(http::json_response(code, to_text(status) + "\n"));
}

}  // namespace fakeapi
