// Cuts a body that comes in pieces into lines. A plain value.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

namespace http {

class LineSplitter {
 public:
  void append(std::string_view piece);

  // The next whole line without its "\n" or "\r\n"; nullopt if more has to come first.
  std::optional<std::string> next();

  // After the end of the body: what stands behind the last end of line, nullopt if nothing does.
  std::optional<std::string> rest();

  // How many bytes wait for their end of line.
  std::size_t size() const { return buffer_.size() - start_; }

 private:
  std::string buffer_;
  std::size_t start_ = 0;     // of the first line not yet handed out
  std::size_t searched_ = 0;  // no end of line between start_ and here
};

}  // namespace http
