// Strategic merge patch: a merge patch in which some lists are sets or are merged by a key. Pure functions.
//
// Which lists those are is a property of the type; without one all lists are replaced. Directives: $patch (replace,
// merge, delete), $retainKeys, $setElementOrder/<list>, $deleteFromPrimitiveList/<list>.
#pragma once

#include "fake-apiserver/api/status.h"
#include "fake-apiserver/schema/schema.h"

namespace fakeapi {

// 400 for a directive that makes no sense; `target` is then unspecified.
ApiResult<> apply_strategic_merge(Json& target, const Json& patch, const SchemaType* type);

}  // namespace fakeapi
