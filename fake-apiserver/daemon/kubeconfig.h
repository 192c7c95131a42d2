// The kubeconfig that leads clients to a server of ours. Pure functions.
#pragma once

#include <string>

namespace fakeapi {

struct KubeconfigOptions {
  std::string server;            // "http://127.0.0.1:8001"
  std::string ca = {};           // PEM; empty: the server's certificate is not checked
  std::string client_cert = {};  // PEM
  std::string client_key = {};   // PEM
  std::string token = {};
};

std::string kubeconfig(const KubeconfigOptions& options);

}  // namespace fakeapi
