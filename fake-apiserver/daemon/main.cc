// fake-apiserver: a Kubernetes API server with a simulated cluster behind it.
#include <fmt/format.h>

#include <cstdio>
#include <exception>

#include "fake-apiserver/daemon/daemon.h"

namespace {

constexpr int kInvalidInput = 2;
constexpr int kInternalError = 70;

int serve(fakeapi::Flags flags) {
  const bool print_port = flags.print_port;
  auto started = fakeapi::Daemon::start(std::move(flags));
  if (!started) {
    fmt::print(stderr, "fake-apiserver: {}\n", started.error().message);
    return kInvalidInput;
  }
  fakeapi::Daemon& daemon = **started;
  // Before anybody hears of the port, and may send a signal.
  daemon.obey_signals();
  if (print_port) {
    fmt::print("{}\n", daemon.port());
    std::fflush(stdout);
  }
  daemon.run();
  return 0;
}

}  // namespace

int main(int argc, char** argv) {
  try {
    fakeapi::ParsedFlags parsed = fakeapi::parse_flags(argc, argv);
    if (!parsed.flags) {
      std::fputs(parsed.message.c_str(), parsed.exit_code == 0 ? stdout : stderr);
      return parsed.exit_code;
    }
    return serve(std::move(*parsed.flags));
  } catch (const std::exception& e) {
    fmt::print(stderr, "fake-apiserver: internal error: {}\n", e.what());
    return kInternalError;
  }
}
