#include "fake-apiserver/schema/protobuf_wire.h"

namespace fakeapi {
namespace {

constexpr std::uint64_t kHighestNumber = (1u << 29) - 1;

}  // namespace

std::nullopt_t WireReader::fail() {
  broken_ = true;
  rest_ = {};
  return std::nullopt;
}

std::optional<std::uint64_t> WireReader::varint() {
  std::uint64_t value = 0;
  for (unsigned shift = 0; shift < 64; shift += 7) {
    if (rest_.empty()) return fail();
    const auto byte = static_cast<unsigned char>(rest_.front());
    rest_.remove_prefix(1);
    if (shift == 63 && byte > 1) return fail();  // the tenth byte has one bit left
    value |= static_cast<std::uint64_t>(byte & 0x7f) << shift;
    if (byte < 0x80) return value;
  }
  return fail();
}

std::optional<std::uint64_t> WireReader::fixed(std::size_t size) {
  if (rest_.size() < size) return fail();
  std::uint64_t value = 0;
  for (std::size_t i = 0; i < size; ++i) {
    value |= static_cast<std::uint64_t>(static_cast<unsigned char>(rest_[i])) << (8 * i);
  }
  rest_.remove_prefix(size);
  return value;
}

std::optional<std::uint64_t> WireReader::next_varint() {
  if (rest_.empty()) return std::nullopt;
  return varint();
}

std::optional<WireField> WireReader::next() {
  if (rest_.empty()) return std::nullopt;
  const auto tag = varint();
  if (!tag) return std::nullopt;
  if ((*tag >> 3) == 0 || (*tag >> 3) > kHighestNumber) return fail();
  WireField field;
  field.number = static_cast<int>(*tag >> 3);
  std::optional<std::uint64_t> value;
  switch (*tag & 7) {
    case 0: value = varint(); break;
    case 1:
      field.type = WireType::kFixed64;
      value = fixed(8);
      break;
    case 2: {
      field.type = WireType::kBytes;
      value = varint();
      if (!value) return std::nullopt;
      if (*value > rest_.size()) return fail();
      field.bytes = rest_.substr(0, static_cast<std::size_t>(*value));
      rest_.remove_prefix(field.bytes.size());
      break;
    }
    case 5:
      field.type = WireType::kFixed32;
      value = fixed(4);
      break;
    default: return fail();  // groups have long been given up
  }
  if (!value) return std::nullopt;
  field.value = *value;
  return field;
}

}  // namespace fakeapi
