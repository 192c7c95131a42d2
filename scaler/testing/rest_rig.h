// A scaler beside a tiny API, talked to by its REST interface: what the tests of the interface begin with.
#pragma once

#include <gtest/gtest.h>

#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "scaler/app/scaler_app.h"
#include "scaler/testing/rig.h"

namespace scaler::testing {

struct RestRig : Rig {
  RestRig() { api.put(kDeployments, deployment("my-deployment", 3)); }
  ~RestRig() {
    if (!app) return;
    tasks.spawn(app->stop());
    clock.run_ready();
    app.reset();
  }

  ScalerApp& start(ScalerConfig config = {}) {
    config.rest.max_replicas = 1000;
    app.emplace(std::move(config), clock, transport, base::Random(1), log, metrics,
                [this](const Decision& decision) { decisions.push_back(decision); });
    app->start();
    clock.run_ready();
    return *app;
  }

  http::Response call(const std::string& method, const std::string& target, const std::string& body = "") {
    http::Request request;
    request.method = method;
    request.target = target;
    request.body = body;
    return run(app->handler().handle(std::move(request))).response;
  }
  http::Response get(const std::string& target) { return call("GET", target); }
  http::Response post(const std::string& target, const std::string& body) { return call("POST", target, body); }

  std::optional<ScalerApp> app;
  std::vector<Decision> decisions;
};

inline Json body_of(const http::Response& response) { return Json::parse(response.body); }

inline void expect_error(const http::Response& response, int status, const std::string& message) {
  EXPECT_EQ(response.status, status) << response.body;
  EXPECT_EQ(response.headers.get("Content-Type"), "application/json");
  EXPECT_TRUE(response.body.ends_with("\n"));
  const Json body = body_of(response);
  EXPECT_EQ(body["code"], status);
  EXPECT_EQ(body["message"], message);
}

}  // namespace scaler::testing
