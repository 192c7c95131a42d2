#include "fake-apiserver/kinds/quantity.h"

#include "common/base/number_format.h"

namespace fakeapi {
namespace {

using Wide = Quantity::Wide;

constexpr Wide kGiga = 1'000'000'000;
constexpr Wide kMost = kGiga * kGiga * kGiga * kGiga;  // nano units

struct Suffix {
  const char* text;
  int exponent;  // of 10, or of 2
};
constexpr Suffix kDecimals[] = {{"n", -9}, {"u", -6}, {"m", -3}, {"", 0},   {"k", 3},
                                {"M", 6},  {"G", 9},  {"T", 12}, {"P", 15}, {"E", 18}};
constexpr Suffix kBinaries[] = {{"Ki", 10}, {"Mi", 20}, {"Gi", 30}, {"Ti", 40}, {"Pi", 50}, {"Ei", 60}};

struct Scale {
  QuantityForm form;
  int exponent;
};

std::optional<Scale> scale_of(std::string_view suffix) {
  for (const Suffix& s : kDecimals) {
    if (suffix == s.text) return Scale{QuantityForm::kDecimal, s.exponent};
  }
  for (const Suffix& s : kBinaries) {
    if (suffix == s.text) return Scale{QuantityForm::kBinary, s.exponent};
  }
  if (suffix.size() < 2 || (suffix[0] != 'e' && suffix[0] != 'E')) return std::nullopt;
  suffix.remove_prefix(1);
  if (suffix.front() == '+') suffix.remove_prefix(1);
  const auto exponent = base::parse_int64(suffix);
  if (!exponent || *exponent < -100 || *exponent > 100) return std::nullopt;
  return Scale{QuantityForm::kExponent, static_cast<int>(*exponent)};
}

// value * 10^exponent, what is lost at the end rounded away from zero.
Wide times_ten(Wide value, int exponent) {
  for (; exponent > 0 && value < kMost; --exponent) value *= 10;
  bool lost = false;
  for (; exponent < 0 && value > 0; ++exponent) {
    lost = lost || value % 10 != 0;
    value /= 10;
  }
  return value + (lost ? 1 : 0);
}

std::string digits_of(Wide value) {
  std::string text;
  const bool negative = value < 0;
  if (negative) value = -value;
  do {
    text.insert(text.begin(), static_cast<char>('0' + static_cast<int>(value % 10)));
    value /= 10;
  } while (value > 0);
  return negative ? "-" + text : text;
}

}  // namespace

std::optional<Quantity> parse_quantity(std::string_view text) {
  const bool negative = text.starts_with('-');
  if (negative || text.starts_with('+')) text.remove_prefix(1);
  Wide value = 0;
  int decimals = 0;
  bool any = false;
  bool point = false;
  for (; !text.empty() && ((text.front() >= '0' && text.front() <= '9') || text.front() == '.');
       text.remove_prefix(1)) {
    if (text.front() == '.') {
      if (point) return std::nullopt;
      point = true;
      continue;
    }
    any = true;
    if (value >= kMost) continue;
    value = value * 10 + (text.front() - '0');
    if (point) ++decimals;
  }
  const auto scale = scale_of(text);
  if (!any || !scale) return std::nullopt;
  Quantity quantity;
  quantity.form = scale->form;
  if (scale->form == QuantityForm::kBinary) {
    for (int bits = scale->exponent; bits > 0 && value < kMost; --bits) value *= 2;
    quantity.nano = times_ten(value, 9 - decimals);
  } else {
    quantity.nano = times_ten(value, 9 - decimals + scale->exponent);
  }
  if (quantity.nano > kMost) quantity.nano = kMost;
  if (negative) quantity.nano = -quantity.nano;
  return quantity;
}

std::string canonical_quantity(const Quantity& quantity) {
  if (quantity.nano == 0) return "0";
  const bool whole = quantity.nano % kGiga == 0;
  const Wide units = quantity.nano / kGiga;
  // Small and broken binary numbers are written in decimal.
  if (quantity.form == QuantityForm::kBinary && whole && (units >= 1024 || units <= -1024)) {
    Wide value = units;
    std::size_t suffix = 0;
    for (; value % 1024 == 0 && suffix < std::size(kBinaries); ++suffix) value /= 1024;
    return digits_of(value) + (suffix == 0 ? "" : kBinaries[suffix - 1].text);
  }
  Wide value = quantity.nano;
  std::size_t suffix = 0;
  for (; value % 1000 == 0 && suffix + 1 < std::size(kDecimals); ++suffix) value /= 1000;
  const Suffix& scale = kDecimals[suffix];
  if (quantity.form != QuantityForm::kExponent) return digits_of(value) + scale.text;
  return digits_of(value) + (scale.exponent == 0 ? "" : "e" + std::to_string(scale.exponent));
}

}  // namespace fakeapi
