// Tables, the form in which kubectl get shows objects: columns by resource, cells made by the server on its clock.
#pragma once

#include "fake-apiserver/api/negotiation.h"
#include "fake-apiserver/api/resource_registry.h"

namespace fakeapi {

// The columnDefinitions. Columns of priority 1 are for kubectl's -o wide.
// `version` tells which columns of a definition, the preferred version's without it.
Json table_columns(const ResourceInfo& info, const std::string& version = "");

// `object` is in its stored form for the cells, and in `shown` as the client's version has it.
Json table_row(const ResourceInfo& info, const Json& object, const Json& shown, const OutputFormat& format,
               base::Time now);

// {"kind": "PartialObjectMetadata", ...} of the object.
Json partial_metadata(const Json& object, const std::string& meta_version);

}  // namespace fakeapi
