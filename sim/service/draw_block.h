// Random numbers drawn in blocks, so that the pods that they will choose can be fetched before they are needed. A
// value.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

#include "sim/traffic/xoshiro.h"

namespace sim {

// Requests between the drawing of a pod and its use, about as long as memory takes.
inline constexpr std::size_t kDrawnAhead = 8;

// The upper half of `bits`, or any other 32, as a number below `bound`; the bias is below bound / 2^32.
constexpr std::uint32_t scaled_below(std::uint64_t bits32, std::uint32_t bound) {
  return static_cast<std::uint32_t>((bits32 * bound) >> 32);
}

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

}  // namespace sim
