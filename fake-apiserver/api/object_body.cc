#include "fake-apiserver/api/object_body.h"

#include "fake-apiserver/api/body.h"
#include "fake-apiserver/api/field_validation.h"
#include "fake-apiserver/api/renderer.h"
#include "fake-apiserver/api/subresource_kinds.h"
#include "fake-apiserver/store/json_access.h"

namespace fakeapi {

ApiResult<Json> read_object(const ApiRequest& request) {
  auto read = read_body(request.http.body, request.header("Content-Type"));
  if (!read) return read.error();
  Json* const body = &read->value;
  if (!body->is_object()) return bad_request("the body must be an object");
  const SubresourceKind part = subresource_kind(*request.info, request.version, request.subresource);
  const std::string expected = part.group.empty() ? part.version : part.group + "/" + part.version;
  const std::string kind = text_at(*body, {"kind"});
  const std::string api_version = text_at(*body, {"apiVersion"});
  // Evictions are older than their group's first version; both mean the same.
  const bool older = part.kind == "Eviction" && api_version == "policy/v1beta1";
  if (!api_version.empty() && api_version != expected && !older) {
    return bad_request("the API version in the data (" + api_version + ") does not match the expected API version (" +
                       expected + ")");
  }
  if (!kind.empty() && kind != part.kind) {
    return bad_request(kind + " in version \"" + request.version + "\" cannot be handled as a " + part.kind);
  }
  const SchemaKind served{part.group, part.version, part.kind};
  const auto valid = validate_fields(request, served, *body, std::move(read->complaints));
  if (!valid) return valid.error();
  return std::move(*body);
}

ApiResult<http::Reply> answer(const ApiRequest& request, base::Time now, int code, const ObjectState& object) {
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
