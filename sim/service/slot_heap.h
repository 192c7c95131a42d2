// The earliest of one time per slot, with times that change: an indexed heap, four children a node.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <vector>

#include "sim/traffic/ticks.h"

namespace sim {

// Slots with equal times come in the order of their numbers.
class SlotHeap {
 public:
  // The next slot, at kNever.
  void add() {
    const auto slot = static_cast<std::uint32_t>(time_.size());
    time_.push_back(kNever);
    place_.push_back(slot);
    order_.push_back(slot);
  }
  bool empty() const { return order_.empty(); }
  std::uint32_t top() const { return order_.front(); }
  Ticks top_time() const { return order_.empty() ? kNever : time_[order_.front()]; }

  void set(std::uint32_t slot, Ticks time) {
    const Ticks old = time_[slot];
    time_[slot] = time;
    if (time < old) {
      rise(slot);
    } else if (time > old) {
      sink(slot);
    }
  }

 private:
  static constexpr std::size_t kArity = 4;

  bool before(std::uint32_t a, std::uint32_t b) const { return time_[a] != time_[b] ? time_[a] < time_[b] : a < b; }
  void put(std::size_t place, std::uint32_t slot) {
    order_[place] = slot;
    place_[slot] = static_cast<std::uint32_t>(place);
  }
  void rise(std::uint32_t slot) {
    std::size_t hole = place_[slot];
    for (; hole > 0; hole = (hole - 1) / kArity) {
      const std::uint32_t parent = order_[(hole - 1) / kArity];
      if (!before(slot, parent)) break;
      put(hole, parent);
    }
    put(hole, slot);
  }
  void sink(std::uint32_t slot) {
    std::size_t hole = place_[slot];
    for (std::size_t first = hole * kArity + 1; first < order_.size(); first = hole * kArity + 1) {
      std::size_t least = first;
      for (std::size_t child = first + 1; child < std::min(first + kArity, order_.size()); ++child) {
        if (before(order_[child], order_[least])) least = child;
      }
      if (!before(order_[least], slot)) break;
      put(hole, order_[least]);
      hole = least;
    }
    put(hole, slot);
  }

  std::vector<Ticks> time_;           // by slot
  std::vector<std::uint32_t> place_;  // by slot: where in order_
  std::vector<std::uint32_t> order_;  // the heap
};

}  // namespace sim
