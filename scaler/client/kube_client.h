// The calls that the scaler makes, over any Transport: URLs, deadlines, Retry-After, refusals as Errors, counters.
//
// Every call ends within its time limit. Single-threaded; owned by ScalerApp, outlives all calls.
#pragma once

#include <boost/asio/awaitable.hpp>
#include <chrono>
#include <memory>
#include <string>
#include <vector>

#include "common/base/clock.h"
#include "common/base/metrics.h"
#include "common/base/result.h"
#include "common/http/transport.h"
#include "scaler/client/api_types.h"

namespace scaler {

struct KubeClientOptions {
  base::Duration call_timeout = std::chrono::seconds(10);  // of a call with all that Retry-After adds to it
  int retry_after_attempts = 10;                           // as client-go
  std::string user_agent = "gamenight-scaler";
};

// A watch that was opened, or the refusal. `answered` tells a refusal by the server from one by the network.
struct WatchOpened {
  bool answered = false;
  base::Error error;
  std::unique_ptr<http::LineStream> stream;  // null: `error` says why
};

class KubeClient {
 public:
  KubeClient(http::Transport& transport, base::Clock& clock, base::Metrics& metrics, KubeClientOptions options)
      : transport_(transport), clock_(clock), metrics_(metrics), options_(std::move(options)) {}

  // Generic calls; `target` is path and query, of a write the path alone. The result is the body. Writes name us as
  // the field manager gamenight-scaler.
  boost::asio::awaitable<base::Result<std::string>> get(std::string target);
  boost::asio::awaitable<base::Result<std::string>> put(std::string target, std::string json);
  boost::asio::awaitable<base::Result<std::string>> merge_patch(std::string target, std::string json);
  boost::asio::awaitable<WatchOpened> watch(std::string target);
  // A GET with a limit of its own and without retries.
  boost::asio::awaitable<base::Result<std::string>> probe(std::string target, base::Duration limit);

  // The scale of a Deployment.
  boost::asio::awaitable<base::Result<Scale>> get_scale(ObjectKey deployment);
  // Compare-and-swap by the resourceVersion in `read`: kConflict if the object has changed since.
  boost::asio::awaitable<base::Result<Scale>> put_scale(Scale read, int replicas);
  // Whoever writes last wins.
  boost::asio::awaitable<base::Result<Scale>> patch_scale(ObjectKey deployment, int replicas);

  boost::asio::awaitable<base::Result<PolicyObject>> get_hpa(ObjectKey hpa);
  boost::asio::awaitable<base::Result<PolicyObject>> patch_hpa_min_replicas(ObjectKey hpa, int min_replicas,
                                                                            std::string resource_version);
  boost::asio::awaitable<base::Result<std::string>> patch_hpa_status(ObjectKey hpa, std::string patch);

  // Of the pods that the selector matches, as metrics.k8s.io and custom.metrics.k8s.io have them.
  boost::asio::awaitable<base::Result<std::vector<PodUsage>>> pod_metrics(std::string ns, std::string selector);
  boost::asio::awaitable<base::Result<std::vector<PodMetricValue>>> custom_pod_metrics(std::string ns,
                                                                                       std::string metric,
                                                                                       std::string selector);

 private:
  boost::asio::awaitable<base::Result<std::string>> call(http::Request request);
  void count(const std::string& method, const std::string& code);
  void describe(http::Request& request) const;

  http::Transport& transport_;
  base::Clock& clock_;
  base::Metrics& metrics_;
  const KubeClientOptions options_;
  std::string custom_metrics_version_;  // the one that answered, empty until then
};

// "/apis/apps/v1/namespaces/default/deployments/api"; an empty `name` gives the collection, an empty `ns` all
// namespaces. `api` is "api/v1" or "apis/GROUP/VERSION".
std::string object_path(const std::string& api, const std::string& ns, const std::string& plural,
                        const std::string& name = "", const std::string& subresource = "");

}  // namespace scaler
