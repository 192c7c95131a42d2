// The load balancer's choice of a pod, as policies that the cores are instantiated with; LeastOutstanding has a header
// of its own. What does not depend on the pods' loads is drawn ahead, so that the pods can be fetched. Not thread-safe.
#pragma once

#include <algorithm>
#include <array>
#include <cstdint>
#include <vector>

#include "sim/service/slots.h"
#include "sim/traffic/xoshiro.h"

namespace sim {

// Requests between the drawing of a pod and its use, about as long as memory takes.
inline constexpr std::size_t kDrawnAhead = 8;

// The upper half of `bits`, or any other 32, as a number below `bound`; the bias is below bound / 2^32.
constexpr std::uint32_t scaled_below(std::uint64_t bits32, std::uint32_t bound) {
  return static_cast<std::uint32_t>((bits32 * bound) >> 32);
}

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

// The numbers of one generator in blocks.
class DrawBlock {
 public:
  static constexpr std::size_t kSize = 256;

  explicit DrawBlock(std::uint64_t seed) : bits_(seed) {}

  std::size_t next() const { return next_; }
  std::uint64_t at(std::size_t i) const { return block_[i]; }
  // True if it drew a new block.
  bool fill() {
    if (next_ < kSize) [[likely]]
      return false;
    for (std::uint64_t& draw : block_) draw = bits_.next();
    next_ = 0;
    return true;
  }
  // REQUIRES: fill() since the last one.
  std::size_t take() { return next_++; }

 private:
  Xoshiro bits_;
  std::array<std::uint64_t, kSize> block_{};
  std::size_t next_ = kSize;
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

// Azar et al. 1994, Mitzenmacher 1996: the least loaded of a few drawn at random.
class PowerOfChoices {
 public:
  static constexpr bool kCountsDepartures = false;
  static constexpr bool kComparesLoad = true;

  explicit PowerOfChoices(std::uint64_t seed, std::uint32_t choices) : draws_(seed), choices_(choices) {}

  void add(std::uint32_t slot) {
    pods_.push_back(slot);
    choose();
  }
  void remove(std::uint32_t slot) {
    std::erase(pods_, slot);
    choose();
  }

  // `load(slot)` is the number of requests that the pod holds.
  template <class Load>
  std::uint32_t pick(Load load) {
    const auto n = static_cast<std::uint32_t>(pods_.size());
    if (n <= 1) [[unlikely]]
      return n == 0 ? kNoPod : pods_.front();
    if (choices_ != 2 || n == 2) [[unlikely]]
      return pick_of_many(load, n);
    if (draws_.fill()) choose();
    const std::size_t i = draws_.take();
    return load(second_[i]) < load(first_[i]) ? second_[i] : first_[i];
  }
  template <class Visitor>
  void look_ahead(Visitor visit) const {
    if (pods_.empty()) [[unlikely]]
      return;
    visit(first_[draws_.next() + kDrawnAhead]);
    visit(second_[draws_.next() + kDrawnAhead]);
  }

 private:
  using Choices = std::array<std::uint32_t, DrawBlock::kSize + kDrawnAhead + 1>;

  // Two different ones of one draw.
  void choose() {
    const auto n = static_cast<std::uint32_t>(pods_.size());
    if (choices_ != 2 || n <= 2) return;
    for (std::size_t i = draws_.next(); i < DrawBlock::kSize; ++i) {
      const std::uint32_t a = scaled_below(draws_.at(i) >> 32, n);
      std::uint32_t b = scaled_below(static_cast<std::uint32_t>(draws_.at(i)), n - 1);
      b += static_cast<std::uint32_t>(b >= a);
      first_[i] = pods_[a];
      second_[i] = pods_[b];
    }
  }

  std::uint32_t draw_below(std::uint32_t n) {
    if (draws_.fill()) choose();
    return scaled_below(draws_.at(draws_.take()) >> 32, n);
  }

  template <class Load>
  std::uint32_t pick_of_many(Load load, std::uint32_t n) {
    drawn_.clear();
    const std::uint32_t start = draw_below(n);
    std::uint32_t best = pods_[start];
    auto least = load(best);
    drawn_.push_back(start);
    while (drawn_.size() < std::min(choices_, n)) {
      // Of as many choices as pods, each pod in turn; else draws until one is new.
      const std::uint32_t index =
          choices_ >= n ? static_cast<std::uint32_t>((start + drawn_.size()) % n) : draw_below(n);
      if (std::find(drawn_.begin(), drawn_.end(), index) != drawn_.end()) continue;
      drawn_.push_back(index);
      if (const auto held = load(pods_[index]); held < least) {
        least = held;
        best = pods_[index];
      }
    }
    return best;
  }

  DrawBlock draws_;
  std::uint32_t choices_;
  std::vector<std::uint32_t> pods_;
  std::vector<std::uint32_t> drawn_;
  Choices first_{};  // for the rest of the block
  Choices second_{};
};

}  // namespace sim
