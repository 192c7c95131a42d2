// The requests of a pod by when they are done: a few in order, the last one first; many as a heap with four children a
// node. Gives up items in the middle too. Not thread-safe; owned by a RunningSet.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <vector>

#include "sim/mesh/job_pool.h"

namespace sim {

class FinishHeap {
 public:
  struct Item {
    std::int64_t finish;  // on the pod's clock
    JobIndex job;
  };

  bool empty() const { return items_.empty(); }
  std::int64_t size() const { return std::ssize(items_); }
  const Item& top() const { return sorted_ ? items_.back() : items_.front(); }
  std::size_t top_place() const { return sorted_ ? items_.size() - 1 : 0; }
  const std::vector<Item>& items() const { return items_; }
  // The place of the job. REQUIRES: it is there.
  std::size_t find(JobIndex job) const {
    const auto found = std::find_if(items_.begin(), items_.end(), [job](const Item& item) { return item.job == job; });
    return static_cast<std::size_t>(found - items_.begin());
  }

  void push(const Item& item) {
    if (sorted_ && items_.size() == kMostSorted) [[unlikely]] {
      std::reverse(items_.begin(), items_.end());  // in ascending order they are a heap
      sorted_ = false;
    }
    std::size_t i = items_.size();
    items_.push_back(item);
    if (!sorted_) return sift_up(i, item);
    for (; i > 0 && items_[i - 1].finish < item.finish; --i) items_[i] = items_[i - 1];
    items_[i] = item;
  }
  void remove(std::size_t place) {
    if (sorted_) {
      for (; place + 1 < items_.size(); ++place) items_[place] = items_[place + 1];
      items_.pop_back();
      return;
    }
    remove_from_heap(place);
    if (items_.size() > kMostSorted / 4) return;
    std::stable_sort(items_.begin(), items_.end(), [](const Item& a, const Item& b) { return a.finish > b.finish; });
    sorted_ = true;
  }
  void shift(std::int64_t by) {
    for (Item& item : items_) item.finish += by;
  }
  void clear() {
    items_.clear();
    sorted_ = true;
  }

 private:
  static constexpr std::size_t kMostSorted = 32;

  void remove_from_heap(std::size_t hole) {
    const Item item = items_.back();
    items_.pop_back();
    const std::size_t n = items_.size();
    if (hole == n) return;
    for (;;) {
      const std::size_t first = hole * 4 + 1;
      if (first >= n) break;
      std::size_t least = first;
      for (std::size_t child = first + 1; child < std::min(first + 4, n); ++child) {
        least = items_[child].finish < items_[least].finish ? child : least;
      }
      if (items_[least].finish >= item.finish) break;
      items_[hole] = items_[least];
      hole = least;
    }
    sift_up(hole, item);
  }
  void sift_up(std::size_t hole, const Item& item) {
    while (hole > 0) {
      const std::size_t parent = (hole - 1) / 4;
      if (item.finish >= items_[parent].finish) break;
      items_[hole] = items_[parent];
      hole = parent;
    }
    items_[hole] = item;
  }

  std::vector<Item> items_;
  bool sorted_ = true;  // in descending order
};

}  // namespace sim
