#include "sim/traffic/quantile_table.h"

#include <algorithm>
#include <cmath>
#include <numbers>

#include "common/base/check.h"

namespace sim {
namespace {

constexpr std::size_t kOctaves = 32;
constexpr std::size_t kCellsPerOctave = 64;
constexpr double kCellUnits = 0x1p26;

double exponential_quantile(double p, bool upper, double) { return upper ? -std::log(p) : -std::log1p(-p); }

// z with P(Z < z) = p for p <= 1/2: a rational start (Abramowitz and Stegun 26.2.23), then Newton steps on erfc.
double normal_quantile(double p) {
  const double t = std::sqrt(-2.0 * std::log(p));
  double z = -(t - (2.515517 + t * (0.802853 + t * 0.010328)) / (1.0 + t * (1.432788 + t * (0.189269 + t * 0.001308))));
  for (int step = 0; step < 4; ++step) {
    const double below = 0.5 * std::erfc(-z / std::numbers::sqrt2);
    const double density = std::exp(-0.5 * z * z) / std::sqrt(2.0 * std::numbers::pi);
    z -= (below - p) / density;
  }
  return z;
}

// With median 1; the table is scaled to its mean afterwards.
double lognormal_quantile(double p, bool upper, double sigma) {
  const double z = normal_quantile(p);
  return std::exp(sigma * (upper ? -z : z));
}

double constant_quantile(double, bool, double) { return 1.0; }

// To 36 significant bits, so that the last bits of another libm do not reach a result.
double rounded(double x) {
  if (x == 0.0) return 0.0;
  int exponent = 0;
  const double mantissa = std::frexp(x, &exponent);
  return std::ldexp(std::nearbyint(mantissa * 0x1p36) * 0x1p-36, exponent);
}

}  // namespace

QuantileTable QuantileTable::exponential(double mean) { return {mean, 0.0, exponential_quantile}; }

QuantileTable QuantileTable::constant(double value) { return {value, 0.0, constant_quantile}; }

QuantileTable QuantileTable::lognormal(double mean, double cv) {
  CHECK(cv >= 0.0, "a coefficient of variation is not negative");
  return {mean, std::sqrt(std::log1p(cv * cv)), lognormal_quantile};
}

QuantileTable::QuantileTable(double mean, double shape, Quantile quantile) : mean_(mean) {
  CHECK(mean > 0.0, "a distribution of positive numbers has a positive mean");
  cells_.resize(2 * kOctaves * kCellsPerOctave);
  double total = 0.0;
  for (const bool upper : {false, true}) {
    for (std::size_t octave = 0; octave < kOctaves; ++octave) {
      // The last octave is the single lattice point 2^-33 with its whole 2^-32.
      const bool last = octave + 1 == kOctaves;
      const double begin = std::ldexp(1.0, -static_cast<int>(octave) - 2);
      const double width = begin / static_cast<double>(kCellsPerOctave);
      for (std::size_t sub = 0; sub < kCellsPerOctave; ++sub) {
        const double p = begin + width * static_cast<double>(sub);
        const double left = quantile(p, upper, shape);
        const double right = quantile(p + width, upper, shape);
        // Simpson's rule: the cells are narrow, the error of the mean is below 1e-10 of it.
        const double cell_mean = (left + 4.0 * quantile(p + width / 2.0, upper, shape) + right) / 6.0;
        const double slope = last ? 0.0 : right - left;
        Cell& cell = cells_[((static_cast<std::size_t>(upper) * kOctaves) + octave) * kCellsPerOctave + sub];
        cell = {.base = cell_mean - slope / 2.0, .slope = slope / kCellUnits};
        total += cell_mean * width * (last && sub == 0 ? 2.0 * static_cast<double>(kCellsPerOctave) : last ? 0.0 : 1.0);
      }
    }
  }
  const double scale = mean / total;
  for (Cell& cell : cells_) cell = {.base = rounded(cell.base * scale), .slope = rounded(cell.slope * scale)};
}

}  // namespace sim
