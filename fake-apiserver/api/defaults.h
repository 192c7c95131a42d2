// The fields that a real API server fills in when an object is written, as far as controllers and kubectl rely on
// them: kubectl apply compares with the live object, and a missing default would look like a change.
#pragma once

#include "fake-apiserver/store/object_store.h"

namespace fakeapi {

// Fills in what is absent in the spec. REQUIRES: `object` has passed check_shape().
void apply_defaults(const Resource& resource, Json& object);

// The first status of a new object; its own status is not for the client to say.
void set_initial_status(const Resource& resource, Json& object);

}  // namespace fakeapi
