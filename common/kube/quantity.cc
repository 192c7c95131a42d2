#include "common/kube/quantity.h"

#include <cstdlib>
#include <limits>

#include "common/base/number_format.h"

namespace kube {
namespace {

__extension__ using Wide = __int128;
constexpr Wide kNano = 1'000'000'000;
// Far enough from the end of the range that one multiplication by ten cannot overflow.
constexpr Wide kHuge = std::numeric_limits<Wide>::max() / 2048;

struct Suffix {
  std::string_view text;
  int power;  // of ten, or of 1024 if binary
  bool binary;
};
constexpr Suffix kSuffixes[] = {
    {"Ki", 1, true},  {"Mi", 2, true},  {"Gi", 3, true},  {"Ti", 4, true},  {"Pi", 5, true}, {"Ei", 6, true},
    {"n", -9, false}, {"u", -6, false}, {"m", -3, false}, {"", 0, false},   {"k", 3, false}, {"M", 6, false},
    {"G", 9, false},  {"T", 12, false}, {"P", 15, false}, {"E", 18, false},
};

Wide times(Wide value, Wide factor) { return value > kHuge / factor ? kHuge : value * factor; }

std::optional<int> exponent_of(std::string_view text) {
  if (text.size() < 2 || (text[0] != 'e' && text[0] != 'E')) return std::nullopt;
  if (text[1] == '+') text.remove_prefix(1);
  const auto exponent = base::parse_int64(text.substr(1));
  if (!exponent || *exponent < -30 || *exponent > 30) return std::nullopt;
  return static_cast<int>(*exponent);
}

std::optional<Suffix> suffix_of(std::string_view text) {
  for (const Suffix& suffix : kSuffixes) {
    if (suffix.text == text) return suffix;
  }
  if (const auto exponent = exponent_of(text)) return Suffix{"", *exponent, false};
  return std::nullopt;
}

// Rounds away from zero; `unit` billionths are one.
std::int64_t rounded(Wide nano, Wide unit) {
  Wide whole = nano / unit;
  if (nano % unit != 0) whole += nano > 0 ? 1 : -1;
  constexpr Wide kMax = std::numeric_limits<std::int64_t>::max();
  if (whole > kMax) return std::numeric_limits<std::int64_t>::max();
  if (whole < -kMax) return std::numeric_limits<std::int64_t>::min();
  return static_cast<std::int64_t>(whole);
}

}  // namespace

std::optional<Quantity> Quantity::parse(std::string_view text) {
  const bool negative = text.starts_with('-');
  if (negative || text.starts_with('+')) text.remove_prefix(1);
  const std::size_t digits = std::min(text.find_first_not_of("0123456789."), text.size());
  const std::string_view number = text.substr(0, digits);
  const auto suffix = suffix_of(text.substr(digits));
  if (!suffix || number.empty() || number == ".") return std::nullopt;

  // The digits as an integer with `scale` powers of ten to multiply; digits below a billionth round up.
  Wide value = 0;
  int scale = 9;
  bool after_point = false;
  bool lost = false;
  for (const char c : number) {
    if (c == '.') {
      if (after_point) return std::nullopt;
      after_point = true;
    } else if (after_point && scale <= -9) {
      lost = lost || c != '0';
    } else {
      value = times(value, 10) + (c - '0');
      if (after_point) --scale;
    }
  }
  if (suffix->binary) {
    for (int i = 0; i < suffix->power; ++i) value = times(value, 1024);
  } else {
    scale += suffix->power;
  }
  for (; scale > 0; --scale) value = times(value, 10);
  for (; scale < 0; ++scale) {
    lost = lost || value % 10 != 0;
    value /= 10;
  }
  if (lost) ++value;
  return Quantity(negative ? -value : value);
}

Quantity Quantity::from_milli(std::int64_t milli) { return Quantity(Wide{milli} * (kNano / 1000)); }

std::int64_t Quantity::milli() const { return rounded(nano_, kNano / 1000); }
std::int64_t Quantity::value() const { return rounded(nano_, kNano); }
double Quantity::as_double() const { return static_cast<double>(nano_) / static_cast<double>(kNano); }

double Quantity::approximate() const {
  Nano digits = nano_;
  int exponent = -9;
  // Canonical: no zeros at the end, then a power of ten that has a suffix.
  for (; digits != 0 && digits % 10 == 0; ++exponent) digits /= 10;
  for (; exponent % 3 != 0; --exponent) digits *= 10;
  double power = 1;
  for (int i = 0; i < std::abs(exponent); ++i) power *= 10;  // exact up to 10^22
  return static_cast<double>(digits) * (exponent < 0 ? 1 / power : power);
}

std::string format_milli(std::int64_t milli) {
  if (milli % 1000 == 0) return base::format_number(milli / 1000);
  return base::format_number(milli) + "m";
}

}  // namespace kube
