// The same object in its served versions. Objects are stored in the resource's preferred version.
#pragma once

#include <string>

#include "fake-apiserver/api/resource_registry.h"

namespace fakeapi {

// `object` as served in `version`, with kind and apiVersion. The very same pointer if nothing has to change.
ObjectPtr to_version(const ObjectPtr& object, const ResourceInfo& info, const std::string& version);

// Turns a document that a client sent in `version` into the stored form.
void to_stored(Json& object, const ResourceInfo& info, const std::string& version);

}  // namespace fakeapi
