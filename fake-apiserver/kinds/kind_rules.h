// Which rules and defaults belong to which kind. Pure functions.
#pragma once

#include "fake-apiserver/api/resource_registry.h"
#include "fake-apiserver/kinds/problems.h"

namespace fakeapi {

// Everything that is wrong with an object of a built-in kind in its stored version, metadata first. `before` is the
// stored object of an update, null for a creation.
std::vector<FieldError> check_kind(const ResourceInfo& info, const Json& object, const Json* before);

}  // namespace fakeapi
