// How controllers create pods: through what the server asks of a pod that a client posts, if the cluster wants that.
//
// Stateless; a simulation does without, as nothing in it reads what is added.
#pragma once

#include <functional>
#include <utility>

#include "fake-apiserver/store/object_store.h"

namespace fakeapi {

// Completes the pod or refuses it. Empty: every pod is taken as it is.
using PodAdmission = std::function<base::Result<>(Json& pod)>;

// Priorities by class, the default class, service accounts, default tolerations, LimitRanges and ResourceQuotas, as
// they are in `store`, which must outlive it.
PodAdmission admission_of(const ObjectStore& store);

base::Result<ObjectPtr> create_admitted(ObjectStore& store, const PodAdmission& admission, Json pod);

}  // namespace fakeapi
