// The command line of fake-apiserver.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "fake-apiserver/controllers/cluster_options.h"
#include "fake-apiserver/fake_apiserver.h"

namespace fakeapi {

struct Flags {
  std::string address = "127.0.0.1";
  std::uint16_t port = 8001;
  bool print_port = false;
  bool controllers = true;
  std::uint64_t seed = 1;
  std::string log_level = "info";
  ClusterOptions cluster;
  FakeApiServerOptions server;
};

struct ParsedFlags {
  std::optional<Flags> flags;  // nullopt: end with `exit_code`
  int exit_code = 0;
  std::string message;  // help on standard output, or what is wrong on standard error
};

ParsedFlags parse_flags(int argc, const char* const* argv);

}  // namespace fakeapi
