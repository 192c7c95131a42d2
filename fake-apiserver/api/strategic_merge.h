// Strategic merge patch: a merge patch in which some lists are sets or are merged by a key. Pure functions.
//
// Which lists those are is a property of the type; a schemaless server knows them by kind and path. Directives:
// $patch (replace, merge, delete), $retainKeys, $setElementOrder/<list>, $deleteFromPrimitiveList/<list>.
#pragma once

#include <string_view>

#include "fake-apiserver/api/status.h"

namespace fakeapi {

// 400 for a directive that makes no sense; `target` is then unspecified.
ApiResult<> apply_strategic_merge(Json& target, const Json& patch, std::string_view kind);

}  // namespace fakeapi
