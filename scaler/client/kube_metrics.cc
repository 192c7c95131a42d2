// The parts of KubeClient that ask the metrics APIs and discovery.
#include <optional>
#include <utility>

#include "common/http/url.h"
#include "scaler/client/kube_client.h"
#include "scaler/client/kube_json.h"
#include "scaler/client/metrics_json.h"

namespace scaler {
namespace asio = boost::asio;

using base::ErrorCode;
using base::Result;

namespace {

// "?key=value&..." of those that are not empty.
std::string query_of(const std::vector<std::pair<std::string, std::string>>& parameters) {
  std::string query;
  for (const auto& [key, value] : parameters) {
    if (value.empty()) continue;
    query += (query.empty() ? "?" : "&") + key + "=" + http::percent_encode(value);
  }
  return query;
}

bool is_core_namespace(const DescribedObject& object) {
  return object.kind == "Namespace" && object.api_version.find('/') == std::string::npos;
}

}  // namespace

asio::awaitable<Result<std::vector<PodUsage>>> KubeClient::pod_metrics(std::string ns, std::string selector) {
  std::string target = object_path("apis/metrics.k8s.io/v1beta1", ns, "pods");
  target += "?labelSelector=" + http::percent_encode(selector);
  const auto body = co_await get(std::move(target));
  if (!body) co_return body.error();
  co_return decode_pod_metrics(*body);
}

asio::awaitable<Result<std::string>> KubeClient::get_custom_metric(std::string ns, std::string below) {
  std::vector<std::string> versions{"v1beta2", "v1beta1"};
  // The one that answered before comes first; a server that was replaced may have another.
  if (custom_metrics_version_ == versions.back()) std::swap(versions.front(), versions.back());
  Result<std::string> body = base::Error{ErrorCode::kNotFound, "no version of the API was asked"};
  std::optional<base::Error> missing;
  for (const std::string& version : versions) {
    std::string target = object_path("apis/custom.metrics.k8s.io/" + version, ns, below);
    body = co_await get(std::move(target));
    if (body) custom_metrics_version_ = version;
    if (body || body.error().code != ErrorCode::kNotFound) co_return std::move(body);
    if (version == custom_metrics_version_) missing = body.error();  // which knows what is not there
  }
  co_return missing ? Result<std::string>(std::move(*missing)) : std::move(body);
}

asio::awaitable<Result<std::vector<PodMetricValue>>> KubeClient::custom_pod_metrics(std::string ns, MetricNeed need,
                                                                                    std::string selector) {
  std::string below = "pods/*/" + http::percent_encode(need.name);
  below += query_of({{"labelSelector", selector}, {"metricLabelSelector", need.selector}});
  const auto body = co_await get_custom_metric(std::move(ns), std::move(below));
  if (!body) co_return body.error();
  co_return decode_metric_values(*body);
}

asio::awaitable<Result<MetricValue>> KubeClient::object_metric(std::string ns, MetricNeed need) {
  std::string below = "metrics/";
  if (!is_core_namespace(need.object)) {
    const auto candidates = co_await mappings(need.object.api_version, need.object.kind);
    if (!candidates) co_return candidates.error();
    below = candidates->front().group_resource() + "/" + http::percent_encode(need.object.name) + "/";
  }
  below += http::percent_encode(need.name) + query_of({{"metricLabelSelector", need.selector}});
  const auto body = co_await get_custom_metric(std::move(ns), std::move(below));
  if (!body) co_return body.error();
  co_return decode_object_metric(*body);
}

asio::awaitable<Result<std::vector<MetricValue>>> KubeClient::external_metric(std::string ns, MetricNeed need) {
  std::string target = object_path("apis/external.metrics.k8s.io/v1beta1", ns, http::percent_encode(need.name));
  target += query_of({{"labelSelector", need.selector}});
  const auto body = co_await get(std::move(target));
  if (!body) co_return body.error();
  co_return decode_external_metric(*body);
}

asio::awaitable<Result<std::vector<ResourceMapping>>> KubeClient::mappings(std::string api_version, std::string kind) {
  auto parsed = parse_group_version(api_version);
  if (!parsed) co_return parsed.error();
  const std::string group = std::move(parsed->group);
  auto known = well_known_mapping(group, kind);
  if (known) co_return std::vector<ResourceMapping>(1, std::move(*known));
  const auto key = std::make_pair(group, kind);
  const auto remembered = discovered_.find(key);
  if (remembered != discovered_.end()) co_return remembered->second;
  auto found = co_await discover(group, kind);
  if (found) discovered_[key] = *found;
  co_return std::move(found);
}

asio::awaitable<Result<std::vector<ResourceMapping>>> KubeClient::discover(std::string group, std::string kind) {
  const base::Error unknown{ErrorCode::kNotFound, "no matches for kind \"" + kind + "\" in group \"" + group + "\""};
  std::vector<std::string> versions(1, "v1");  // of the core group
  if (!group.empty()) {
    const auto body = co_await get("/apis/" + http::percent_encode(group));
    if (!body) co_return body.error().code == ErrorCode::kNotFound ? unknown : body.error();
    versions = decode_group_versions(*body);
  }
  std::vector<ResourceMapping> found;
  for (const std::string& version : versions) {
    ResourceMapping mapping{group, version, ""};
    std::string path = "/" + mapping.api();
    const auto body = co_await get(std::move(path));
    if (!body && body.error().code != ErrorCode::kNotFound) co_return body.error();
    if (!body) continue;
    mapping.plural = decode_plural(*body, kind);
    if (!mapping.plural.empty()) found.push_back(std::move(mapping));
  }
  if (found.empty()) co_return unknown;
  co_return std::move(found);
}

}  // namespace scaler
