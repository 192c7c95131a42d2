// The load balancer's choice of a pod, as policies that the cores are instantiated with; LeastOutstanding has a header
// of its own. Not thread-safe.
#pragma once

#include <algorithm>
#include <cstdint>
#include <vector>

#include "sim/service/slots.h"
#include "sim/traffic/xoshiro.h"

namespace sim {

class RoundRobin {
 public:
  static constexpr bool kCountsDepartures = false;
  static constexpr bool kComparesLoad = false;

  explicit RoundRobin(std::uint64_t, std::uint32_t) {}

  void add(std::uint32_t slot) { pods_.push_back(slot); }
  void remove(std::uint32_t slot) {
    const auto found = std::find(pods_.begin(), pods_.end(), slot);
    const auto index = static_cast<std::size_t>(found - pods_.begin());
    pods_.erase(found);
    if (index < next_) --next_;
    if (next_ == pods_.size()) next_ = 0;
  }
  template <class Load>
  std::uint32_t pick(Load) {
    if (pods_.empty()) return kNoPod;
    const std::uint32_t pod = pods_[next_];
    if (++next_ == pods_.size()) next_ = 0;
    return pod;
  }

 private:
  std::vector<std::uint32_t> pods_;
  std::size_t next_ = 0;
};

class RandomChoice {
 public:
  static constexpr bool kCountsDepartures = false;
  static constexpr bool kComparesLoad = false;

  explicit RandomChoice(std::uint64_t seed, std::uint32_t) : bits_(seed) {}

  void add(std::uint32_t slot) { pods_.push_back(slot); }
  void remove(std::uint32_t slot) { std::erase(pods_, slot); }
  template <class Load>
  std::uint32_t pick(Load) {
    return pods_.empty() ? kNoPod : pods_[bits_.below(static_cast<std::uint32_t>(pods_.size()))];
  }

 private:
  Xoshiro bits_;
  std::vector<std::uint32_t> pods_;
};

// Azar et al. 1994, Mitzenmacher 1996: the least loaded of a few drawn at random.
class PowerOfChoices {
 public:
  static constexpr bool kCountsDepartures = false;
  static constexpr bool kComparesLoad = true;

  explicit PowerOfChoices(std::uint64_t seed, std::uint32_t choices) : bits_(seed), choices_(choices) {}

  void add(std::uint32_t slot) { pods_.push_back(slot); }
  void remove(std::uint32_t slot) { std::erase(pods_, slot); }

  // `load(slot)` is the number of requests that the pod holds.
  template <class Load>
  std::uint32_t pick(Load load) {
    const auto n = static_cast<std::uint32_t>(pods_.size());
    if (n <= 1) return n == 0 ? kNoPod : pods_.front();
    if (choices_ != 2 || n == 2) return pick_of_many(load, n);
    const std::uint32_t first = bits_.below(n);
    std::uint32_t second = bits_.below(n - 1);
    second += static_cast<std::uint32_t>(second >= first);
    return load(pods_[second]) < load(pods_[first]) ? pods_[second] : pods_[first];
  }

 private:
  template <class Load>
  std::uint32_t pick_of_many(Load load, std::uint32_t n) {
    drawn_.clear();
    const std::uint32_t start = bits_.below(n);
    std::uint32_t best = pods_[start];
    auto least = load(best);
    drawn_.push_back(start);
    while (drawn_.size() < std::min(choices_, n)) {
      // Of as many choices as pods, each pod in turn; else draws until one is new.
      const std::uint32_t index =
          choices_ >= n ? static_cast<std::uint32_t>((start + drawn_.size()) % n) : bits_.below(n);
      if (std::find(drawn_.begin(), drawn_.end(), index) != drawn_.end()) continue;
      drawn_.push_back(index);
      if (const auto held = load(pods_[index]); held < least) {
        least = held;
        best = pods_[index];
      }
    }
    return best;
  }

  Xoshiro bits_;
  std::uint32_t choices_;
  std::vector<std::uint32_t> pods_;
  std::vector<std::uint32_t> drawn_;
};

}  // namespace sim
