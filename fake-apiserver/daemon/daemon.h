// fake-apiserver as one object: what the command line describes, over sockets, with the loop that drives it.
//
// start() and run() belong to one thread; stop() and reload() may be called from any.
#pragma once

#include <boost/asio/awaitable.hpp>
#include <cstdint>
#include <memory>
#include <string>

#include "common/base/result.h"
#include "fake-apiserver/daemon/flags.h"

namespace fakeapi {

class Daemon {
 public:
  // Restores, applies manifests, listens. kInvalid and so on for what keeps it from that, in one line.
  static base::Result<std::unique_ptr<Daemon>> start(Flags flags);
  ~Daemon();
  Daemon(const Daemon&) = delete;
  Daemon& operator=(const Daemon&) = delete;

  std::uint16_t port() const;
  std::string url() const;         // "http://127.0.0.1:8001"
  std::string kubeconfig() const;  // the text

  // Serves until stop(); then lets requests finish, and saves the snapshot if one is wanted. The error is that it could
  // not be saved.
  base::Result<> run();
  void stop();
  // Reads the files of faults and certificates again; what is wrong with them is logged, and nothing changes.
  void reload();
  // SIGINT and SIGTERM stop, SIGHUP reloads.
  void obey_signals();

 private:
  struct Parts;
  explicit Daemon(std::unique_ptr<Parts> parts);
  boost::asio::awaitable<void> await_signals();
  std::unique_ptr<Parts> parts_;
};

}  // namespace fakeapi
