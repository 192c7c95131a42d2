// Groups that other servers answer: APIServices that name a service are proxied to the address that is configured for
// it, as there is no network of a cluster.
//
// Single-threaded; owned by FakeApiServer. Its coroutines must end before it does.
#pragma once

#include <boost/asio/awaitable.hpp>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "common/base/clock.h"
#include "common/http/handler.h"
#include "common/http/tcp_transport.h"
#include "fake-apiserver/api/discovery.h"
#include "fake-apiserver/security/user.h"

namespace fakeapi {

inline const Resource kServiceResource{"apiregistration.k8s.io", "apiservices"};

struct AggregationOptions {
  using Connect = std::function<base::Result<std::unique_ptr<http::Transport>>(const std::string& origin)>;

  // By the name of the APIService ("v1beta1.external.metrics.k8s.io") or by its service ("keda/keda-metrics"): where it
  // is reached, "http://127.0.0.1:6443".
  std::map<std::string, std::string> backends = {};
  // An answer about a server's health is good for this long; the next request then asks again.
  base::Duration check_interval = std::chrono::seconds(5);
  Connect connect = nullptr;  // null: over TCP, as `transport` says
  // Without `tls`, https is judged as the APIService says (caBundle, insecureSkipTLSVerify), by its service's DNS name.
  http::TcpTransportOptions transport = {};
  // Shown to servers that speak https; they believe who asks only from it.
  std::optional<http::TlsIdentity> identity = {};
};

class Aggregator {
 public:
  // `natively` tells whether a group and version is served without an APIService.
  using Natively = std::function<bool(const std::string& group, const std::string& version)>;

  Aggregator(ObjectStore& store, base::Clock& wire_clock, AggregationOptions options, Natively natively);
  ~Aggregator();
  Aggregator(const Aggregator&) = delete;
  Aggregator& operator=(const Aggregator&) = delete;

  // Whether the request is for a group and version that somebody else serves.
  bool serves(const http::Request& request) const;
  // Whether its answer tells how the other servers are: discovery, and APIServices.
  bool tells(const http::Request& request) const;

  // Asks the servers that have not been asked lately for their discovery, and notes in the APIServices who answers.
  boost::asio::awaitable<void> check();

  // The other server's answer, streams too; 503 if it gives none. REQUIRES: serves(request).
  boost::asio::awaitable<http::Reply> forward(http::Request request, User user);

  // For discovery.
  std::vector<RemoteVersion> remote_versions() const;

 private:
  struct Remote {
    std::string service;  // "namespace/name"
    std::string group;
    std::string version;
    std::shared_ptr<http::Transport> transport;  // null: no address is configured, or it is none
    std::string problem;                         // why there is none
    bool checked = false;
    bool checking = false;
    bool silent = false;  // gave no answer in time
    base::Time checked_at{};
    bool available = false;
    Json resources = Json::array();
  };

  class Checking;

  void on_event(const StoreEvent& event);
  void add(const Json& object);
  void connect(const std::string& name, const Json& spec, Remote& remote);
  const Remote* remote_of(const http::Request& request) const;
  boost::asio::awaitable<void> check_all(std::vector<std::string> names);
  boost::asio::awaitable<void> check_one(std::string name);
  void report(const std::string& name, bool available, const std::string& reason, const std::string& message);

  ObjectStore& store_;
  base::Clock& wire_clock_;
  const AggregationOptions options_;
  const Natively natively_;
  ObjectStore::SubscriptionId subscription_;
  std::map<std::string, Remote> remotes_;  // by the name of the APIService
};

}  // namespace fakeapi
