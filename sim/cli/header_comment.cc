#include "sim/cli/header_comment.h"

#include <algorithm>

namespace sim {
namespace {

constexpr std::string_view kSource = "# Source: ";

// Of the comment that begins at `at`, its lines one behind the other.
std::string comment_at(const std::string& text, std::size_t at) {
  std::string words;
  while (at < text.size() && text[at] == '#') {
    const std::size_t end = std::min(text.find('\n', at), text.size());
    words += text.substr(at + 1, end - at - 1);
    at = end + 1;
  }
  const std::size_t begin = words.find_first_not_of(' ');
  return begin == std::string::npos ? std::string() : words.substr(begin);
}

}  // namespace

std::string header_comment(const std::string& text) { return comment_at(text, 0); }

std::string first_sentence(const std::string& text) {
  const std::string words = header_comment(text);
  const std::size_t stop = words.find(". ");
  return stop == std::string::npos ? words : words.substr(0, stop + 1);
}

PresetComment preset_comment(const std::string& text) {
  if (!text.starts_with(kSource)) return {};
  const std::size_t end = std::min(text.find('\n'), text.size());
  return {text.substr(kSource.size(), end - kSource.size()), comment_at(text, end + 1)};
}

}  // namespace sim
