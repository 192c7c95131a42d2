#include "common/http/line_splitter.h"

namespace http {

void LineSplitter::append(std::string_view piece) {
  buffer_.erase(0, start_);
  searched_ -= start_;
  start_ = 0;
  buffer_ += piece;
}

std::optional<std::string> LineSplitter::next() {
  const std::size_t end = buffer_.find('\n', searched_);
  if (end == std::string::npos) {
    searched_ = buffer_.size();
    return std::nullopt;
  }
  std::size_t length = end - start_;
  if (length > 0 && buffer_[end - 1] == '\r') --length;
  std::string line = buffer_.substr(start_, length);
  start_ = searched_ = end + 1;
  return line;
}

std::optional<std::string> LineSplitter::rest() {
  if (size() == 0) return std::nullopt;
  std::string line = buffer_.substr(start_);
  start_ = searched_ = buffer_.size();
  return line;
}

}  // namespace http
