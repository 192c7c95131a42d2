// Whether the fields of a document have the types of its kind, which everything behind the API relies on. Stateless.
#pragma once

#include <optional>

#include "fake-apiserver/api/status.h"
#include "fake-apiserver/schema/schema.h"

namespace fakeapi {

// Takes nulls out, and writes quantities and times as they are stored; fields that the type does not have stay.
// 400 with the words of Go's decoder for a value of another type.
std::optional<StatusError> check_types(const SchemaType& type, const std::string& kind, const std::string& version,
                                       Json& object);

}  // namespace fakeapi
