#include "sim/traffic/gunzip.h"

#include <zlib.h>

#include <algorithm>
#include <array>
#include <limits>

#include "common/base/check.h"

namespace sim {
namespace {

constexpr int kGzipOnly = 15 + 16;  // the largest window, gzip framing

// Ends the stream on every way out.
struct Stream : z_stream {
  Stream() : z_stream{} { CHECK(inflateInit2(this, kGzipOnly) == Z_OK, "zlib has the memory it needs"); }
  ~Stream() { inflateEnd(this); }
  Stream(const Stream&) = delete;
  Stream& operator=(const Stream&) = delete;
};

// Inflates the member at the front of `packed`, appends to `out.text` and removes it from `packed`.
void inflate_member(std::string_view& packed, Gunzipped& out) {
  Stream stream;
  std::string input(packed);  // zlib wants it writable
  std::array<unsigned char, 65536> buffer;
  stream.next_in = reinterpret_cast<Bytef*>(input.data());
  stream.avail_in = static_cast<uInt>(std::min<std::size_t>(input.size(), std::numeric_limits<uInt>::max()));
  for (;;) {
    stream.next_out = buffer.data();
    stream.avail_out = buffer.size();
    const int result = inflate(&stream, Z_NO_FLUSH);
    out.text.append(reinterpret_cast<const char*>(buffer.data()), buffer.size() - stream.avail_out);
    if (result == Z_STREAM_END) break;
    if (result == Z_OK && (stream.avail_in > 0 || stream.avail_out == 0)) continue;
    out.fault = result == Z_OK || result == Z_BUF_ERROR ? "torn gzip: the file ends in the middle of the data"
                : stream.msg                            ? std::string("damaged gzip: ") + stream.msg
                                                        : std::string("damaged gzip");
    return;
  }
  packed.remove_prefix(packed.size() - stream.avail_in);
}

}  // namespace

bool looks_gzipped(std::string_view bytes) { return bytes.starts_with("\x1f\x8b"); }

Gunzipped gunzip(std::string_view packed) {
  Gunzipped out;
  do {
    inflate_member(packed, out);
  } while (out.fault.empty() && !packed.empty());
  return out;
}

}  // namespace sim
