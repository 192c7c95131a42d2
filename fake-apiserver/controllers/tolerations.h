// Whether a pod tolerates a taint. Pure functions over the JSON of tolerations, which may have any shape.
#pragma once

#include "fake-apiserver/controllers/node_table.h"

namespace fakeapi {

// One entry of spec.tolerations. Without an effect it fits every effect, without a key (and with Exists) every taint.
bool tolerates(const Json& toleration, const Taint& taint);

// spec.tolerations; null or no list: nothing is tolerated.
bool any_tolerates(const Json* tolerations, const Taint& taint);

}  // namespace fakeapi
