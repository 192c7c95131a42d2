// The balancer that sends a request to the pod that holds the fewest. Not thread-safe; owned by a core.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <vector>

#include "sim/service/slots.h"

namespace sim {

// Pods in a list for each number of requests they hold; the first of the lowest list is the answer. A pod goes to the
// end of its new list whenever the number changes, so the choice is O(1) and fair among equals.
class LeastOutstanding {
 public:
  static constexpr bool kCountsDepartures = true;
  static constexpr bool kComparesLoad = false;

  explicit LeastOutstanding(std::uint64_t, std::uint32_t) {}

  void add(std::uint32_t slot) {
    if (slot >= pods_.size()) pods_.resize(slot + 1);
    pods_[slot].listed = true;
    append(slot);
    lowest_ = std::min(lowest_, pods_[slot].held);
    ++listed_;
  }
  void remove(std::uint32_t slot) {
    unlink(slot);
    pods_[slot].listed = false;
    if (--listed_ > 0) find_lowest();
  }
  template <class Load>
  std::uint32_t pick(Load) {
    return listed_ == 0 ? kNoPod : levels_[lowest_].head;
  }
  // The pod got one request more.
  void arrived(std::uint32_t slot) {
    unlink(slot);
    ++pods_[slot].held;
    append(slot);
    find_lowest();
  }
  // A request left the pod, which may have left the balancer before.
  void departed(std::uint32_t slot) {
    Pod& pod = pods_[slot];
    if (!pod.listed) {
      --pod.held;
      return;
    }
    unlink(slot);
    --pod.held;
    append(slot);
    lowest_ = std::min(lowest_, pod.held);
  }

 private:
  struct Pod {
    std::uint32_t held = 0;
    std::uint32_t before = kNoPod;
    std::uint32_t after = kNoPod;
    bool listed = false;
  };
  struct Level {
    std::uint32_t head = kNoPod;
    std::uint32_t tail = kNoPod;
  };

  void append(std::uint32_t slot) {
    Pod& pod = pods_[slot];
    if (pod.held >= levels_.size()) levels_.resize(2 * static_cast<std::size_t>(pod.held) + 8);
    Level& level = levels_[pod.held];
    pod.before = level.tail;
    pod.after = kNoPod;
    (level.tail == kNoPod ? level.head : pods_[level.tail].after) = slot;
    level.tail = slot;
  }
  void unlink(std::uint32_t slot) {
    const Pod& pod = pods_[slot];
    Level& level = levels_[pod.held];
    (pod.before == kNoPod ? level.head : pods_[pod.before].after) = pod.after;
    (pod.after == kNoPod ? level.tail : pods_[pod.after].before) = pod.before;
  }
  void find_lowest() {
    while (levels_[lowest_].head == kNoPod) ++lowest_;
  }

  std::vector<Pod> pods_;
  std::vector<Level> levels_ = std::vector<Level>(8);
  std::uint32_t lowest_ = 0;  // no listed pod holds fewer
  std::size_t listed_ = 0;
};

}  // namespace sim
