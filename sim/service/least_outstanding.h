// The balancer that sends a request to the pod that holds the fewest. Not thread-safe; owned by a core.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <vector>

#include "sim/service/slots.h"

namespace sim {

// Pods in a ring for each number of requests they hold; the first of the lowest ring that has one is the answer. A pod
// goes to the end of its new ring whenever the number changes, so the choice is O(1) and fair among equals.
class LeastOutstanding {
 public:
  static constexpr bool kCountsDepartures = true;
  static constexpr bool kComparesLoad = false;

  explicit LeastOutstanding(std::uint64_t, std::uint32_t) {}

  void add(std::uint32_t slot) {
    if (slot >= pods_.size()) {
      pods_.resize(slot + 1);
      grow(node_of(slot));
    }
    pods_[slot].listed = true;
    append(slot);
    lowest_ = std::min(lowest_, pods_[slot].held);
    ++listed_;
    find_lowest();  // the last pod that was removed may have left it where no pod is now
  }
  void remove(std::uint32_t slot) {
    unlink(slot);
    pods_[slot].listed = false;
    if (--listed_ > 0) find_lowest();
  }
  template <class Load>
  std::uint32_t pick(Load) {
    return listed_ == 0 ? kNoPod : nodes_[level_of(lowest_)].after / 2;
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
    --pod.held;
    if (!pod.listed) [[unlikely]]
      return;
    unlink(slot);
    append(slot);
    lowest_ = std::min(lowest_, pod.held);
  }
  // Shows visit(slot) the pod behind the first, which is probably next.
  template <class Visitor>
  void look_ahead(Visitor visit) const {
    if (listed_ == 0) [[unlikely]]
      return;
    const std::uint32_t second = nodes_[nodes_[level_of(lowest_)].after].after;
    if (second % 2 == 0) visit(second / 2);
  }

 private:
  struct Pod {
    std::uint32_t held = 0;
    bool listed = false;
  };
  // Pods are the even nodes; the head of each level's ring is an odd one, so that no end needs a branch.
  struct Node {
    std::uint32_t before;
    std::uint32_t after;
  };

  static std::uint32_t node_of(std::uint32_t slot) { return 2 * slot; }
  static std::uint32_t level_of(std::uint32_t held) { return 2 * held + 1; }

  void grow(std::uint32_t node) {
    while (nodes_.size() <= node) {
      const auto self = static_cast<std::uint32_t>(nodes_.size());
      nodes_.push_back({self, self});
    }
  }
  void append(std::uint32_t slot) {
    const std::uint32_t level = level_of(pods_[slot].held);
    if (level >= nodes_.size()) [[unlikely]]
      grow(2 * level);
    const std::uint32_t self = node_of(slot);
    const std::uint32_t last = nodes_[level].before;
    nodes_[self] = {last, level};
    nodes_[last].after = self;
    nodes_[level].before = self;
  }
  void unlink(std::uint32_t slot) {
    const Node node = nodes_[node_of(slot)];
    nodes_[node.before].after = node.after;
    nodes_[node.after].before = node.before;
  }
  void find_lowest() {
    while (nodes_[level_of(lowest_)].after == level_of(lowest_)) ++lowest_;
  }

  std::vector<Pod> pods_;
  std::vector<Node> nodes_ = {{0, 0}, {1, 1}};
  std::uint32_t lowest_ = 0;  // if a pod is listed: the fewest that one holds
  std::size_t listed_ = 0;
};

}  // namespace sim
