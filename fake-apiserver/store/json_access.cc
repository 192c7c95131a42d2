#include "fake-apiserver/store/json_access.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cstring>
#include <limits>
#include <utility>

namespace fakeapi {

using nlohmann::json;
namespace {

std::string dumped(const json& value) { return value.dump(-1, ' ', false, json::error_handler_t::replace); }

// Of ASCII; the library looks at every byte through an automaton for UTF-8.
bool stands_for_itself(char c) {
  const auto byte = static_cast<unsigned char>(c);
  return byte >= 0x20 && byte < 0x80 && byte != '"' && byte != '\\';
}

// The same of eight bytes at once. May say no of some that do.
bool all_stand_for_themselves(std::uint64_t bytes) {
  constexpr std::uint64_t kOnes = 0x0101010101010101;
  constexpr std::uint64_t kTops = 0x80 * kOnes;
  const auto zero_in = [](std::uint64_t x) { return x - kOnes; };
  const std::uint64_t quotes = zero_in(bytes ^ ('"' * kOnes));
  const std::uint64_t backslashes = zero_in(bytes ^ ('\\' * kOnes));
  const std::uint64_t controls = bytes - 0x20 * kOnes;
  return ((quotes | backslashes | controls | bytes) & kTops) == 0;
}

bool all_stand_for_themselves(std::string_view text) {
  while (text.size() >= sizeof(std::uint64_t)) {
    std::uint64_t bytes = 0;
    std::memcpy(&bytes, text.data(), sizeof bytes);
    if (!all_stand_for_themselves(bytes)) break;
    text.remove_prefix(sizeof bytes);
  }
  return std::all_of(text.begin(), text.end(), stands_for_itself);
}

void append_string(const std::string& value, std::string& text) {
  if (!all_stand_for_themselves(value)) {
    text += dumped(value);
    return;
  }
  text += '"';
  text += value;
  text += '"';
}

template <typename Integer>
void append_integer(Integer value, std::string& text) {
  std::array<char, 24> digits;
  text.append(digits.data(), std::to_chars(digits.data(), digits.data() + digits.size(), value).ptr);
}

void append(const json& value, std::string& text);

void append_object(const json::object_t& members, std::string& text) {
  char before = '{';
  for (const auto& [key, value] : members) {
    text += std::exchange(before, ',');
    append_string(key, text);
    text += ':';
    append(value, text);
  }
  text += members.empty() ? "{}" : "}";
}

void append_array(const json::array_t& items, std::string& text) {
  char before = '[';
  for (const json& item : items) {
    text += std::exchange(before, ',');
    append(item, text);
  }
  text += items.empty() ? "[]" : "]";
}

void append(const json& value, std::string& text) {
  switch (value.type()) {
    case json::value_t::object: return append_object(value.get_ref<const json::object_t&>(), text);
    case json::value_t::array: return append_array(value.get_ref<const json::array_t&>(), text);
    case json::value_t::string: return append_string(value.get_ref<const std::string&>(), text);
    case json::value_t::boolean: text += value.get<bool>() ? "true" : "false"; return;
    case json::value_t::number_integer: return append_integer(value.get<std::int64_t>(), text);
    case json::value_t::number_unsigned: return append_integer(value.get<std::uint64_t>(), text);
    case json::value_t::null: text += "null"; return;
    case json::value_t::number_float:
    case json::value_t::binary:
    case json::value_t::discarded: break;
  }
  text += dumped(value);
}

}  // namespace

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

std::string to_text(const json& document) {
  std::string text;
  append(document, text);
  return text;
}

}  // namespace fakeapi
