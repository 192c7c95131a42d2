// The command line of the scaler daemon, parsed.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "common/base/log.h"
#include "common/base/time.h"

namespace scaler {

// Exit codes, the same for every program of this project.
inline constexpr int kExitOk = 0;
inline constexpr int kExitInvalid = 2;
inline constexpr int kExitUnreachable = 5;
inline constexpr int kExitInternal = 70;

struct DaemonFlags {
  std::string server = "http://127.0.0.1:8001";  // where `kubectl proxy` listens
  std::string ns;                                // empty: all
  std::string address = "127.0.0.1";
  std::uint16_t port = 8443;
  bool print_port = false;
  std::vector<std::string> policies;
  bool run_hpa_controller = false;
  bool dry_run = false;
  bool force_ownership = false;
  int max_replicas = 10'000;
  base::Duration period = std::chrono::seconds(15);
  std::optional<base::Duration> wait_for_api;
  std::string decision_service;  // empty: none
  base::LogOptions log;
};

// To be printed, then exit with `code`: help and version (0, stdout), or what is wrong (2, stderr).
struct FlagsMessage {
  std::string text;
  int code = kExitOk;
};

std::variant<DaemonFlags, FlagsMessage> parse_flags(int argc, const char* const* argv);

}  // namespace scaler
