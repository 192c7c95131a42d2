// What requests say about who writes, and what the schemas say about how an object's fields merge. Pure functions.
#pragma once

#include "fake-apiserver/api/api_request.h"
#include "fake-apiserver/api/server_hooks.h"
#include "fake-apiserver/apply/ownership.h"

namespace fakeapi {

// The type of the documents of `info` in `version`; null if none is known.
const SchemaType* document_type(const ResourceInfo& info, const std::string& version, const ServerHooks& hooks);

// `info` and `hooks` must outlive it.
FieldTypes field_types(const ResourceInfo& info, const ServerHooks& hooks);

// The writer that a POST, PUT or PATCH names; 422 for options that the kind of write does not have.
ApiResult<FieldWriter> field_writer(const ApiRequest& request, base::Time now);

// Enters the writer into the managers of `after`. Both are in the version in which objects are stored; `before` is null
// for a creation.
void record_writer(const ApiRequest& request, const ServerHooks& hooks, const FieldWriter& writer,
                   const ObjectPtr& before, Json& after);

}  // namespace fakeapi
