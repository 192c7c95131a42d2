#include "sim/traffic/quantile_table.h"

#include <gtest/gtest.h>

#include <cmath>

namespace sim {
namespace {

struct Moments {
  double mean = 0;
  double variance = 0;
  double largest = 0;
};

// Over all draws octave by octave of both tails, each on a lattice of at most 2^14 points: no sampling error to speak
// of.
Moments moments_of(const QuantileTable& table) {
  double sum = 0, squares = 0;
  Moments out;
  for (const std::uint32_t half : {0U, 0x80000000U}) {
    for (std::uint32_t begin = 0, end = 1; begin < 0x80000000U; begin = end, end *= 2) {
      const std::uint32_t step = std::max(1U, (end - begin) >> 14);
      for (std::uint32_t bits = begin + step / 2; bits < end; bits += step) {
        const double x = table(half | bits);
        sum += x * step;
        squares += x * x * step;
        out.largest = std::max(out.largest, x);
      }
    }
  }
  out.mean = std::ldexp(sum, -32);
  out.variance = std::ldexp(squares, -32) - out.mean * out.mean;
  return out;
}

std::uint32_t bits_at(double u) { return static_cast<std::uint32_t>(std::ldexp(u, 32)); }

TEST(QuantileTableTest, ExponentialHasItsMeanAndVariance) {
  const Moments m = moments_of(QuantileTable::exponential(2.0));

  EXPECT_NEAR(m.mean, 2.0, 2e-6);  // 1e-6 of it
  EXPECT_NEAR(std::sqrt(m.variance) / m.mean, 1.0, 1e-4);
  EXPECT_GT(m.largest, 2.0 * 22);
}

TEST(QuantileTableTest, LognormalHasItsMeanAndVariance) {
  for (const double cv : {0.5, 1.0, 2.0}) {
    const Moments m = moments_of(QuantileTable::lognormal(40.0, cv));
    EXPECT_NEAR(m.mean, 40.0, 40e-6) << cv;
    EXPECT_NEAR(std::sqrt(m.variance) / m.mean, cv, 2e-4 * cv) << cv;
  }
}

TEST(QuantileTableTest, ConstantIsConstant) {
  const QuantileTable table = QuantileTable::constant(7.0);

  for (const std::uint32_t bits : {0U, 1U, 12345U, 0x7fffffffU, 0x80000000U, 0xffffffffU}) {
    EXPECT_NEAR(table(bits), 7.0, 1e-9);
  }
}

TEST(QuantileTableTest, QuantilesAreThoseOfTheLawInBothTails) {
  const QuantileTable exponential = QuantileTable::exponential(1.0);
  for (const double u : {1e-6, 1e-3, 0.01, 0.1, 0.25, 0.4999}) {
    EXPECT_NEAR(exponential(bits_at(u)), -std::log1p(-u), 1e-3 * -std::log1p(-u)) << u;
    // The upper half counts down from its end: the same distance from 1.
    EXPECT_NEAR(exponential(bits_at(0.5 + u)), -std::log(u), 1e-3 * (1 - std::log(u))) << u;
  }
  const double sigma = std::sqrt(std::log(2.0));
  const double median = 40.0 / std::sqrt(2.0);
  const QuantileTable lognormal = QuantileTable::lognormal(40.0, 1.0);
  EXPECT_NEAR(lognormal(bits_at(0.4999999)), median, 1e-3 * median);
  // z = -2.326348 and +3.090232.
  EXPECT_NEAR(lognormal(bits_at(0.01)), median * std::exp(-2.326348 * sigma), 2e-2);
  EXPECT_NEAR(lognormal(bits_at(0.5 + 0.001)), median * std::exp(3.090232 * sigma), 0.4);
}

TEST(QuantileTableTest, LowerHalfIncreasesAndUpperHalfDecreases) {
  const QuantileTable table = QuantileTable::lognormal(40.0, 1.0);
  double last = 0;
  for (std::uint64_t bits = 0; bits < (1ULL << 31); bits += 65521) {
    const double x = table(static_cast<std::uint32_t>(bits));
    EXPECT_GE(x, last * (1 - 1e-5));  // a cell may end a hair above the start of the next: each keeps its own mean
    last = x;
  }
  last = 1e300;
  for (std::uint64_t bits = 1ULL << 31; bits < (1ULL << 32); bits += 65521) {
    const double x = table(static_cast<std::uint32_t>(bits));
    EXPECT_LE(x, last * (1 + 1e-5));
    last = x;
  }
}

}  // namespace
}  // namespace sim
