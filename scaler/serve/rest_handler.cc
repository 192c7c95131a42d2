#include "scaler/serve/rest_handler.h"

#include <algorithm>
#include <limits>
#include <nlohmann/json.hpp>

#include "common/base/number_format.h"
#include "scaler/informer/wait_for.h"
#include "scaler/serve/rest_answers.h"

namespace scaler {
namespace asio = boost::asio;
namespace {

using base::ErrorCode;
using base::Result;
using Json = nlohmann::json;

constexpr std::int64_t kDefaultDecisions = 100;

// The status that tells the caller of POST what the API server's refusal means for them.
http::Response write_error(const base::Error& refusal) {
  switch (refusal.code) {
    case ErrorCode::kNotFound: return json_error(404, "Deployment not found");
    case ErrorCode::kConflict: return json_error(409, refusal.message);
    case ErrorCode::kTimeout: return json_error(504, "Failed to update deployment scale: " + refusal.message);
    case ErrorCode::kUnavailable:
    case ErrorCode::kRateLimited: return json_error(503, "Failed to update deployment scale: " + refusal.message);
    default: return json_error(500, "Failed to update deployment scale: " + refusal.message);
  }
}

Result<ObjectKey> deployment_of(const http::Target& target) {
  ObjectKey key{target.get("namespace").value_or(""), target.get("deployment").value_or("")};
  if (!key.ns.empty() && !key.name.empty()) return key;
  return base::Error{ErrorCode::kInvalid, "Both namespace and deployment must be specified"};
}

// The body {"replicas":3}, and nothing else: a misspelt field must not scale to zero.
Result<int> replicas_of(const std::string& body, int maximum) {
  const auto invalid = [](std::string message) { return base::Error{ErrorCode::kInvalid, std::move(message)}; };
  const Json document = Json::parse(body, nullptr, false);
  if (!document.is_object()) return invalid("Invalid request body: not a JSON object");
  for (const auto& [key, value] : document.items()) {
    if (key != "replicas") return invalid("Invalid request body: unknown field \"" + key + "\"");
  }
  if (has_duplicate_keys(body)) return invalid("Invalid request body: a field appears twice");
  if (!document.contains("replicas")) return invalid("Invalid request body: replicas is missing");
  const Json& replicas = document["replicas"];
  if (!replicas.is_number_integer()) return invalid("Invalid request body: replicas must be a whole number");
  if (!replicas.is_number_unsigned()) return invalid("Replica count must be non-negative");
  const auto count = replicas.get<std::uint64_t>();
  if (count > static_cast<std::uint64_t>(maximum)) {
    return invalid("Replica count must be at most " + base::format_number(std::int64_t{maximum}));
  }
  return static_cast<int>(count);
}

}  // namespace

const RestHandler::Route* RestHandler::find_route(const std::string& path) {
  static constexpr Route kRoutes[] = {
      {"/healthz", &RestHandler::get_health, nullptr, nullptr},
      {"/readyz", &RestHandler::get_ready, nullptr, nullptr},
      {"/livez", &RestHandler::get_live, nullptr, nullptr},
      {"/replica-count", &RestHandler::get_replica_count, &RestHandler::set_replica_count, nullptr},
      {"/stop", nullptr, &RestHandler::stop_deployment, &RestHandler::stop_deployment},
      {"/start", nullptr, &RestHandler::start_deployment, nullptr},
      {"/deployments", &RestHandler::list_deployments, nullptr, nullptr},
      {"/api/HorizontalPodAutoscaler", &RestHandler::get_decision, nullptr, nullptr},
      {"/metrics", &RestHandler::get_metrics, nullptr, nullptr},
      {"/v1/decisions", &RestHandler::list_decisions, nullptr, nullptr},
  };
  const auto* found =
      std::find_if(std::begin(kRoutes), std::end(kRoutes), [&](const Route& r) { return r.path == path; });
  return found == std::end(kRoutes) ? nullptr : found;
}

std::string RestHandler::Route::allow() const {
  std::string methods;
  const auto add = [&](Action action, const char* method) {
    if (action != nullptr) methods += (methods.empty() ? "" : ", ") + std::string(method);
  };
  add(get, "GET");
  add(post, "POST");
  add(remove, "DELETE");
  return methods;
}

asio::awaitable<http::Reply> RestHandler::handle(http::Request request) {
  // What a client makes up must not become a label: it could fill the memory.
  const std::string& asked = request.method;
  const std::string method = asked == "GET" || asked == "POST" || asked == "DELETE" ? asked : "other";
  const auto target = http::parse_target(request.target);
  const Route* route = target ? find_route(target->path) : nullptr;
  auto answering = respond(std::move(request), route);
  http::Response response = co_await std::move(answering);
  parts_.metrics.increment("scaler_http_requests_total", "Requests to the scaler's own interface",
                           {{"path", route == nullptr ? "other" : route->path},
                            {"method", method},
                            {"code", base::format_number(std::int64_t{response.status})}});
  co_return std::move(response);
}

RestHandler::Answer RestHandler::respond(http::Request request, const Route* route) {
  auto target = http::parse_target(request.target);
  if (!target) co_return json_error(400, "Invalid request target");
  if (route == nullptr) co_return json_error(404, "Not Found");
  const std::string& method = request.method;
  const Action action = method == "GET"      ? route->get
                        : method == "POST"   ? route->post
                        : method == "DELETE" ? route->remove
                                             : nullptr;
  if (action == nullptr) {
    http::Response refusal = json_error(405, "Method Not Allowed");
    refusal.headers.set("Allow", route->allow());
    co_return refusal;
  }
  if (request.body.size() > options_.max_body) co_return json_error(413, "Request body too large");
  auto answering = (this->*action)(std::move(*target), std::move(request.body));
  co_return co_await std::move(answering);
}

RestHandler::Answer RestHandler::get_health(http::Target, std::string) {
  const auto version = co_await parts_.client.probe("/version", options_.health_timeout);
  if (!version) co_return json_error(503, "Kubernetes connectivity check failed: " + version.error().message);
  co_return http::json_response(200, "{\"status\":\"OK\"}\n");
}

RestHandler::Answer RestHandler::get_ready(http::Target, std::string) {
  if (!parts_.view.is_synced()) co_return json_error(503, "Caches are not synced");
  co_return http::json_response(200, "{\"status\":\"OK\"}\n");
}

RestHandler::Answer RestHandler::get_live(http::Target, std::string) {
  co_return http::json_response(200, "{\"status\":\"OK\"}\n");
}

asio::awaitable<Result<>> RestHandler::wait_for_version(std::string text) {
  const auto version = base::parse_int64(text);
  if (!version || *version < 0) {
    co_return base::Error{ErrorCode::kInvalid, "minResourceVersion must be a whole number"};
  }
  auto& deployments = parts_.view.deployments();
  const auto caught_up = [&] { return deployments.revision() >= *version; };
  const base::Time deadline = parts_.clock.now() + options_.max_version_wait;
  const bool reached = co_await wait_for(parts_.clock, deployments.changed(), deadline, caught_up);
  if (reached) co_return Result<>();
  co_return base::Error{ErrorCode::kTimeout, "The cache has not reached resourceVersion " + text + " in time"};
}

RestHandler::Answer RestHandler::get_replica_count(http::Target target, std::string) {
  const auto key = deployment_of(target);
  if (!key) co_return json_error(400, key.error().message);
  const auto version = target.get("minResourceVersion");
  if (version) {
    const auto reached = co_await wait_for_version(*version);
    if (!reached)
      co_return json_error(reached.error().code == ErrorCode::kInvalid ? 400 : 504, reached.error().message);
  }
  const auto deployment = parts_.view.deployments().cache().find(*key);
  if (!deployment) {
    if (!parts_.view.deployments().is_synced()) co_return json_error(503, "Caches are not synced");
    co_return json_error(404, "Deployment not found");
  }
  Json body;
  body["replicaCount"] = deployment->spec_replicas;
  body["readyReplicas"] = deployment->ready_replicas;
  body["resourceVersion"] = deployment->meta.resource_version;
  co_return json_answer(200, body);
}

RestHandler::Answer RestHandler::set_replica_count(http::Target target, std::string request_body) {
  const auto key = deployment_of(target);
  if (!key) co_return json_error(400, key.error().message);
  const auto replicas = replicas_of(request_body, options_.max_replicas);
  if (!replicas) co_return json_error(400, replicas.error().message);
  // Without a complete cache nobody knows whether an HPA owns the target.
  if (!parts_.view.is_synced()) co_return json_error(503, "Caches are not synced");
  const PolicyId caller{"REST", *key};
  const std::string owner = parts_.ownership.conflict(WrittenField{WrittenField::Kind::kReplicas, *key}, caller);
  if (!owner.empty()) co_return json_error(409, owner);

  auto scale = co_await parts_.client.get_scale(*key);
  if (!scale) co_return write_error(scale.error());
  Scale base_scale = *scale;
  const Actuation actuation = co_await parts_.actuator.set_replicas(std::move(base_scale), *replicas);
  record(*scale, *replicas, actuation, {});
  if (!actuation.result) co_return write_error(actuation.result.error());
  if (*replicas > 0 && actuation.status != "dry-run") parts_.ownership.start(*key);
  Json body;
  body["replicaCount"] = *replicas;
  body["resourceVersion"] = actuation.resource_version;
  if (actuation.status == "dry-run") body["dryRun"] = true;
  co_return json_answer(200, body);
}

void RestHandler::record(const Scale& scale, int replicas, const Actuation& actuation, std::string note) {
  Decision decision;
  decision.at = parts_.clock.now();
  decision.policy = "rest";
  decision.target = scale.meta.key.text();
  decision.trigger = Trigger::kRest;
  decision.current = scale.state.spec_replicas;
  decision.final = replicas;
  decision.note = std::move(note);
  decision.applied.ok = actuation.result.has_value();
  decision.applied.status = actuation.status;
  decision.applied.latency = actuation.latency;
  parts_.sink(decision);
}

RestHandler::Answer RestHandler::list_deployments(http::Target target, std::string) {
  if (!parts_.view.deployments().is_synced()) co_return json_error(503, "Caches are not synced");
  Json names = Json::array();
  parts_.view.deployments().cache().for_each(target.get("namespace").value_or(""), [&](const DeploymentObject& object) {
    names.push_back(object.meta.key.text());
  });
  Json body;
  body["deployments"] = std::move(names);
  co_return json_answer(200, body);
}

RestHandler::Answer RestHandler::get_metrics(http::Target, std::string) {
  parts_.view.export_ages();
  http::Response response = http::text_response(200, parts_.metrics.text());
  response.headers.set("Content-Type", "text/plain; version=0.0.4; charset=utf-8");
  co_return response;
}

RestHandler::Answer RestHandler::list_decisions(http::Target target, std::string) {
  std::int64_t limit = kDefaultDecisions;
  if (const auto text = target.get("limit")) {
    const auto number = base::parse_int64(*text);
    if (!number || *number < 1) co_return json_error(400, "limit must be a positive whole number");
    limit = *number;
  }
  const auto& lines = parts_.decisions.lines();
  const auto count = std::min(lines.size(), static_cast<std::size_t>(limit));
  std::string body = "{\"decisions\":[";
  for (std::size_t i = lines.size() - count; i < lines.size(); ++i) {
    if (body.back() != '[') body += ",\n";
    body += lines[i];
  }
  co_return http::json_response(200, body + "]}\n");
}

}  // namespace scaler
