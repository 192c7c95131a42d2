// fake-apiserver inside of a test program: on a free port, in a thread of its own, gone with the object.
//
//   fakeapi::TestServer server({"--nodes", "3", "--stepped"});
//   ... clients use server.url() or server.kubeconfig() ...
//   POST /gamenight/clock {"advance": "30s"}
//
// Any number may live at the same time. Its methods may be called from any thread.
#pragma once

#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "common/base/time.h"
#include "fake-apiserver/daemon/daemon.h"

namespace fakeapi {

class TestServer {
 public:
  // The flags of the command line; --port 0 and --log-level off unless told otherwise. Throws std::runtime_error with
  // what is wrong.
  explicit TestServer(const std::vector<std::string>& flags = {});
  ~TestServer();
  TestServer(const TestServer&) = delete;
  TestServer& operator=(const TestServer&) = delete;

  std::string url() const { return url_; }
  std::string kubeconfig() const { return kubeconfig_; }

 private:
  std::unique_ptr<Daemon> daemon_;
  std::string url_;
  std::string kubeconfig_;
  std::thread loop_;
};

}  // namespace fakeapi
