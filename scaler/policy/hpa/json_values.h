// Reads values of a JSON object that nobody has checked: what is absent, null or of another type is not there.
//
// Stateless.
#pragma once

#include <cstdint>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>

#include "common/kube/quantity.h"

namespace scaler::json_values {

using Json = nlohmann::json;

// nullptr if `object` has no such key, or null there.
const Json* find(const Json& object, const char* key);
// The same, but a null in place of nullptr.
const Json& child_or_null(const Json& object, const char* key);
// As find(), for a JSON object and a list.
const Json* find_object(const Json& object, const char* key);
const Json* find_list(const Json& object, const char* key);

std::string text(const Json& object, const char* key);  // empty if it is not there
std::optional<std::int64_t> integer(const Json& object, const char* key);
// Narrowed by saturation.
std::optional<int> small_integer(const Json& object, const char* key);
// A text or a number.
std::optional<kube::Quantity> quantity(const Json& object, const char* key);

// A quantity's own text, for complaints and for parsing; empty for other types.
std::string quantity_text(const Json& value);

}  // namespace scaler::json_values
