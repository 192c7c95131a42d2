#include "sim/service/histogram.h"

#include <cmath>

#include "common/base/check.h"

namespace sim {

std::uint64_t rank_of(double quantile, std::uint64_t n) {
  const double exact = quantile * static_cast<double>(n);
  return std::max<std::uint64_t>(1, static_cast<std::uint64_t>(std::ceil(exact * (1.0 - 1e-12))));
}

template <class Count>
void BasicHistogram<Count>::quantiles(std::span<const double> quantiles, std::uint64_t never,
                                      std::span<Ticks> out) const {
  CHECK(quantiles.size() == out.size(), "a place for each quantile");
  const std::uint64_t n = count() + never;
  std::fill(out.begin(), out.end(), n == 0 ? Ticks{0} : kTop);
  if (n == 0) return;

  std::size_t next = 0;
  std::uint64_t below = 0;
  for_each_touched([&](std::size_t begin, std::span<const Count> counts) {
    for (std::size_t i = 0; i < counts.size() && next < out.size(); ++i) {
      const std::uint64_t here = counts[i];
      for (; next < out.size() && rank_of(quantiles[next], n) <= below + here; ++next) {
        const std::size_t index = begin + i;
        const std::size_t shift = index < 2 * kGroupSize ? 0 : (index >> kSubBits) - 1;
        const std::uint64_t low = (index - (shift << kSubBits)) << (shift + kUnitBits);
        const double width = std::ldexp(1.0, static_cast<int>(shift + kUnitBits));
        const auto inside = static_cast<double>(rank_of(quantiles[next], n) - below) - 0.5;
        out[next] = static_cast<Ticks>(low) + static_cast<Ticks>(width * inside / static_cast<double>(here));
      }
      below += here;
    }
  });
}

template <class Count>
std::uint64_t BasicHistogram<Count>::count_up_to(Ticks value) const {
  if (value < 0) return 0;
  if (value >= kTop) return count();
  const auto units = static_cast<std::uint64_t>(value) >> kUnitBits;
  const unsigned shift = shift_of(units);
  const std::size_t last = index_of(units, shift);
  const std::uint64_t width = std::uint64_t{1} << (shift + kUnitBits);
  const std::uint64_t inside = (static_cast<std::uint64_t>(value) & (width - 1)) + 1;
  std::uint64_t sum = 0;
  for_each_touched([&](std::size_t begin, std::span<const Count> counts) {
    for (std::size_t i = 0; i < counts.size() && begin + i <= last; ++i) {
      sum += begin + i < last ? counts[i] : static_cast<std::uint64_t>(counts[i]) * inside / width;
    }
  });
  return sum;
}

template class BasicHistogram<std::uint64_t>;
template class BasicHistogram<std::uint32_t>;

}  // namespace sim
