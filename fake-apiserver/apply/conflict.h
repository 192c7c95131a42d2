// The errors of server-side apply, word for word. Pure functions.
#pragma once

#include <string>
#include <vector>

#include "fake-apiserver/api/status.h"
#include "fake-apiserver/apply/managers.h"

namespace fakeapi {

// 409: what others own and the applied configuration would change. REQUIRES: at least one field.
StatusError apply_conflict(const Managers& conflicts);

// 500, as upstream has it: a configuration that is no document of its type.
StatusError not_typed(const Json& configuration, const std::vector<std::string>& problems);

}  // namespace fakeapi
