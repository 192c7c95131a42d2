// scaler: the daemon.
#include <cstdio>
#include <exception>

#include "scaler/app/daemon.h"

int main(int argc, char** argv) {
  try {
    const auto flags = scaler::parse_flags(argc, argv);
    if (const auto* message = std::get_if<scaler::FlagsMessage>(&flags)) {
      std::fputs(message->text.c_str(), message->code == scaler::kExitOk ? stdout : stderr);
      return message->code;
    }
    return scaler::run_daemon(std::get<scaler::DaemonFlags>(flags));
  } catch (const std::exception& e) {
    std::fprintf(stderr, "scaler: internal error: %s\n", e.what());
    return scaler::kExitInternal;
  }
}
