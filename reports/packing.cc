#include "reports/packing.h"

#include <zlib.h>

#include <bit>
#include <cmath>
#include <cstdint>

#include "common/base/check.h"

namespace report {
namespace {

constexpr int kLevel = 9;
constexpr int kWindowBits = -15;  // negative: no zlib header, as DecompressionStream("deflate-raw") wants it
constexpr int kMemoryLevel = 9;

std::uint32_t float_bits(double value) {
  const auto bits = std::bit_cast<std::uint32_t>(static_cast<float>(value));
  if (!std::isfinite(value) || (std::trunc(value) == value && std::fabs(value) < 16'777'216)) return bits;
  constexpr std::uint32_t kDropped = 10;
  constexpr std::uint32_t kHalf = 1U << (kDropped - 1);
  return (bits + kHalf) & ~((1U << kDropped) - 1);
}

}  // namespace

std::string deflate_raw(std::string_view bytes) {
  z_stream stream{};
  CHECK(deflateInit2(&stream, kLevel, Z_DEFLATED, kWindowBits, kMemoryLevel, Z_DEFAULT_STRATEGY) == Z_OK,
        "zlib of another version");
  std::string input(bytes);  // zlib's interface is not const
  std::string output(deflateBound(&stream, static_cast<uLong>(input.size())), '\0');
  stream.next_in = reinterpret_cast<Bytef*>(input.data());
  stream.avail_in = static_cast<uInt>(input.size());
  stream.next_out = reinterpret_cast<Bytef*>(output.data());
  stream.avail_out = static_cast<uInt>(output.size());
  const int result = deflate(&stream, Z_FINISH);
  output.resize(output.size() - stream.avail_out);
  deflateEnd(&stream);
  CHECK(result == Z_STREAM_END, "deflateBound was too small");
  return output;
}

std::string base64(std::string_view bytes) {
  static constexpr std::string_view kDigits = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  std::string text;
  text.reserve((bytes.size() + 2) / 3 * 4);
  for (std::size_t i = 0; i < bytes.size(); i += 3) {
    std::uint32_t group = 0;
    for (std::size_t k = 0; k < 3; ++k) {
      group = group << 8 | (i + k < bytes.size() ? static_cast<unsigned char>(bytes[i + k]) : 0U);
    }
    for (std::size_t k = 0; k < 4; ++k) {
      text += i + k > bytes.size() ? '=' : kDigits[group >> (18 - 6 * k) & 63];
    }
  }
  return text;
}

std::string float_planes(const std::vector<double>& values) {
  std::string planes(values.size() * 4, '\0');
  for (std::size_t i = 0; i < values.size(); ++i) {
    const std::uint32_t bits = float_bits(values[i]);
    for (std::size_t plane = 0; plane < 4; ++plane) {
      planes[plane * values.size() + i] = static_cast<char>(bits >> (8 * plane) & 0xff);
    }
  }
  return planes;
}

}  // namespace report
