// The requests of a pod by when they are done: a heap with four children a node, as DaryHeap, that also gives up items
// in the middle. Not thread-safe; owned by a RunningSet.
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
  const Item& top() const { return items_.front(); }
  const std::vector<Item>& items() const { return items_; }
  // The place of the job. REQUIRES: it is there.
  std::size_t find(JobIndex job) const {
    const auto found = std::find_if(items_.begin(), items_.end(), [job](const Item& item) { return item.job == job; });
    return static_cast<std::size_t>(found - items_.begin());
  }

  void push(const Item& item) {
    items_.push_back(item);
    sift_up(items_.size() - 1, item);
  }
  void remove(std::size_t hole) {
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
  void shift(std::int64_t by) {
    for (Item& item : items_) item.finish += by;
  }
  void clear() { items_.clear(); }

 private:
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
};

}  // namespace sim
