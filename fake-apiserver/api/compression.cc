#include "fake-apiserver/api/compression.h"

#include <zlib.h>

#include "common/base/check.h"
#include "fake-apiserver/api/body.h"

namespace fakeapi {
namespace {

constexpr std::size_t kWorthwhile = 128u << 10;
constexpr int kGzipFormat = 16 + MAX_WBITS;

// "gzip", "gzip;q=1.0": wanted unless its weight is zero.
bool is_wanted(std::string_view entry) {
  if (media_type(entry) != "gzip") return false;
  const std::size_t weight = entry.find("q=");
  return weight == std::string_view::npos || entry.find_first_of("123456789", weight) != std::string_view::npos;
}

}  // namespace

bool accepts_gzip(std::string_view accept_encoding) {
  while (!accept_encoding.empty()) {
    const std::size_t end = std::min(accept_encoding.find(','), accept_encoding.size());
    if (is_wanted(accept_encoding.substr(0, end))) return true;
    accept_encoding.remove_prefix(std::min(end + 1, accept_encoding.size()));
  }
  return false;
}

std::string gzip(std::string_view text) {
  z_stream stream = {};
  CHECK(deflateInit2(&stream, Z_BEST_SPEED, Z_DEFLATED, kGzipFormat, 8, Z_DEFAULT_STRATEGY) == Z_OK,
        "zlib starts with these parameters");
  std::string packed(deflateBound(&stream, text.size()), '\0');
  stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(text.data()));  // NOLINT: zlib does not write there
  stream.avail_in = static_cast<uInt>(text.size());
  stream.next_out = reinterpret_cast<Bytef*>(packed.data());
  stream.avail_out = static_cast<uInt>(packed.size());
  const int result = deflate(&stream, Z_FINISH);
  packed.resize(stream.total_out);
  deflateEnd(&stream);
  CHECK(result == Z_STREAM_END, "deflateBound is enough for the whole text");
  return packed;
}

void compress(http::Response& response) {
  constexpr std::size_t kMost = 1u << 31;  // what zlib counts in one call
  if (response.body.size() <= kWorthwhile || response.body.size() >= kMost) return;
  if (response.headers.get("Content-Encoding")) return;
  response.body = gzip(response.body);
  response.headers.set("Content-Encoding", "gzip");
  if (!response.headers.get("Vary")) response.headers.set("Vary", "Accept-Encoding");
}

}  // namespace fakeapi
