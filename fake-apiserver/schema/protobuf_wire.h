// The wire form of protobuf messages, field by field. A cursor over bytes that somebody else owns; never reads beyond
// them, whatever they are.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

namespace fakeapi {

enum class WireType { kVarint = 0, kFixed64 = 1, kBytes = 2, kFixed32 = 5 };

struct WireField {
  int number = 0;
  WireType type = WireType::kVarint;
  std::uint64_t value = 0;  // of kVarint, kFixed64 and kFixed32
  std::string_view bytes;   // of kBytes
};

class WireReader {
 public:
  explicit WireReader(std::string_view message) : rest_(message) {}

  // The next field; nullopt at the end, and at the first byte that cannot be: see broken().
  std::optional<WireField> next();
  bool broken() const { return broken_; }

  // The next varint of a packed list; nullopt as above.
  std::optional<std::uint64_t> next_varint();

 private:
  std::optional<std::uint64_t> varint();
  std::optional<std::uint64_t> fixed(std::size_t size);
  std::nullopt_t fail();

  std::string_view rest_;
  bool broken_ = false;
};

}  // namespace fakeapi
