#include "fake-apiserver/schema/utf8.h"

namespace fakeapi {
namespace {

// How many bytes follow `lead` and where the first of them begins and ends; -1 if nothing may begin so.
struct Tail {
  int length;
  unsigned char low = 0x80;
  unsigned char high = 0xbf;
};

Tail tail_of(unsigned char lead) {
  if (lead < 0x80) return {0};
  if (lead >= 0xc2 && lead < 0xe0) return {1};
  if (lead == 0xe0) return {2, 0xa0};
  if (lead == 0xed) return {2, 0x80, 0x9f};
  if (lead > 0xe0 && lead < 0xf0) return {2};
  if (lead == 0xf0) return {3, 0x90};
  if (lead == 0xf4) return {3, 0x80, 0x8f};
  if (lead > 0xf0 && lead < 0xf4) return {3};
  return {-1};
}

}  // namespace

bool is_utf8(std::string_view text) {
  std::size_t i = 0;
  while (i < text.size()) {
    Tail tail = tail_of(static_cast<unsigned char>(text[i++]));
    if (tail.length < 0) return false;
    for (; tail.length > 0; --tail.length, ++i) {
      if (i == text.size()) return false;
      const auto byte = static_cast<unsigned char>(text[i]);
      if (byte < tail.low || byte > tail.high) return false;
      tail.low = 0x80;
      tail.high = 0xbf;
    }
  }
  return true;
}

}  // namespace fakeapi
