// The load balancer's choice of a pod, as policies that the cores are instantiated with: those that look at no load.
// PowerOfChoices and LeastOutstanding have headers of their own. Pods are chosen ahead, so that they can be fetched.
// Not thread-safe.
#pragma once

#include <algorithm>
#include <array>
#include <cstdint>
#include <vector>

#include "sim/service/draw_block.h"
#include "sim/service/slots.h"

namespace sim {

class RoundRobin {
 public:
  static constexpr bool kCountsDepartures = false;
  static constexpr bool kComparesLoad = false;

  explicit RoundRobin(std::uint64_t, std::uint32_t) {}

  void add(std::uint32_t slot) {
    pods_.push_back(slot);
    repeat();
  }
  void remove(std::uint32_t slot) {
    const auto found = std::find(pods_.begin(), pods_.end(), slot);
    const auto index = static_cast<std::size_t>(found - pods_.begin());
    pods_.erase(found);
    if (index < next_) --next_;
    if (next_ == pods_.size()) next_ = 0;
    repeat();
  }
  template <class Load>
  std::uint32_t pick(Load) {
    if (pods_.empty()) [[unlikely]]
      return kNoPod;
    const std::uint32_t pod = turns_[next_];
    if (++next_ == pods_.size()) next_ = 0;
    return pod;
  }
  void go_to_turn(std::size_t n) { next_ = n < pods_.size() ? n : 0; }
  // Shows visit(slot) a pod that is picked soon.
  template <class Visitor>
  void look_ahead(Visitor visit) const {
    if (!pods_.empty()) visit(turns_[next_ + kDrawnAhead]);
  }

 private:
  void repeat() {
    turns_ = pods_;
    for (std::size_t i = 0; i <= kDrawnAhead && !pods_.empty(); ++i) turns_.push_back(pods_[i % pods_.size()]);
  }

  std::vector<std::uint32_t> pods_;
  std::vector<std::uint32_t> turns_;  // pods_ and the beginning of the next turn
  std::size_t next_ = 0;
};

class RandomChoice {
 public:
  static constexpr bool kCountsDepartures = false;
  static constexpr bool kComparesLoad = false;

  explicit RandomChoice(std::uint64_t seed, std::uint32_t) : draws_(seed) {}

  void add(std::uint32_t slot) {
    pods_.push_back(slot);
    choose();
  }
  void remove(std::uint32_t slot) {
    std::erase(pods_, slot);
    choose();
  }
  template <class Load>
  std::uint32_t pick(Load) {
    if (pods_.empty()) [[unlikely]]
      return kNoPod;
    if (draws_.fill()) choose();
    return chosen_[draws_.take()];
  }
  template <class Visitor>
  void look_ahead(Visitor visit) const {
    if (pods_.empty()) [[unlikely]]
      return;
    visit(chosen_[draws_.next() + kDrawnAhead]);
  }

 private:
  void choose() {
    const auto n = static_cast<std::uint32_t>(pods_.size());
    if (n == 0) return;
    for (std::size_t i = draws_.next(); i < DrawBlock::kSize; ++i) {
      chosen_[i] = pods_[scaled_below(draws_.at(i) >> 32, n)];
    }
  }

  DrawBlock draws_;
  std::vector<std::uint32_t> pods_;
  std::array<std::uint32_t, DrawBlock::kSize + kDrawnAhead + 1> chosen_{};  // for the rest of the block
};

}  // namespace sim
