// Fields of JSON that nobody has checked: what is absent or of another type counts as not there. For .cc files of this
// folder: the header is heavy.
//
// Stateless.
#pragma once

#include <cstdint>
#include <limits>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <string_view>

#include "common/base/error.h"
#include "common/base/time_format.h"
#include "common/kube/quantity.h"

namespace scaler::json_fields {

using Json = nlohmann::json;

// A value that is_discarded() if the text is no JSON.
inline Json parse(std::string_view body) { return Json::parse(body, nullptr, false); }

// Never throws: a text that is no UTF-8 is mended.
inline std::string dump(const Json& value) { return value.dump(-1, ' ', false, Json::error_handler_t::replace); }

// Null if there is none.
inline const Json& member(const Json& object, const char* key) {
  static const Json kNull;
  if (!object.is_object()) return kNull;
  const auto found = object.find(key);
  return found == object.end() ? kNull : *found;
}

inline std::string text(const Json& object, const char* key) {
  const Json& value = member(object, key);
  return value.is_string() ? value.get<std::string>() : std::string();
}

inline std::int64_t integer(const Json& object, const char* key, std::int64_t fallback) {
  const Json& value = member(object, key);
  return value.is_number_integer() ? value.get<std::int64_t>() : fallback;
}

// `fallback` for what is negative or no int, too.
inline int count(const Json& object, const char* key, int fallback) {
  const std::int64_t value = integer(object, key, fallback);
  return value < 0 || value > std::numeric_limits<int>::max() ? fallback : static_cast<int>(value);
}

inline std::optional<base::Time> time(const Json& object, const char* key) {
  const Json& value = member(object, key);
  if (!value.is_string()) return std::nullopt;
  return base::parse_rfc3339(value.get_ref<const std::string&>());
}

// A quantity in thousandths; nullopt if there is none or it does not parse.
inline std::optional<std::int64_t> milli(const Json& object, const char* key) {
  const Json& value = member(object, key);
  std::optional<kube::Quantity> quantity;
  if (value.is_string()) quantity = kube::Quantity::parse(value.get_ref<const std::string&>());
  if (value.is_number()) quantity = kube::Quantity::parse(value.dump());
  if (!quantity) return std::nullopt;
  return quantity->milli();
}

inline base::Error garbage(std::string_view what) {
  return base::Error{base::ErrorCode::kUnavailable, "the answer is not " + std::string(what)};
}

}  // namespace scaler::json_fields
