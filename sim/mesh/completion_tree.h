// When the next request of each pod is done, and of which pod that is first: a tournament of pods, whose few kilobytes
// stay in the cache and which holds nothing outdated. Of equal times the lowest pod wins. Not thread-safe.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "sim/traffic/ticks.h"

namespace sim {

class CompletionTree {
 public:
  // The next pod is numbered, and has nothing to do.
  void add_pod() {
    const std::size_t n = pods_++;
    if (n < leaves_) return;
    const std::vector<Node> old(nodes_.begin() + static_cast<std::ptrdiff_t>(leaves_), nodes_.end());
    leaves_ *= 2;
    nodes_.assign(2 * leaves_, {});
    for (std::size_t i = 0; i < leaves_; ++i) {
      nodes_[leaves_ + i] = {i < old.size() ? old[i].at : kNever, static_cast<std::uint32_t>(i)};
    }
    for (std::size_t i = leaves_ - 1; i > 0; --i) nodes_[i] = winner(i);
  }

  // kNever if no pod has anything to do.
  Ticks top_time() const { return nodes_[1].at; }
  std::uint32_t top_pod() const { return nodes_[1].pod; }

  void set(std::uint32_t pod, Ticks at) {
    std::size_t i = leaves_ + pod;
    if (nodes_[i].at == at) return;
    // The winner so far is carried up and met by its rivals, which do not depend on each other. In masks, not
    // branches: who wins cannot be predicted. A rival on the left has lower pods, so it wins if the times are equal.
    nodes_[i].at = at;
    Ticks best = at;
    for (; i > 1; i /= 2) {
      const Node rival = nodes_[i ^ 1];
      const auto loses = -static_cast<Ticks>(rival.at < best + static_cast<Ticks>(i & 1));
      best ^= (best ^ rival.at) & loses;
      pod ^= (pod ^ rival.pod) & static_cast<std::uint32_t>(loses);
      nodes_[i / 2] = {best, pod};
    }
  }

 private:
  struct Node {
    Ticks at = kNever;
    std::uint32_t pod = 0;
  };

  Node winner(std::size_t i) const {
    return nodes_[2 * i + 1].at < nodes_[2 * i].at ? nodes_[2 * i + 1] : nodes_[2 * i];
  }

  std::size_t pods_ = 0;
  std::size_t leaves_ = 1;              // a power of two
  std::vector<Node> nodes_ = {{}, {}};  // the root is 1, the children of i are 2i and 2i + 1
};

}  // namespace sim
