// What the LimitRanges of a namespace give to containers that don't say, and what they refuse. Stateless.
#pragma once

#include "fake-apiserver/api/status.h"
#include "fake-apiserver/store/object_store.h"

namespace fakeapi {

// Gives the containers of a new pod the requests and limits that they leave out. To be called after the defaults of
// pods, of which a limit that is given here makes no request.
void add_default_amounts(const ObjectStore& store, const std::string& ns, Json& pod);

// Of a pod or a claim for a volume. 403 naming everything that is too little or too much.
ApiResult<> check_limit_ranges(const ObjectStore& store, const Resource& resource, const std::string& ns,
                               const Json& object);

}  // namespace fakeapi
