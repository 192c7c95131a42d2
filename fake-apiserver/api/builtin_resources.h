// The rows of the registry: what Kubernetes serves, group by group in the order in which its discovery lists them.
#pragma once

#include <vector>

#include "fake-apiserver/api/resource_registry.h"

namespace fakeapi {

std::vector<ResourceInfo> builtin_resources();

}  // namespace fakeapi
