// A queue in one piece of memory, which grows to the largest size that it ever has. For small plain values.
#pragma once

#include <algorithm>
#include <cstddef>
#include <vector>

namespace sim {

template <class T>
class Ring {
 public:
  bool empty() const { return head_ == tail_; }
  std::size_t size() const { return tail_ - head_; }
  const T& front() const { return items_[head_ & mask_]; }
  // REQUIRES: i < size().
  const T& operator[](std::size_t i) const { return items_[(head_ + i) & mask_]; }
  void pop_front() { ++head_; }
  void push_back(const T& item) {
    if (size() == items_.size()) [[unlikely]]
      grow();
    items_[tail_++ & mask_] = item;
  }

 private:
  void grow() {
    std::vector<T> larger(std::max<std::size_t>(16, 2 * items_.size()));
    const std::size_t n = size();
    for (std::size_t i = 0; i < n; ++i) larger[i] = (*this)[i];
    items_ = std::move(larger);
    mask_ = items_.size() - 1;
    head_ = 0;
    tail_ = n;
  }

  std::vector<T> items_;  // its size is 0 or a power of two
  std::size_t mask_ = 0;
  std::size_t head_ = 0;  // both run on
  std::size_t tail_ = 0;
};

}  // namespace sim
