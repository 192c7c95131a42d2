// Protobuf bytes by hand, number by number: the tests of the reader do not lean on the table that it reads by.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace fakeapi::wire {

inline std::string varint(std::uint64_t value) {
  std::string bytes;
  for (; value >= 0x80; value >>= 7) bytes += static_cast<char>(value | 0x80);
  return bytes + static_cast<char>(value);
}

inline std::string tag(unsigned number, unsigned type) { return varint(number << 3 | type); }

// A field that holds a number or a boolean; negative numbers take ten bytes.
inline std::string number(unsigned field, std::int64_t value) {
  return tag(field, 0) + varint(static_cast<std::uint64_t>(value));
}

// A field that holds a string, bytes or a message.
inline std::string bytes(unsigned field, std::string_view content) {
  return tag(field, 2) + varint(content.size()) + std::string(content);
}

// An entry of a map from strings.
inline std::string entry(unsigned field, std::string_view key, std::string_view value) {
  return bytes(field, bytes(1, key) + bytes(2, value));
}

inline std::string quantity(std::string_view text) { return bytes(1, text); }
inline std::string time(std::int64_t seconds, std::int64_t nanos = 0) { return number(1, seconds) + number(2, nanos); }
// IntOrString writes all of its three fields always.
inline std::string int_of(std::int64_t value) { return number(1, 0) + number(2, value) + bytes(3, ""); }
inline std::string string_of(std::string_view text) { return number(1, 1) + number(2, 0) + bytes(3, text); }

// Metadata as Go writes it: what is not a pointer is there, empty or not.
inline std::string metadata(std::string_view name, std::string_view ns = "", std::string_view more = "") {
  return bytes(1, name) + bytes(2, "") + bytes(3, ns) + bytes(4, "") + bytes(5, "") + bytes(6, "") + number(7, 0) +
         bytes(8, "") + std::string(more);
}

inline std::string envelope(std::string_view api_version, std::string_view kind, std::string_view object) {
  const std::string type = bytes(1, api_version) + bytes(2, kind);
  return std::string("k8s\0", 4) + bytes(1, type) + bytes(2, object) + bytes(3, "") + bytes(4, "");
}

}  // namespace fakeapi::wire
