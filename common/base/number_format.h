// Numbers to text and back without locale, the same bytes everywhere.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace base {

// The shortest text that reads back as the same double; "0" for -0, "inf"/"nan" never appear in our outputs.
std::string format_number(double x);
// Exactly `decimals` digits after the point; an exact tie goes to the even digit (0.125 is "0.12"). Never "-0.00".
// REQUIRES: decimals < 80.
std::string format_fixed(double x, int decimals);
std::string format_number(std::int64_t x);
std::string format_number(std::uint64_t x);
// "61,023,551"
std::string format_grouped(std::uint64_t x);

// The whole text must be a number: no blanks, no sign "+", no hexadecimal.
std::optional<double> parse_double(std::string_view text);
std::optional<std::int64_t> parse_int64(std::string_view text);

}  // namespace base
