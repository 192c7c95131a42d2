// Impersonate-User, -Group, -Uid and -Extra-*: acting as somebody else, where that is allowed. Pure functions.
#pragma once

#include "fake-apiserver/security/authorizer.h"

namespace fakeapi {

// `user` itself if no such header is there. 403 for what `user` may not be, 500 for headers that make no sense.
ApiResult<User> impersonated(const http::Request& request, User user, const Authorizer& authorizer);

}  // namespace fakeapi
