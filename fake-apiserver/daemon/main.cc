// fake-apiserver: a Kubernetes API server with a simulated cluster behind it.
#include <fmt/format.h>

#include <cstdio>
#include <exception>

#include "fake-apiserver/daemon/daemon.h"

namespace {

constexpr int kInvalidInput = 2;
constexpr int kInternalError = 70;

int complain(const base::Error& error) {
  fmt::print(stderr, "fake-apiserver: {}\n", error.message);
  return error.code == base::ErrorCode::kInternal ? kInternalError : kInvalidInput;
}

int serve(fakeapi::Flags flags) {
  const bool print_port = flags.print_port;
  auto started = fakeapi::Daemon::start(std::move(flags));
  if (!started) return complain(started.error());
  fakeapi::Daemon& daemon = **started;
  // Before anybody hears of the port, and may send a signal.
  daemon.obey_signals();
  if (print_port) {
    fmt::print("{}\n", daemon.port());
    std::fflush(stdout);
  }
  const auto ended = daemon.run();
  return ended ? 0 : complain(ended.error());
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
