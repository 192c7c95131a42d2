#include "fake-apiserver/schema/quantity.h"

#include <algorithm>
#include <cstdint>

#include "common/base/number_format.h"

namespace fakeapi {
namespace {

__extension__ using Wide = unsigned __int128;

constexpr Wide kNano = 1'000'000'000;
constexpr Wide kMost = Wide{INT64_MAX} * kNano;
constexpr Wide kManyDigits = Wide{10'000'000'000'000'000'000u} * kNano;

enum class Notation { kDecimal, kBinary, kExponent };

struct Suffix {
  Notation notation = Notation::kDecimal;
  int decimal = 0;  // power of ten
  int binary = 0;   // power of two
};

constexpr std::string_view kDecimalSuffixes = "num kMGTPE";  // 10^-9, 10^-6, ... 10^18; the blank stands for 10^0
constexpr std::string_view kBinarySuffixes = "KMGTPE";

std::optional<Suffix> parse_suffix(std::string_view text) {
  if (text.empty()) return Suffix{};
  if (text.size() == 2 && text[1] == 'i') {
    const std::size_t at = kBinarySuffixes.find(text[0]);
    if (at == std::string_view::npos) return std::nullopt;
    return Suffix{Notation::kBinary, 0, 10 * (static_cast<int>(at) + 1)};
  }
  if (text.size() == 1) {
    const std::size_t at = kDecimalSuffixes.find(text[0]);
    if (at == std::string_view::npos || text[0] == ' ') return std::nullopt;
    return Suffix{Notation::kDecimal, 3 * (static_cast<int>(at) - 3), 0};
  }
  if (text[0] != 'e' && text[0] != 'E') return std::nullopt;
  text.remove_prefix(1);
  if (text[0] == '+') text.remove_prefix(1);
  const auto power = base::parse_int64(text);
  if (!power || *power < -100 || *power > 100) return std::nullopt;
  return Suffix{Notation::kExponent, static_cast<int>(*power), 0};
}

// Saturates at kMost.
Wide product(Wide a, Wide b) {
  Wide result = 0;
  return __builtin_mul_overflow(a, b, &result) ? kMost : result;
}

struct Number {
  Wide mantissa = 0;
  int decimals = 0;   // mantissa / 10^decimals
  bool more = false;  // digits below these were cut off
  bool overflow = false;
};

// Takes the digits off the front of `text`.
std::optional<Number> parse_number(std::string_view& text) {
  Number number;
  bool digits = false;
  bool fraction = false;
  std::size_t at = 0;
  for (; at < text.size(); ++at) {
    const char c = text[at];
    if (c == '.') {
      if (fraction) return std::nullopt;
      fraction = true;
      continue;
    }
    if (c < '0' || c > '9') break;
    digits = true;
    if (number.mantissa >= kManyDigits) {
      (fraction ? number.more : number.overflow) |= !fraction || c != '0';
      continue;
    }
    number.mantissa = number.mantissa * 10 + static_cast<unsigned>(c - '0');
    if (fraction) ++number.decimals;
  }
  text.remove_prefix(at);
  if (!digits) return std::nullopt;
  return number;
}

Wide in_nanos(const Number& number, const Suffix& suffix) {
  if (number.overflow) return kMost;
  Wide value = product(number.mantissa, Wide{1} << suffix.binary);
  int power = suffix.decimal - number.decimals + 9;
  for (; power > 0 && value != 0; --power) value = std::min(product(value, 10), kMost);
  bool rest = number.more;
  for (; power < 0 && value != 0; ++power) {
    rest = rest || value % 10 != 0;
    value /= 10;
  }
  return std::min(value + (rest ? 1 : 0), kMost);
}

std::string digits_of(Wide value) {
  std::string digits;
  for (; value != 0; value /= 10) digits += static_cast<char>('0' + static_cast<int>(value % 10));
  std::reverse(digits.begin(), digits.end());
  return digits;
}

std::string binary_text(Wide nanos) {
  Wide number = (nanos + kNano - 1) / kNano;
  std::size_t thousands = 0;
  while (number % 1024 == 0 && thousands < kBinarySuffixes.size()) {
    number /= 1024;
    ++thousands;
  }
  std::string text = digits_of(number);
  if (thousands > 0) text.append(1, kBinarySuffixes[thousands - 1]).append("i");
  return text;
}

std::string decimal_text(Wide nanos, Notation notation) {
  std::size_t at = 0;  // in kDecimalSuffixes
  while (nanos % 1000 == 0 && at + 1 < kDecimalSuffixes.size()) {
    nanos /= 1000;
    ++at;
  }
  std::string text = digits_of(nanos);
  const int exponent = 3 * (static_cast<int>(at) - 3);
  if (exponent == 0) return text;
  if (notation == Notation::kExponent) return text + "e" + base::format_number(std::int64_t{exponent});
  return text + kDecimalSuffixes[at];
}

}  // namespace

std::optional<std::string> canonical_quantity(std::string_view text) {
  const bool negative = text.starts_with('-');
  if (negative || text.starts_with('+')) text.remove_prefix(1);
  const auto number = parse_number(text);
  const auto suffix = number ? parse_suffix(text) : std::nullopt;
  if (!suffix) return std::nullopt;
  const Wide nanos = in_nanos(*number, *suffix);
  if (nanos == 0) return "0";
  const bool binary = suffix->notation == Notation::kBinary && nanos >= 1024 * kNano;
  return (negative ? "-" : "") + (binary ? binary_text(nanos) : decimal_text(nanos, suffix->notation));
}

}  // namespace fakeapi
