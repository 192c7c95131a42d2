// Bytes that have come from a connection and are not yet used. A plain value.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace http {

class ReadBuffer {
 public:
  std::string_view bytes() const { return std::string_view(data_).substr(start_, end_ - start_); }
  bool empty() const { return start_ == end_; }
  std::size_t size() const { return end_ - start_; }

  // Room for `n` more bytes; valid until the next call.
  char* prepare(std::size_t n) {
    if (start_ == end_) start_ = end_ = 0;
    if (data_.size() < end_ + n) {
      data_.erase(0, start_);
      end_ -= start_;
      start_ = 0;
      if (data_.size() < end_ + n) data_.resize(end_ + n);
    }
    return data_.data() + end_;
  }
  // REQUIRES: n is not more than was prepared.
  void commit(std::size_t n) { end_ += n; }
  // REQUIRES: n <= size().
  void consume(std::size_t n) { start_ += n; }

 private:
  std::string data_;
  std::size_t start_ = 0;
  std::size_t end_ = 0;  // what follows is room
};

}  // namespace http
