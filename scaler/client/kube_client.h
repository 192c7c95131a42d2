// The calls that the scaler makes, over any Transport: URLs, deadlines, Retry-After, refusals as Errors, counters.
//
// Every call ends within its time limit. Single-threaded; owned by ScalerApp, outlives all calls.
#pragma once

#include <boost/asio/awaitable.hpp>
#include <chrono>
#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "common/base/clock.h"
#include "common/base/metrics.h"
#include "common/base/result.h"
#include "common/http/transport.h"
#include "scaler/client/api_types.h"
#include "scaler/client/resource_mapping.h"

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
  boost::asio::awaitable<base::Result<std::string>> post(std::string target, std::string json);
  boost::asio::awaitable<base::Result<std::string>> put(std::string target, std::string json);
  boost::asio::awaitable<base::Result<std::string>> merge_patch(std::string target, std::string json);
  boost::asio::awaitable<WatchOpened> watch(std::string target);
  // A GET with a limit of its own and without retries.
  boost::asio::awaitable<base::Result<std::string>> probe(std::string target, base::Duration limit);

  // The scale of a Deployment.
  boost::asio::awaitable<base::Result<Scale>> get_scale(ObjectKey deployment);
  // Of whatever has one: its kind is looked up by discovery if it is none of Kubernetes' own.
  boost::asio::awaitable<base::Result<Scale>> get_scale(ScaleTarget target);
  // As it is now.
  boost::asio::awaitable<base::Result<Scale>> get_scale_again(Scale read);
  // Compare-and-swap by the resourceVersion in `read`: kConflict if the object has changed since.
  boost::asio::awaitable<base::Result<Scale>> put_scale(Scale read, int replicas);

  boost::asio::awaitable<base::Result<PolicyObject>> get_hpa(ObjectKey hpa);
  boost::asio::awaitable<base::Result<PolicyObject>> patch_hpa_min_replicas(ObjectKey hpa, int min_replicas,
                                                                            std::string resource_version);
  boost::asio::awaitable<base::Result<std::string>> patch_hpa_status(ObjectKey hpa, std::string patch);

  // Of the pods that the selector matches, as metrics.k8s.io and custom.metrics.k8s.io have them. In all four calls one
  // value that is no quantity fails the list.
  boost::asio::awaitable<base::Result<std::vector<PodUsage>>> pod_metrics(std::string ns, std::string selector);
  boost::asio::awaitable<base::Result<std::vector<PodMetricValue>>> custom_pod_metrics(std::string ns, MetricNeed need,
                                                                                       std::string selector);
  // Of the object that `need` describes, which is the namespace itself for a Namespace.
  boost::asio::awaitable<base::Result<MetricValue>> object_metric(std::string ns, MetricNeed need);
  // Every series that the need's selector matches, as external.metrics.k8s.io has them; perhaps none.
  boost::asio::awaitable<base::Result<std::vector<MetricValue>>> external_metric(std::string ns, MetricNeed need);

  // The collections that hold objects of a kind, the preferred version first; at least one. kInvalid if `api_version`
  // is none, kNotFound if the API does not know the kind. Answers are remembered, failures are not.
  boost::asio::awaitable<base::Result<std::vector<ResourceMapping>>> mappings(std::string api_version,
                                                                              std::string kind);

 private:
  boost::asio::awaitable<base::Result<std::string>> call(http::Request request);
  // `below` is what follows the namespace.
  boost::asio::awaitable<base::Result<std::string>> get_custom_metric(std::string ns, std::string below);
  boost::asio::awaitable<base::Result<Scale>> get_scale_at(std::string path);
  boost::asio::awaitable<base::Result<std::vector<ResourceMapping>>> discover(std::string group, std::string kind);
  void count(const std::string& method, const std::string& code);
  void describe(http::Request& request) const;

  http::Transport& transport_;
  base::Clock& clock_;
  base::Metrics& metrics_;
  const KubeClientOptions options_;
  std::string custom_metrics_version_;  // the one that answered last, empty until then
  std::map<std::pair<std::string, std::string>, std::vector<ResourceMapping>> discovered_;  // by group and kind
};

// "/apis/apps/v1/namespaces/default/deployments/api"; an empty `name` gives the collection, an empty `ns` all
// namespaces. `api` is "api/v1" or "apis/GROUP/VERSION".
std::string object_path(const std::string& api, const std::string& ns, const std::string& plural,
                        const std::string& name = "", const std::string& subresource = "");

}  // namespace scaler
