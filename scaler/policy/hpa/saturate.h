// Arithmetic at the ends of a type: where upstream narrows a double without a look we stop at the end; where it counts
// in 64 bits that wrap, so do we.
#pragma once

#include <cmath>
#include <cstdint>
#include <limits>

namespace scaler {

// `x` cut towards zero into int; NaN is 0.
inline int saturate_to_int(double x) {
  if (std::isnan(x)) return 0;
  if (x >= static_cast<double>(std::numeric_limits<int>::max())) return std::numeric_limits<int>::max();
  if (x <= static_cast<double>(std::numeric_limits<int>::min())) return std::numeric_limits<int>::min();
  return static_cast<int>(x);
}

inline int ceil_to_int(double x) { return saturate_to_int(std::ceil(x)); }

inline int saturate_to_int(std::int64_t x) {
  if (x > std::numeric_limits<int>::max()) return std::numeric_limits<int>::max();
  if (x < std::numeric_limits<int>::min()) return std::numeric_limits<int>::min();
  return static_cast<int>(x);
}

inline std::int64_t saturating_add(std::int64_t a, std::int64_t b) {
  std::int64_t sum = 0;
  if (!__builtin_add_overflow(a, b, &sum)) return sum;
  return a > 0 ? std::numeric_limits<std::int64_t>::max() : std::numeric_limits<std::int64_t>::min();
}

inline std::int64_t wrapping_add(std::int64_t a, std::int64_t b) {
  std::int64_t sum = 0;
  static_cast<void>(__builtin_add_overflow(a, b, &sum));
  return sum;
}

inline std::int64_t wrapping_multiply(std::int64_t a, std::int64_t b) {
  std::int64_t product = 0;
  static_cast<void>(__builtin_mul_overflow(a, b, &product));
  return product;
}

// a * b / c, cut towards zero, with an exact product. REQUIRES: c != 0.
inline std::int64_t multiply_divide(std::int64_t a, std::int64_t b, std::int64_t c) {
  __extension__ using Wide = __int128;
  const Wide quotient = static_cast<Wide>(a) * b / c;
  if (quotient > std::numeric_limits<std::int64_t>::max()) return std::numeric_limits<std::int64_t>::max();
  if (quotient < std::numeric_limits<std::int64_t>::min()) return std::numeric_limits<std::int64_t>::min();
  return static_cast<std::int64_t>(quotient);
}

// a / b, cut towards zero. REQUIRES: b != 0.
inline std::int64_t wrapping_divide(std::int64_t a, std::int64_t b) {
  return b == -1 ? wrapping_multiply(a, -1) : a / b;
}

}  // namespace scaler
