// POST or DELETE /stop, POST /start: a Deployment to zero and back, and its policies with it.
#include <set>

#include "scaler/serve/rest_answers.h"
#include "scaler/serve/rest_handler.h"

namespace scaler {
namespace {

using base::ErrorCode;
using base::Result;
using Json = nlohmann::json;

base::Error invalid(std::string message) { return base::Error{ErrorCode::kInvalid, std::move(message)}; }

// All that the request says about a key, in the query or in the body.
struct Said {
  std::set<std::string> deployments;
  std::set<std::string> namespaces;
};

Result<> read_body(const std::string& body, Said& said) {
  if (body.empty()) return {};
  const Json document = Json::parse(body, nullptr, false);
  if (!document.is_object()) return invalid("Invalid request body: not a JSON object");
  if (has_duplicate_keys(body)) return invalid("Invalid request body: a field appears twice");
  for (const auto& [key, value] : document.items()) {
    if (key != "deployment" && key != "namespace")
      return invalid("Invalid request body: unknown field \"" + key + "\"");
    if (!value.is_string()) return invalid("Invalid request body: " + key + " must be a string");
    (key == "deployment" ? said.deployments : said.namespaces).insert(value.get<std::string>());
  }
  return {};
}

Result<ObjectKey> deployment_of(const http::Target& target, const std::string& body) {
  Said said;
  const auto read = read_body(body, said);
  if (!read) return read.error();
  for (const auto& [key, value] : target.query) {
    if (key == "deployment") said.deployments.insert(value);
    if (key == "namespace") said.namespaces.insert(value);
  }
  if (said.deployments.empty()) return invalid("deployment must be specified");
  if (said.deployments.size() > 1) return invalid("deployment has two values that differ");
  if (said.namespaces.size() > 1) return invalid("namespace has two values that differ");
  if (said.deployments.contains("")) return invalid("deployment must not be empty");
  if (said.namespaces.contains("")) return invalid("namespace must not be empty");
  return ObjectKey{said.namespaces.empty() ? "default" : *said.namespaces.begin(), *said.deployments.begin()};
}

http::Response refusal(const base::Error& error) {
  if (error.code == ErrorCode::kNotFound) return json_error(404, "Deployment not found");
  return json_error(500, "Failed to update deployment scale: " + error.message);
}

http::Response scaled(int replicas, const Actuation& actuation, const char* whom, const std::vector<PolicyId>& owners) {
  Json body;
  body["replicaCount"] = replicas;
  body["resourceVersion"] = actuation.resource_version;
  body[whom] = Json::array();
  for (const PolicyId& owner : owners) body[whom].push_back(owner.text());
  if (actuation.status == "dry-run") body["dryRun"] = true;
  return json_answer(200, body);
}

}  // namespace

RestHandler::Answer RestHandler::stop_deployment(http::Target target, std::string body) {
  const auto key = deployment_of(target, body);
  if (!key) co_return json_error(400, key.error().message);
  auto scale = co_await parts_.client.get_scale(*key);
  if (!scale) co_return refusal(scale.error());
  // Before the write, so that no policy comes in between.
  const bool dry_run = parts_.actuator.dry_run();
  const std::uint64_t stop = dry_run ? 0 : parts_.ownership.stop(*key, scale->state.spec_replicas);
  const auto still_wanted = [this, deployment = *key, dry_run] {
    return dry_run || parts_.ownership.is_stopped(deployment);
  };
  Scale base_scale = *scale;
  auto acting = parts_.actuator.set_replicas(std::move(base_scale), 0, still_wanted);
  const Actuation actuation = co_await std::move(acting);
  record(*scale, 0, actuation, "stop");
  const bool overtaken = !still_wanted();
  if (!dry_run) parts_.ownership.settle_stop(*key, stop, actuation.result.has_value());
  if (overtaken) co_return json_error(409, "The stop was overtaken by a start");
  if (!actuation.result) co_return refusal(actuation.result.error());
  co_return scaled(0, actuation, "suspended", parts_.ownership.owners(*key));
}

RestHandler::Answer RestHandler::start_deployment(http::Target target, std::string body) {
  const auto key = deployment_of(target, body);
  if (!key) co_return json_error(400, key.error().message);
  auto scale = co_await parts_.client.get_scale(*key);
  if (!scale) co_return refusal(scale.error());
  const auto before = parts_.ownership.start(*key);
  const int current = scale->state.spec_replicas;
  // An HPA leaves a target without replicas alone, so it gets back what it had. One that has some by now keeps them.
  const int replicas = current == 0 ? before.value_or(0) : current;
  const auto still_wanted = [this, deployment = *key] { return !parts_.ownership.is_stopped(deployment); };
  Scale base_scale = *scale;
  auto acting = parts_.actuator.set_replicas(std::move(base_scale), replicas, still_wanted);
  const Actuation actuation = co_await std::move(acting);
  record(*scale, replicas, actuation, "start");
  const bool overtaken = !still_wanted();
  if (before && (overtaken || !actuation.result)) parts_.ownership.undo_start(*key, *before);
  if (overtaken) co_return json_error(409, "The start was overtaken by a stop");
  if (!actuation.result) co_return refusal(actuation.result.error());
  co_return scaled(replicas, actuation, "resumed", before ? parts_.ownership.owners(*key) : std::vector<PolicyId>{});
}

}  // namespace scaler
