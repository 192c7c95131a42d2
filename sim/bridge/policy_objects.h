// Puts the documents of a policy file into the cluster, as `kubectl create -f` would: policies, and the Deployments and
// PriorityClasses that come with them.
#pragma once

#include "fake-apiserver/store/object_store.h"
#include "sim/scenario/scenario.h"

namespace sim {

base::Result<> create_policy_objects(const PolicyFile& file, fakeapi::ObjectStore& store);

}  // namespace sim
