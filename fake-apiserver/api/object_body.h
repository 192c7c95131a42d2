// The document of a write, and the answer to one. Stateless.
#pragma once

#include "common/http/handler.h"
#include "fake-apiserver/api/api_request.h"

namespace fakeapi {

// The body as an object of the kind that the URL (with its subresource) names; kind and apiVersion may be missing.
// 400, 415.
ApiResult<Json> read_object(const ApiRequest& request);

// `object` as the client wants to see it; 406.
ApiResult<http::Reply> answer(const ApiRequest& request, base::Time now, int code, const ObjectState& object);

// {"kind": "Status", "status": "Success"}.
http::Reply success_reply(int code);

}  // namespace fakeapi
