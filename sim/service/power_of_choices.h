// The load balancer that compares a few pods drawn at random. Not thread-safe; owned by a core.
#pragma once

#include <algorithm>
#include <array>
#include <cstdint>
#include <vector>

#include "sim/service/draw_block.h"
#include "sim/service/slots.h"

namespace sim {

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
