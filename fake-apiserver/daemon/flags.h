// The command line of fake-apiserver.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "fake-apiserver/controllers/cluster_options.h"
#include "fake-apiserver/daemon/auto_advance.h"
#include "fake-apiserver/daemon/recorder.h"
#include "fake-apiserver/fake_apiserver.h"

namespace fakeapi {

struct Flags {
  std::string address = "127.0.0.1";
  std::uint16_t port = 8001;
  bool print_port = false;
  bool controllers = true;
  bool hpa = true;
  std::uint64_t seed = 1;
  bool seed_given = false;
  std::string log_level = "info";
  std::string kubeconfig_out;
  // Of the clock.
  double speed = 1;                      // 0: stands still until it is told otherwise
  std::optional<base::Time> start_time;  // none: that of the machine, or of the snapshot
  AutoAdvanceOptions auto_advance;
  // What there is at the start, and what is left at the end.
  std::vector<std::string> load;  // files and folders
  std::string restore;
  std::string snapshot;
  std::string faults;
  RecorderOptions recorder;
  // Of the connections.
  bool tls = false;
  std::string tls_cert, tls_key, client_ca;  // files; without them --tls makes its own
  std::string token_file;
  std::size_t max_connections = 20'000;
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
