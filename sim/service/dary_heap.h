// A min-heap with four children a node: fewer cache lines and levels than std::priority_queue, and a replace_top().
#pragma once

#include <algorithm>
#include <cstddef>
#include <vector>

namespace sim {

// `T` is small, copied freely, and ordered by operator<.
template <class T>
class DaryHeap {
 public:
  bool empty() const { return items_.empty(); }
  std::size_t size() const { return items_.size(); }
  const T& top() const { return items_.front(); }
  const std::vector<T>& items() const { return items_; }

  void push(const T& item) {
    std::size_t hole = items_.size();
    items_.push_back(item);
    while (hole > 0) {
      const std::size_t parent = (hole - 1) / kArity;
      if (!(item < items_[parent])) break;
      items_[hole] = items_[parent];
      hole = parent;
    }
    items_[hole] = item;
  }

  void pop() {
    const T last = items_.back();
    items_.pop_back();
    if (!items_.empty()) replace_top(last);
  }

  void replace_top(const T& item) {
    const std::size_t n = items_.size();
    std::size_t hole = 0;
    for (;;) {
      const std::size_t first = hole * kArity + 1;
      if (first >= n) break;
      std::size_t least = first;
      for (std::size_t child = first + 1; child < std::min(first + kArity, n); ++child) {
        least = items_[child] < items_[least] ? child : least;
      }
      if (!(items_[least] < item)) break;
      items_[hole] = items_[least];
      hole = least;
    }
    items_[hole] = item;
  }

 private:
  static constexpr std::size_t kArity = 4;

  std::vector<T> items_;
};

}  // namespace sim
