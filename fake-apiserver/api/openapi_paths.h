// The paths of a resource for an OpenAPI 3 document: what may be asked there, with which parameters. Pure functions.
#pragma once

#include <string>

#include "fake-apiserver/api/resource_registry.h"

namespace fakeapi {

// The components by which a resource is described.
struct OpenApiNames {
  std::string object;
  std::string list;
};

// Adds the paths of `info` as it is served in `version`, and of its subresources; what those need is added to
// `components`.
void add_paths(const ResourceInfo& info, const std::string& version, const OpenApiNames& names, Json& paths,
               Json& components);

}  // namespace fakeapi
