// What a document must look like to be stored: the types of its fields first, then the rules for their values.
#pragma once

#include <optional>
#include <string_view>

#include "fake-apiserver/api/resource_registry.h"
#include "fake-apiserver/api/status.h"

namespace fakeapi {

// The types that everything else relies on (400); of a built-in kind those of all its fields. Takes nulls out and
// writes quantities and times as they are stored.
std::optional<StatusError> check_shape(const ResourceInfo& info, const std::string& version, Json& object);

// The rules for values (422). `before` is the stored object of an update, null for a creation.
std::optional<StatusError> check_values(const ResourceInfo& info, const Json& object, const Json* before);

// RFC 1123: lower-case letters, digits, '-' and (in a subdomain) '.'.
bool is_dns_subdomain(std::string_view name);

}  // namespace fakeapi
