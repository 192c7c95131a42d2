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
    // branches: who wins cannot be predicted.
    nodes_[i].at = at;
    auto best = static_cast<std::uint64_t>(at);
    for (; i > 1; i /= 2) {
      const Node rival = nodes_[i ^ 1];
      const auto rival_at = static_cast<std::uint64_t>(rival.at);
      const unsigned ties = static_cast<unsigned>(rival_at == best) & static_cast<unsigned>(rival.pod < pod);
      const unsigned loses = static_cast<unsigned>(rival.at < static_cast<Ticks>(best)) | ties;
      best ^= (best ^ rival_at) & (0 - std::uint64_t{loses});
      pod ^= (pod ^ rival.pod) & (0 - loses);
      nodes_[i / 2] = {static_cast<Ticks>(best), pod};
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
