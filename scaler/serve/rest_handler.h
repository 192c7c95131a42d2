// The scaler's own HTTP interface: health, replica counts, stop and start, advice for tuners, metrics, recent
// decisions. The same handler answers over TCP and in process.
//
// Single-threaded; owned by ScalerApp, must outlive all replies.
#pragma once

#include <boost/asio/awaitable.hpp>
#include <chrono>
#include <functional>
#include <optional>
#include <string>

#include "common/http/handler.h"
#include "common/http/url.h"
#include "scaler/actuate/scale_actuator.h"
#include "scaler/control/cluster_view.h"
#include "scaler/control/decision_log.h"
#include "scaler/control/ownership.h"
#include "scaler/control/target_controller.h"

namespace scaler {

struct RestOptions {
  int max_replicas = 10'000;  // a POST beyond it is refused
  base::Duration health_timeout = std::chrono::seconds(2);
  base::Duration max_version_wait = std::chrono::seconds(5);  // of ?minResourceVersion=
  std::size_t max_body = 64 * 1024;
};

class RestHandler final : public http::Handler {
 public:
  // What it answers from; everything outlives the handler.
  struct Parts {
    base::Clock& clock;
    base::Metrics& metrics;
    KubeClient& client;
    ClusterView& view;
    ScaleActuator& actuator;
    Ownership& ownership;
    const DecisionLog& decisions;
    DecisionSink sink;
    // The minimum that our policies have in mind for an HPA; nullopt: none has an opinion.
    std::function<std::optional<int>(const ObjectKey& hpa)> advise;
  };
  RestHandler(Parts parts, RestOptions options) : parts_(std::move(parts)), options_(options) {}

  boost::asio::awaitable<http::Reply> handle(http::Request request) override;

 private:
  using Answer = boost::asio::awaitable<http::Response>;
  using Action = Answer (RestHandler::*)(http::Target target, std::string body);
  struct Route {
    const char* path;
    Action get;
    Action post;  // null: not allowed
    Action remove;
    std::string allow() const;
  };
  static const Route* find_route(const std::string& path);
  // A null route: there is none.
  Answer respond(http::Request request, const Route* route);

  Answer get_health(http::Target target, std::string body);
  Answer get_ready(http::Target target, std::string body);
  Answer get_live(http::Target target, std::string body);
  Answer get_replica_count(http::Target target, std::string body);
  Answer set_replica_count(http::Target target, std::string body);
  Answer stop_deployment(http::Target target, std::string body);
  Answer start_deployment(http::Target target, std::string body);
  Answer get_decision(http::Target target, std::string body);
  Answer list_deployments(http::Target target, std::string body);
  Answer get_metrics(http::Target target, std::string body);
  Answer list_decisions(http::Target target, std::string body);

  boost::asio::awaitable<base::Result<>> wait_for_version(std::string version);
  void record(const Scale& scale, int replicas, const Actuation& actuation, std::string note);

  Parts parts_;
  const RestOptions options_;
};

}  // namespace scaler
