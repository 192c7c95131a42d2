#include "fake-apiserver/store/json_access.h"

#include <limits>

namespace fakeapi {

using nlohmann::json;

const json& member(const json& document, std::string_view key) {
  static const json kNothing;
  if (!document.is_object()) return kNothing;
  const auto found = document.find(key);
  return found == document.end() ? kNothing : *found;
}

const json& at_path(const json& document, std::initializer_list<std::string_view> path) {
  const json* value = &document;
  for (const std::string_view key : path) value = &member(*value, key);
  return *value;
}

std::string text_of(const json& value) { return value.is_string() ? value.get<std::string>() : std::string(); }

std::string text_at(const json& document, std::initializer_list<std::string_view> path) {
  return text_of(at_path(document, path));
}

std::optional<std::int64_t> integer_at(const json& document, std::initializer_list<std::string_view> path) {
  const json& value = at_path(document, path);
  if (!value.is_number_integer()) return std::nullopt;
  if (value.is_number_unsigned() &&
      value.get<std::uint64_t>() > static_cast<std::uint64_t>(std::numeric_limits<std::int64_t>::max())) {
    return std::nullopt;
  }
  return value.get<std::int64_t>();
}

std::string to_text(const json& document) { return document.dump(-1, ' ', false, json::error_handler_t::replace); }

}  // namespace fakeapi
