// How a controller and the objects that its selector selects find each other: what nobody controls is adopted, what is
// selected no more is let go. Functions over the store.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "fake-apiserver/store/object_store.h"

namespace fakeapi {

// Whether `spec.selector` of `controller`, a LabelSelector, selects the labels of `object`. An empty one selects
// nothing.
bool selects(const Json& controller, const Json& object);

// What a controller is, for the ownerReferences of what it controls.
struct Claimant {
  const Json& object;
  const char* api_version;
  const char* kind;
};

// Brings the ownerReferences of `candidates` (of `resource`, in the claimant's namespace) in line with its selector,
// and with `belongs` if that is given. Returns those that it controls afterwards, also those that are being deleted;
// adopts none while it is being deleted.
std::vector<ObjectPtr> claim(ObjectStore& store, const Claimant& claimant, const Resource& resource,
                             std::vector<ObjectPtr> candidates,
                             const std::function<bool(const Json& object)>& belongs = nullptr);

}  // namespace fakeapi
