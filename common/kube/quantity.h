// Kubernetes quantities: "500m", "2", "64Gi", "1.5", "8912345n", "1e3".
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace kube {

// An exact number of billionths, saturating at the range of 128 bits.
class Quantity {
 public:
  static std::optional<Quantity> parse(std::string_view text);
  static Quantity from_milli(std::int64_t milli);

  // Rounded up (away from zero) to the next thousandth or whole, saturating at 64 bits, as upstream's MilliValue and
  // Value do.
  std::int64_t milli() const;
  std::int64_t value() const;
  double as_double() const;
  // Its canonical digits times their power of ten, in doubles, as upstream's AsApproximateFloat64 of a stored object:
  // "0.009" is 0.009000000000000001, where as_double() is the nearest to 0.009.
  double approximate() const;

 private:
  __extension__ using Nano = __int128;
  explicit Quantity(Nano nano) : nano_(nano) {}
  Nano nano_;
};

// 1500 thousandths as "1500m", 2000 as "2": canonical decimal form.
std::string format_milli(std::int64_t milli);

}  // namespace kube
