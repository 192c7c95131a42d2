#include "scaler/policy/hpa/hpa_quantity.h"

#include <array>

#include "common/base/number_format.h"

namespace scaler {
namespace {

// The fewest digits and a power of ten that has a suffix.
std::string decimal(std::int64_t milli) {
  constexpr std::array<const char*, 7> kSuffixes = {"m", "", "k", "M", "G", "T", "P"};
  if (milli == 0) return "0";
  std::size_t suffix = 0;
  for (; milli % 1000 == 0 && suffix + 1 < kSuffixes.size(); milli /= 1000) ++suffix;
  return base::format_number(milli) + kSuffixes[suffix];
}

std::string binary(std::int64_t whole) {
  constexpr std::array<const char*, 7> kSuffixes = {"", "Ki", "Mi", "Gi", "Ti", "Pi", "Ei"};
  std::size_t suffix = 0;
  for (; whole % 1024 == 0 && suffix + 1 < kSuffixes.size(); whole /= 1024) ++suffix;
  return base::format_number(whole) + kSuffixes[suffix];
}

}  // namespace

StatusQuantity status_quantity(std::string_view resource, std::int64_t milli) {
  if (resource != "memory") return {decimal(milli), "DecimalSI"};
  // Kubernetes writes small and broken numbers in decimal units, whatever their format is.
  const bool small = milli > -1024 * 1000 && milli < 1024 * 1000;
  return {small || milli % 1000 != 0 ? decimal(milli) : binary(milli / 1000), "BinarySI"};
}

}  // namespace scaler
