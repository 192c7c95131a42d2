// How amounts of a metric are written in explanations.
//
// Stateless.
#pragma once

#include <cmath>
#include <string>

#include "common/base/number_format.h"

namespace scaler {

// Whole numbers in full, others with at most two decimals: "3000000", "0.25".
inline std::string amount_text(double x) {
  constexpr double kExact = 1e15;
  const double rounded = std::abs(x) < kExact ? std::round(x * 100.0) / 100.0 : x;
  const bool is_whole = std::abs(rounded) < kExact && rounded == std::floor(rounded);
  return is_whole ? base::format_fixed(rounded, 0) : base::format_number(rounded);
}

}  // namespace scaler
