// Nobody gives away more than they have: what a write of a role or binding needs beyond the permission to write it.
// Pure functions.
#pragma once

#include "fake-apiserver/security/authorizer.h"

namespace fakeapi {

// `before` is null for a creation. 403; 404 for a binding to a role that does not exist by somebody who may not bind.
ApiResult<> check_escalation(const Authorizer& authorizer, const User& user, const Resource& resource,
                             const Json& object, const Json* before);

}  // namespace fakeapi
