// The way from `kubectl apply` to `kubectl apply --server-side`: what the annotation says that the client applied is
// not in conflict with what it applies now. Of concern to the manager "kubectl" alone. Pure functions.
#pragma once

#include "fake-apiserver/api/status.h"
#include "fake-apiserver/apply/managers.h"
#include "fake-apiserver/apply/value_type.h"

namespace fakeapi {

struct FieldWriter;

// Takes from `conflicts` what `live` has as the annotation says that it was applied.
void excuse_last_applied(Managers& conflicts, const Json& live, const FieldWriter& writer, ValueType type);

// Brings the annotation of `object`, if it has one, up to date.
void keep_last_applied(Json& object, const Json& configuration, const FieldWriter& writer);

}  // namespace fakeapi
