#include "scaler/client/kube_client.h"

#include <fmt/format.h>

#include "common/http/url.h"
#include "scaler/client/api_error.h"
#include "scaler/client/deadline.h"
#include "scaler/client/kube_json.h"

namespace scaler {
namespace asio = boost::asio;
namespace {

using base::ErrorCode;
using base::Result;

// Who we are in the managedFields of what we write.
constexpr char kAsManager[] = "?fieldManager=gamenight-scaler";
constexpr char kRequests[] = "scaler_api_requests_total";
constexpr char kRequestsHelp[] = "Requests to the Kubernetes API by method and answer";
constexpr char kDurations[] = "scaler_api_request_duration_seconds";
constexpr char kDurationsHelp[] = "Time from a request to its whole answer";

const std::vector<double>& duration_buckets() {
  static const std::vector<double> kBuckets{0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10};
  return kBuckets;
}

bool is_success(int status) { return status >= 200 && status < 300; }

http::Request request_of(std::string method, std::string target, std::string body = {}) {
  http::Request request;
  request.method = std::move(method);
  request.target = std::move(target);
  request.body = std::move(body);
  return request;
}

std::string scale_path(const ObjectKey& deployment) {
  return object_path("apis/apps/v1", deployment.ns, "deployments", deployment.name, "scale");
}

std::string hpa_path(const ObjectKey& hpa, const std::string& subresource = "") {
  return object_path("apis/autoscaling/v2", hpa.ns, "horizontalpodautoscalers", hpa.name, subresource);
}

}  // namespace

std::string object_path(const std::string& api, const std::string& ns, const std::string& plural,
                        const std::string& name, const std::string& subresource) {
  std::string path = "/" + api;
  if (!ns.empty()) path += "/namespaces/" + http::percent_encode(ns);
  path += "/" + plural;
  if (!name.empty()) path += "/" + http::percent_encode(name);
  if (!subresource.empty()) path += "/" + subresource;
  return path;
}

void KubeClient::describe(http::Request& request) const {
  request.headers.set("Accept", "application/json");
  request.headers.set("User-Agent", options_.user_agent);
}

void KubeClient::count(const std::string& method, const std::string& code) {
  metrics_.increment(kRequests, kRequestsHelp, {{"method", method}, {"code", code}});
}

asio::awaitable<Result<std::string>> KubeClient::call(http::Request request) {
  describe(request);
  const std::string method = request.method;
  const base::MonoTime started = clock_.monotonic_now();
  const base::MonoTime deadline = started + options_.call_timeout;
  for (int attempt = 0;; ++attempt) {
    http::Request copy = request;
    auto trip = transport_.round_trip(std::move(copy));
    auto answer = co_await within(clock_, deadline - clock_.monotonic_now(), std::move(trip));
    const base::Duration took = clock_.monotonic_now() - started;
    metrics_.observe(kDurations, kDurationsHelp, base::seconds(took), duration_buckets(), {{"method", method}});
    if (!answer) {
      count(method, std::string(base::to_string(answer.error().code)));
      co_return answer.error();
    }
    count(method, fmt::to_string(answer->status));
    if (is_success(answer->status)) co_return std::move(answer->body);
    const auto wait = retry_after(*answer);
    const bool in_time = wait && clock_.monotonic_now() + *wait < deadline;
    if (!in_time || attempt >= options_.retry_after_attempts) co_return error_of(*answer);
    co_await clock_.sleep_for(*wait);
  }
}

asio::awaitable<Result<std::string>> KubeClient::get(std::string target) {
  http::Request request = request_of("GET", std::move(target));
  co_return co_await call(std::move(request));
}

asio::awaitable<Result<std::string>> KubeClient::post(std::string target, std::string json) {
  http::Request request = request_of("POST", target + kAsManager, std::move(json));
  request.headers.set("Content-Type", "application/json");
  co_return co_await call(std::move(request));
}

asio::awaitable<Result<std::string>> KubeClient::put(std::string target, std::string json) {
  http::Request request = request_of("PUT", target + kAsManager, std::move(json));
  request.headers.set("Content-Type", "application/json");
  co_return co_await call(std::move(request));
}

asio::awaitable<Result<std::string>> KubeClient::merge_patch(std::string target, std::string json) {
  http::Request request = request_of("PATCH", target + kAsManager, std::move(json));
  request.headers.set("Content-Type", "application/merge-patch+json");
  co_return co_await call(std::move(request));
}

asio::awaitable<Result<std::string>> KubeClient::probe(std::string target, base::Duration limit) {
  http::Request request = request_of("GET", std::move(target));
  describe(request);
  auto trip = transport_.round_trip(std::move(request));
  auto answer = co_await within(clock_, limit, std::move(trip));
  if (!answer) co_return answer.error();
  if (!is_success(answer->status)) co_return error_of(*answer);
  co_return std::move(answer->body);
}

asio::awaitable<WatchOpened> KubeClient::watch(std::string target) {
  http::Request request = request_of("GET", std::move(target));
  describe(request);
  auto opening = transport_.open_stream(std::move(request));
  auto opened = co_await within(clock_, options_.call_timeout, std::move(opening));
  WatchOpened result;
  if (!opened) {
    count("WATCH", std::string(base::to_string(opened.error().code)));
    result.error = opened.error();
    co_return result;
  }
  count("WATCH", fmt::to_string(opened->response.status));
  result.answered = true;
  result.stream = std::move(opened->stream);
  if (!result.stream) result.error = error_of(opened->response);
  co_return result;
}

asio::awaitable<Result<Scale>> KubeClient::get_scale_at(std::string path) {
  const auto body = co_await get(path);
  if (!body) co_return body.error();
  auto scale = decode_scale(*body);
  if (scale) scale->path = std::move(path);
  co_return std::move(scale);
}

asio::awaitable<Result<Scale>> KubeClient::get_scale(ObjectKey deployment) {
  co_return co_await get_scale_at(scale_path(deployment));
}

asio::awaitable<Result<Scale>> KubeClient::get_scale(ScaleTarget target) {
  const auto candidates = co_await mappings(target.api_version, target.kind);
  if (!candidates) co_return candidates.error();
  Result<Scale> first = base::Error{ErrorCode::kNotFound, "no mapping"};
  bool tried = false;
  for (const ResourceMapping& mapping : *candidates) {
    std::string path = object_path(mapping.api(), target.key.ns, mapping.plural, target.key.name, "scale");
    auto scale = co_await get_scale_at(std::move(path));
    if (scale) co_return std::move(scale);
    if (!std::exchange(tried, true)) first = std::move(scale);  // whose error counts if none works
  }
  co_return std::move(first);
}

asio::awaitable<Result<Scale>> KubeClient::get_scale_again(Scale read) {
  std::string path = read.path.empty() ? scale_path(read.meta.key) : std::move(read.path);
  co_return co_await get_scale_at(std::move(path));
}

asio::awaitable<Result<Scale>> KubeClient::put_scale(Scale read, int replicas) {
  std::string json = encode_scale(read, replicas);
  std::string path = read.path.empty() ? scale_path(read.meta.key) : std::move(read.path);
  const auto body = co_await put(path, std::move(json));
  if (!body) co_return body.error();
  auto scale = decode_scale(*body);
  if (scale) scale->path = std::move(path);
  co_return std::move(scale);
}

asio::awaitable<Result<PolicyObject>> KubeClient::get_hpa(ObjectKey hpa) {
  const auto body = co_await get(hpa_path(hpa));
  if (!body) co_return body.error();
  co_return decode_policy(*body);
}

asio::awaitable<Result<PolicyObject>> KubeClient::patch_hpa_min_replicas(ObjectKey hpa, int min_replicas,
                                                                         std::string resource_version) {
  std::string json = encode_min_replicas_patch(min_replicas, resource_version);
  const auto body = co_await merge_patch(hpa_path(hpa), std::move(json));
  if (!body) co_return body.error();
  co_return decode_policy(*body);
}

asio::awaitable<Result<std::string>> KubeClient::patch_hpa_status(ObjectKey hpa, std::string patch) {
  co_return co_await merge_patch(hpa_path(hpa, "status"), std::move(patch));
}

}  // namespace scaler
