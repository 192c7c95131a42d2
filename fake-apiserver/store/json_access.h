// Reading JSON documents that may have any shape: what is missing, or of another type, reads as nothing.
#pragma once

#include <cstdint>
#include <initializer_list>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <string_view>

namespace fakeapi {

// The value at the end of the path, a null if there is none.
const nlohmann::json& at_path(const nlohmann::json& document, std::initializer_list<std::string_view> path);
const nlohmann::json& member(const nlohmann::json& document, std::string_view key);

// The text there, "" if there is none.
std::string text_at(const nlohmann::json& document, std::initializer_list<std::string_view> path);
std::string text_of(const nlohmann::json& value);

// The integer there, nullopt if there is none.
std::optional<std::int64_t> integer_at(const nlohmann::json& document, std::initializer_list<std::string_view> path);

// Serialised on one line; broken UTF-8 is replaced.
std::string to_text(const nlohmann::json& document);

}  // namespace fakeapi
