// Bytes small enough to travel inside a page, and back out of it with what every browser has.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace report {

// Raw deflate (RFC 1951) at a fixed level: the same bytes for the same input.
std::string deflate_raw(std::string_view bytes);

// RFC 4648, with padding.
std::string base64(std::string_view bytes);

// Little-endian 32-bit floats, all first bytes, then all second bytes, and so on, which deflates far better than whole
// floats. Whole numbers below 2^24 are exact; others are rounded to 14 significant bits (1 in 16,000).
std::string float_planes(const std::vector<double>& values);

}  // namespace report
