// A positive distribution as a table of its quantile function: one 32-bit random number, one look-up, one
// multiplication a draw, and no libm in the request path.
//
// 64 cells an octave of probability in both tails, linear inside a cell, every cell with its own exact mean and the
// whole scaled to the exact mean (relative error below 1e-9; coefficient of variation within 1e-4 up to cv 3).
// Probabilities below 2^-33 of either tail do not occur: an exponential never exceeds 23 means. Immutable after
// construction.
#pragma once

#include <bit>
#include <cstddef>
#include <cstdint>
#include <vector>

namespace sim {

class QuantileTable {
 public:
  static QuantileTable exponential(double mean);
  static QuantileTable constant(double value);
  // `cv` is standard deviation / mean. REQUIRES: cv >= 0.
  static QuantileTable lognormal(double mean, double cv);

  // The quantile that belongs to `bits`, uniform over all 2^32 values.
  double operator()(std::uint32_t bits) const { return at(cells_.data(), bits); }

  double mean() const { return mean_; }

  struct Cell {
    double base;
    double slope;  // per 2^-26 of the cell
  };
  // For loops that look up many: the table itself, whose cells are 64 an octave, 32 octaves, lower tail first.
  const Cell* cells() const { return cells_.data(); }
  static double at(const Cell* cells, std::uint32_t bits) {
    const std::uint32_t upper = bits >> 31;
    const std::uint32_t tail = (bits << 1) | 1;  // distance from the near end, odd: in the middle of its 2^-32
    const auto octave = static_cast<std::uint32_t>(std::countl_zero(tail));
    const auto inside = static_cast<std::uint32_t>(static_cast<std::uint64_t>(tail) << (octave + 1));
    const Cell& cell = cells[(((upper << 5) | octave) << 6) | (inside >> 26)];
    return cell.base + cell.slope * static_cast<double>(static_cast<std::int32_t>(inside & 0x3ffffff));
  }

 private:
  using Quantile = double (*)(double tail_probability, bool upper, double shape);

  QuantileTable(double mean, double shape, Quantile quantile);

  double mean_;
  std::vector<Cell> cells_;
};

}  // namespace sim
