#include "fake-apiserver/daemon/kubeconfig.h"

#include <nlohmann/json.hpp>

#include "fake-apiserver/api/base64.h"

namespace fakeapi {
namespace {

constexpr const char* kName = "fake-apiserver";

}  // namespace

// JSON is YAML; nothing in it needs more.
std::string kubeconfig(const KubeconfigOptions& options) {
  nlohmann::ordered_json cluster = {{"server", options.server}};
  if (options.ca.empty()) {
    // Some clients refuse plain HTTP without it.
    cluster["insecure-skip-tls-verify"] = true;
  } else {
    cluster["certificate-authority-data"] = base64_encode(options.ca);
  }
  nlohmann::ordered_json user = nlohmann::ordered_json::object();
  if (!options.client_cert.empty()) user["client-certificate-data"] = base64_encode(options.client_cert);
  if (!options.client_key.empty()) user["client-key-data"] = base64_encode(options.client_key);
  if (!options.token.empty()) user["token"] = options.token;

  nlohmann::ordered_json config;
  config["apiVersion"] = "v1";
  config["kind"] = "Config";
  config["current-context"] = kName;
  config["clusters"] = nlohmann::ordered_json::array({{{"name", kName}, {"cluster", cluster}}});
  config["users"] = nlohmann::ordered_json::array({{{"name", kName}, {"user", user}}});
  nlohmann::ordered_json context = {{"cluster", kName}, {"user", kName}, {"namespace", "default"}};
  config["contexts"] = nlohmann::ordered_json::array({{{"name", kName}, {"context", context}}});
  return config.dump(2) + "\n";
}

}  // namespace fakeapi
