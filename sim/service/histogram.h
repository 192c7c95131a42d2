// Counts durations in buckets of equal relative width: exact counts, values within 0.4 %.
//
// 256 buckets an octave from 1.024 us on (a bucket is at most 1/256 of its values wide), 4 ns wide below; longer than
// an hour counts as an hour. Merging is exact. Not thread-safe.
#pragma once

#include <algorithm>
#include <array>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "sim/traffic/ticks.h"

namespace sim {

template <class Count>
class BasicHistogram {
 public:
  // The longest duration; also what stands for "never answered".
  static constexpr Ticks kTop = 3600 * kSecond;
  static constexpr unsigned kUnitBits = 2;  // the finest bucket: 4 ns
  static constexpr unsigned kSubBits = 8;   // 256 buckets an octave

  BasicHistogram() : counts_(kGroups * kGroupSize) {}

  void add(Ticks value) {
    const auto units = static_cast<std::uint64_t>(std::min(value, kTop)) >> kUnitBits;
    const unsigned shift = shift_of(units);
    ++counts_[index_of(units, shift)];
    touched_ |= std::uint64_t{1} << shift;
  }

  void add_zeros(std::uint64_t n) {
    counts_[0] += static_cast<Count>(n);
    touched_ |= static_cast<std::uint64_t>(n > 0);
  }
  // For loops that find the buckets of many values at a time: the buckets, and the bit of a value's shift to note.
  Count* buckets() { return counts_.data(); }
  void note_shifts(std::uint64_t bits) { touched_ |= bits; }

  template <class Other>
  void merge(const BasicHistogram<Other>& other) {
    touched_ |= other.touched_;
    other.for_each_touched([this](std::size_t begin, std::span<const Other> counts) {
      for (std::size_t i = 0; i < counts.size(); ++i) counts_[begin + i] += static_cast<Count>(counts[i]);
    });
  }

  void clear() {
    for_each_touched([this](std::size_t begin, std::span<const Count> counts) {
      std::fill_n(counts_.begin() + static_cast<std::ptrdiff_t>(begin), counts.size(), Count{0});
    });
    touched_ = 0;
  }

  std::uint64_t count() const {
    std::uint64_t sum = 0;
    for_each_touched([&sum](std::size_t, std::span<const Count> counts) {
      for (const Count c : counts) sum += c;
    });
    return sum;
  }

  // out[i] = the duration of rank ceil(quantiles[i] * n), n including `never` more that count as kTop; 0 if there are
  // none. Inside a bucket ranks are spread evenly. REQUIRES: quantiles increase, in (0, 1].
  void quantiles(std::span<const double> quantiles, std::uint64_t never, std::span<Ticks> out) const;

  // Values up to `value` inclusive: exact but for the bucket that holds it, whose values are spread evenly.
  std::uint64_t count_up_to(Ticks value) const;

  bool operator==(const BasicHistogram&) const = default;

 private:
  template <class Other>
  friend class BasicHistogram;

  static constexpr std::size_t kGroupSize = 1 << kSubBits;
  static constexpr std::size_t kGroups = 34;  // group 0 holds the linear start too

  static unsigned shift_of(std::uint64_t units) {
    return static_cast<unsigned>(std::bit_width(units | ((1U << (kSubBits + 1)) - 1))) - (kSubBits + 1);
  }
  static std::size_t index_of(std::uint64_t units, unsigned shift) { return (shift << kSubBits) + (units >> shift); }

  // Values of one shift fill the 256 buckets after shift*256 + 256; shift 0 fills the first 512.
  template <class Visitor>
  void for_each_touched(Visitor visit) const {
    for (std::uint64_t rest = touched_; rest != 0; rest &= rest - 1) {
      const auto shift = static_cast<std::size_t>(std::countr_zero(rest));
      const std::size_t begin = shift == 0 ? 0 : (shift + 1) * kGroupSize;
      visit(begin, std::span<const Count>(counts_).subspan(begin, (shift + 2) * kGroupSize - begin));
    }
  }

  std::vector<Count> counts_;
  std::uint64_t touched_ = 0;  // bit s: a value with shift s was added
};

using Histogram = BasicHistogram<std::uint64_t>;
// Of one second: at most 2^32 values a bucket.
using WindowHistogram = BasicHistogram<std::uint32_t>;

// The rank of the `quantile` of n values in order, from 1: ceil(quantile * n), unharmed by the rounding of the product.
std::uint64_t rank_of(double quantile, std::uint64_t n);

extern template class BasicHistogram<std::uint64_t>;
extern template class BasicHistogram<std::uint32_t>;

}  // namespace sim
