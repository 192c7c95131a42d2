// What the subresources of the built-in kinds read and write, and by which verbs. Pure functions.
#pragma once

#include <string>
#include <vector>

#include "fake-apiserver/api/resource_registry.h"

namespace fakeapi {

struct SubresourceKind {
  std::string group;
  std::string version;
  std::string kind;
  std::vector<std::string> verbs;
};

// Of `info` as it is served in `version`. Scale and status for anything that is not known by name.
SubresourceKind subresource_kind(const ResourceInfo& info, const std::string& version, const std::string& name);

}  // namespace fakeapi
