#include "common/base/number_format.h"

#include <array>
#include <charconv>
#include <cmath>

namespace base {
namespace {

template <class... Args>
std::string chars(Args... args) {
  std::array<char, 400> buffer;  // enough for the longest fixed double
  const auto [end, error] = std::to_chars(buffer.data(), buffer.data() + buffer.size(), args...);
  return error == std::errc() ? std::string(buffer.data(), end) : std::string();
}

template <class T>
std::optional<T> whole(std::string_view text) {
  T value{};
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return value;
}

}  // namespace

std::string format_number(double x) { return x == 0.0 ? "0" : chars(x); }
std::string format_number(std::int64_t x) { return chars(x); }
std::string format_number(std::uint64_t x) { return chars(x); }

std::string format_fixed(double x, int decimals) {
  std::string text = chars(x, std::chars_format::fixed, decimals);
  if (text.front() == '-' && text.find_first_not_of("-0.") == std::string::npos) text.erase(0, 1);
  return text;
}

std::string format_grouped(std::uint64_t x) {
  std::string text = chars(x);
  for (std::ptrdiff_t i = std::ssize(text) - 3; i > 0; i -= 3) text.insert(static_cast<std::size_t>(i), 1, ',');
  return text;
}

std::optional<double> parse_double(std::string_view text) {
  const auto value = whole<double>(text);
  if (!value || !std::isfinite(*value)) return std::nullopt;
  return value;
}

std::optional<std::int64_t> parse_int64(std::string_view text) { return whole<std::int64_t>(text); }

}  // namespace base
