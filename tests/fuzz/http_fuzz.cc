// Bytes of a connection: to requests, to the router, to answers.
#include <cstring>

#include "common/http/wire.h"
#include "tests/fuzz/fuzz_target.h"
#include "tests/fuzz/world.h"

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  http::ReadBuffer buffer;
  if (size > 0) std::memcpy(buffer.prepare(size), data, size);
  buffer.commit(size);
  const http::WireLimits limits{std::size_t{64} << 10, std::size_t{3} << 20};
  std::optional<fuzz::World> world;
  for (int i = 0; i < 8 && !buffer.empty(); ++i) {
    http::RequestParser parser(limits);
    std::optional<http::WireError> error = parser.parse(buffer);
    if (!error && parser.has_header() && !parser.done()) error = parser.parse(buffer);
    if (error) {
      CHECK(error->status >= 400 && error->status < 600, error->message);
      break;
    }
    if (!parser.done()) break;
    if (!world) world.emplace();
    fuzz::check_answer(world->call(parser.take()));
  }
  return 0;
}
