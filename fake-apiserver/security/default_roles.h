// The roles and bindings that every cluster with RBAC has, as far as clients and the usual components need them.
#pragma once

#include <string>

#include "fake-apiserver/store/object_store.h"

namespace fakeapi {

// Creates what is not there yet.
void create_default_roles(ObjectStore& store);

// The ConfigMap from which aggregated API servers learn whom to believe; empty authorities are left out.
void create_authentication_config(ObjectStore& store, const std::string& client_ca_pem);

}  // namespace fakeapi
