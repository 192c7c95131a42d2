#include "scaler/policy/hpa/json_values.h"

#include <algorithm>
#include <limits>

namespace scaler::json_values {

const Json* find(const Json& object, const char* key) {
  if (!object.is_object()) return nullptr;
  const auto found = object.find(key);
  return found == object.end() || found->is_null() ? nullptr : &*found;
}

const Json& child_or_null(const Json& object, const char* key) {
  static const Json kNull;
  const Json* found = find(object, key);
  return found ? *found : kNull;
}

const Json* find_object(const Json& object, const char* key) {
  const Json* value = find(object, key);
  return value && value->is_object() ? value : nullptr;
}

const Json* find_list(const Json& object, const char* key) {
  const Json* value = find(object, key);
  return value && value->is_array() ? value : nullptr;
}

std::string text(const Json& object, const char* key) {
  const Json* value = find(object, key);
  return value && value->is_string() ? value->get<std::string>() : "";
}

std::optional<std::int64_t> integer(const Json& object, const char* key) {
  const Json* value = find(object, key);
  if (!value || !value->is_number_integer()) return std::nullopt;
  constexpr std::int64_t kMost = std::numeric_limits<std::int64_t>::max();
  if (value->is_number_unsigned() && value->get<std::uint64_t>() > std::uint64_t{kMost}) return kMost;
  return value->get<std::int64_t>();
}

std::optional<int> small_integer(const Json& object, const char* key) {
  const auto value = integer(object, key);
  if (!value) return std::nullopt;
  constexpr std::int64_t kLeast = std::numeric_limits<int>::min();
  constexpr std::int64_t kMost = std::numeric_limits<int>::max();
  return static_cast<int>(std::clamp(*value, kLeast, kMost));
}

std::optional<kube::Quantity> quantity(const Json& object, const char* key) {
  const Json* value = find(object, key);
  return value ? kube::Quantity::parse(quantity_text(*value)) : std::nullopt;
}

std::string quantity_text(const Json& value) {
  return value.is_string() ? value.get<std::string>() : value.is_number() ? value.dump() : "";
}

}  // namespace scaler::json_values
