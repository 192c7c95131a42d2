#include "fake-apiserver/api/warnings.h"

#include <algorithm>

namespace fakeapi {
namespace {

constexpr std::size_t kMostBytes = 4096;

// A quoted string of HTTP; what would end the header becomes a blank.
std::string quoted(const std::string& text) {
  std::string result = "\"";
  for (const char c : text) {
    if (c == '"' || c == '\\') result += '\\';
    result += static_cast<unsigned char>(c) < 0x20 || c == 0x7f ? ' ' : c;
  }
  return result + "\"";
}

}  // namespace

void Warnings::add(const std::string& text) {
  if (std::find(texts_.begin(), texts_.end(), text) == texts_.end()) texts_.push_back(text);
}

void Warnings::write_to(http::Headers& headers) const {
  std::size_t bytes = 0;
  for (const std::string& text : texts_) {
    std::string value = "299 - " + quoted(text);
    bytes += value.size();
    if (bytes > kMostBytes) return;
    headers.add("Warning", std::move(value));
  }
}

}  // namespace fakeapi
