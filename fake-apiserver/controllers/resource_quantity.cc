#include "fake-apiserver/controllers/resource_quantity.h"

#include <limits>
#include <string>
#include <string_view>

#include "common/base/number_format.h"

namespace fakeapi {
namespace {

constexpr std::int64_t kMost = std::numeric_limits<std::int64_t>::max();

std::int64_t capped_product(std::int64_t a, std::int64_t b) {
  std::int64_t product = 0;
  return __builtin_mul_overflow(a, b, &product) ? kMost : product;
}

struct Suffix {
  int decimal = 0;  // power of ten
  int binary = 0;   // power of two
};

std::optional<Suffix> parse_suffix(std::string_view text) {
  constexpr std::string_view kDecimal = "num kMGTPE";  // 10^-9, 10^-6, ... 10^18; the blank stands for 10^0
  constexpr std::string_view kBinary = "KMGTPE";
  if (text.empty()) return Suffix{};
  if (text.size() == 2 && text[1] == 'i') {
    const auto at = kBinary.find(text[0]);
    if (at == std::string_view::npos) return std::nullopt;
    return Suffix{.decimal = 0, .binary = 10 * (static_cast<int>(at) + 1)};
  }
  if (text.size() == 1 && text[0] != ' ') {
    const auto at = kDecimal.find(text[0]);
    if (at != std::string_view::npos) return Suffix{.decimal = 3 * (static_cast<int>(at) - 3), .binary = 0};
  }
  if (text[0] != 'e' && text[0] != 'E') return std::nullopt;
  std::string_view exponent = text.substr(1);
  if (!exponent.empty() && exponent[0] == '+') exponent.remove_prefix(1);
  const auto power = base::parse_int64(exponent);
  if (!power || *power < -30 || *power > 30) return std::nullopt;
  return Suffix{.decimal = static_cast<int>(*power), .binary = 0};
}

std::optional<std::int64_t> parse(std::string_view text, int decimals) {
  constexpr std::int64_t kMostBeforeDigit = (kMost - 9) / 10;
  std::int64_t mantissa = 0;
  int power = decimals;
  bool digits = false;
  bool fraction = false;
  std::size_t at = 0;
  for (; at < text.size(); ++at) {
    if (text[at] == '.' && !fraction) {
      fraction = true;
      continue;
    }
    if (text[at] < '0' || text[at] > '9') break;
    if (mantissa > kMostBeforeDigit) return std::nullopt;
    mantissa = mantissa * 10 + (text[at] - '0');
    digits = true;
    if (fraction) --power;
  }
  const auto suffix = parse_suffix(text.substr(at));
  if (!digits || !suffix) return std::nullopt;

  std::int64_t value = capped_product(mantissa, std::int64_t{1} << suffix->binary);
  power += suffix->decimal;
  for (; power > 0 && value != 0; --power) value = capped_product(value, 10);
  std::int64_t divisor = 1;
  for (; power < 0; ++power) divisor = capped_product(divisor, 10);
  return value / divisor + (value % divisor != 0 ? 1 : 0);
}

}  // namespace

std::optional<std::int64_t> whole_quantity(const Json& quantity, int decimals) {
  if (quantity.is_string()) return parse(quantity.get_ref<const std::string&>(), decimals);
  if (quantity.is_number_integer()) return parse(base::format_number(quantity.get<std::int64_t>()), decimals);
  if (quantity.is_number_float()) return parse(base::format_number(quantity.get<double>()), decimals);
  return std::nullopt;
}

}  // namespace fakeapi
