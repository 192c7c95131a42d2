#include <gtest/gtest.h>

#include "scaler/testing/app_world.h"
#include "scaler/testing/rest_rig.h"

namespace scaler {
namespace {

boost::asio::awaitable<void> ask(http::Handler& handler, http::Request request) {
  co_await handler.handle(std::move(request));
}

using namespace std::chrono_literals;
using testing::body_of;
using testing::expect_error;
using testing::kDeployments;
using testing::kHpas;
using testing::kScalingPolicies;
using testing::kTuners;
using testing::RestRig;
using testing::World;
using Json = nlohmann::json;

constexpr char kStop[] = "/stop?namespace=default&deployment=my-deployment";
constexpr char kStart[] = "/start?namespace=default&deployment=my-deployment";

int replicas(RestRig& rig) {
  return rig.api.object(kDeployments, "default", "my-deployment")["spec"]["replicas"].get<int>();
}

TEST(RestStopTest, PostAndDeleteScaleToZeroThroughTheApi) {
  for (const char* method : {"POST", "DELETE"}) {
    RestRig rig;
    rig.start();

    const auto response = rig.call(method, kStop);

    EXPECT_EQ(response.status, 200);
    EXPECT_EQ(body_of(response), Json::parse(R"({"replicaCount":0,"resourceVersion":"102","suspended":[]})"));
    EXPECT_EQ(replicas(rig), 0);
    ASSERT_EQ(rig.decisions.size(), 1u);
    EXPECT_EQ(rig.decisions[0].trigger, Trigger::kRest);
    EXPECT_EQ(rig.decisions[0].note, "stop");
    EXPECT_EQ(rig.decisions[0].current, 3);
    EXPECT_EQ(rig.decisions[0].final, 0);
  }
}

TEST(RestStopTest, AgainIsTheSame) {
  RestRig rig;
  rig.start();
  rig.call("POST", kStop);

  const auto response = rig.call("DELETE", kStop);

  EXPECT_EQ(response.status, 200);
  EXPECT_EQ(body_of(response)["replicaCount"], 0);
  EXPECT_EQ(rig.api.count("PUT"), 1u);
}

TEST(RestStopTest, TheNamespaceIsDefaultAndValuesMayStandInTheBody) {
  RestRig rig;
  rig.start();
  for (const char* body :
       {R"({"deployment":"my-deployment"})", R"({"deployment":"my-deployment","namespace":"default"})"}) {
    EXPECT_EQ(rig.call("POST", "/stop", body).status, 200) << body;
  }
  EXPECT_EQ(rig.call("POST", "/stop?deployment=my-deployment").status, 200);
  EXPECT_EQ(rig.call("POST", kStop, R"({"deployment":"my-deployment","namespace":"default"})").status, 200);
}

struct BadStop {
  const char* name;
  const char* target;
  const char* body;
  const char* message;
  friend void PrintTo(const BadStop& c, std::ostream* out) { *out << c.name; }
};

class BadStopTest : public ::testing::TestWithParam<BadStop> {};

TEST_P(BadStopTest, IsRefusedAndNothingIsWritten) {
  RestRig rig;
  rig.start();
  for (const char* path : {"/stop", "/start"}) {
    expect_error(rig.call("POST", path + std::string(GetParam().target), GetParam().body), 400, GetParam().message);
  }
  EXPECT_EQ(rig.api.count("PUT"), 0u);
}

INSTANTIATE_TEST_SUITE_P(
    Requests, BadStopTest,
    ::testing::Values(
        BadStop{"NoDeployment", "?namespace=default", "", "deployment must be specified"},
        BadStop{"EmptyDeployment", "?deployment=", "", "deployment must not be empty"},
        BadStop{"EmptyNamespace", "?deployment=my-deployment&namespace=", "", "namespace must not be empty"},
        BadStop{"OtherDeploymentInBody", "?deployment=my-deployment", R"({"deployment":"other"})",
                "deployment has two values that differ"},
        BadStop{"OtherNamespaceInBody", "?deployment=my-deployment&namespace=default", R"({"namespace":"other"})",
                "namespace has two values that differ"},
        BadStop{"TwoInTheQuery", "?deployment=my-deployment&deployment=other", "",
                "deployment has two values that differ"},
        BadStop{"NoObject", "?deployment=my-deployment", "[1]", "Invalid request body: not a JSON object"},
        BadStop{"NoJson", "?deployment=my-deployment", "now", "Invalid request body: not a JSON object"},
        BadStop{"Unknown", "", R"({"deployment":"my-deployment","replicas":0})",
                "Invalid request body: unknown field \"replicas\""},
        BadStop{"Twice", "", R"({"deployment":"my-deployment","deployment":"my-deployment"})",
                "Invalid request body: a field appears twice"},
        BadStop{"NoString", "", R"({"deployment":5})", "Invalid request body: deployment must be a string"}),
    [](const auto& chosen) { return chosen.param.name; });

TEST(RestStopTest, OtherVerbsAreNotAllowed) {
  RestRig rig;
  rig.start();
  for (const char* method : {"GET", "PUT", "PATCH", "HEAD"}) {
    const auto response = rig.call(method, kStop);
    expect_error(response, 405, "Method Not Allowed");
    EXPECT_EQ(response.headers.get("Allow"), "POST, DELETE");
  }
  const auto response = rig.call("DELETE", kStart);
  expect_error(response, 405, "Method Not Allowed");
  EXPECT_EQ(response.headers.get("Allow"), "POST");
}

TEST(RestStopTest, AnAbsentDeploymentIsNotFound) {
  RestRig rig;
  rig.start();

  expect_error(rig.call("POST", "/stop?deployment=none"), 404, "Deployment not found");
  expect_error(rig.call("POST", "/start?deployment=none"), 404, "Deployment not found");
}

struct FailedStop {
  const char* name;
  const char* method;  // of the API's call that fails
  int api_status;
  int status;
  friend void PrintTo(const FailedStop& c, std::ostream* out) { *out << c.name; }
};

class FailedStopTest : public ::testing::TestWithParam<FailedStop> {};

// And the policies go on.
TEST_P(FailedStopTest, IsTold) {
  RestRig rig;
  rig.start();
  rig.api.hook = [](const http::Request& request) -> std::optional<http::Response> {
    const bool is_scale = request.target.find("/scale") != std::string::npos;
    if (request.method != GetParam().method || !is_scale) return std::nullopt;
    return testing::status_response(GetParam().api_status, "Reason", "refused");
  };

  const auto response = rig.call("POST", kStop);
  EXPECT_EQ(response.status, GetParam().status) << response.body;
  EXPECT_EQ(body_of(response)["code"], GetParam().status);

  rig.api.hook = {};
  EXPECT_EQ(body_of(rig.call("POST", kStart))["resumed"], Json::array());
  EXPECT_EQ(replicas(rig), 3);
}

INSTANTIATE_TEST_SUITE_P(
    Answers, FailedStopTest,
    ::testing::Values(FailedStop{"ReadForbidden", "GET", 403, 500}, FailedStop{"ReadBroken", "GET", 500, 500},
                      FailedStop{"WriteDeleted", "PUT", 404, 404}, FailedStop{"WriteForbidden", "PUT", 403, 500},
                      FailedStop{"WriteConflict", "PUT", 409, 500}, FailedStop{"WriteBusy", "PUT", 429, 500},
                      FailedStop{"WriteBroken", "PUT", 500, 500}),
    [](const auto& chosen) { return chosen.param.name; });

TEST(RestStopTest, ASilentApiIsAnInternalError) {
  RestRig rig;
  rig.start();
  rig.transport.hangs = true;

  expect_error(rig.call("POST", kStop), 500, "Failed to update deployment scale: no answer within 10s");
}

TEST(RestStopTest, DryRunStopsNothing) {
  RestRig rig;
  ScalerConfig config;
  config.actuator.dry_run = true;
  rig.start(std::move(config));

  EXPECT_EQ(body_of(rig.call("POST", kStop))["dryRun"], true);
  EXPECT_EQ(replicas(rig), 3);
}

// What the stop is for: nobody raises the Deployment again, with load that asks for it.
struct StoppedWorld : World {
  http::Response call(const std::string& method, const std::string& target, const std::string& body = "") {
    http::Request request;
    request.method = method;
    request.target = target;
    request.body = body;
    return run(app->handler().handle(std::move(request))).response;
  }
  int hpa_min() { return api.object(kHpas, "default", "web")["spec"]["minReplicas"].get<int>(); }
};

TEST(StopSticksTest, AScalingPolicyStaysQuietForTenMinutesAndAStartLiftsIt) {
  StoppedWorld world;
  world.api.put(kScalingPolicies, testing::scaling_policy("p", 5, 10));
  world.start(ScalerConfig());
  world.use_cpu("500m");
  ASSERT_EQ(world.replicas(), 5);

  const auto stopped = world.call("POST", "/stop?deployment=api");
  EXPECT_EQ(body_of(stopped)["suspended"], Json::parse(R"(["ScalingPolicy default/p"])"));
  world.clock.run_for(10min);
  EXPECT_EQ(world.replicas(), 0);

  // Even when somebody starts a pod by hand.
  world.api.put(kDeployments, testing::deployment("api", 1));
  world.clock.run_for(10min);
  EXPECT_EQ(world.replicas(), 1);
  const Decision& held = world.decisions.back();
  EXPECT_EQ(held.policy, "p");
  EXPECT_EQ(held.final, 1);
  EXPECT_NE(held.note.find("suspended by /stop"), std::string::npos) << held.note;
  ASSERT_FALSE(held.steps.empty());
  EXPECT_EQ(held.steps.back().rule, "stop");

  world.call("POST", "/stop?deployment=api");
  const auto started = world.call("POST", "/start?deployment=api");
  EXPECT_EQ(body_of(started)["replicaCount"], 5);
  EXPECT_EQ(body_of(started)["resumed"], Json::parse(R"(["ScalingPolicy default/p"])"));
  world.clock.run_for(15s);
  EXPECT_GE(world.replicas(), 5);
  EXPECT_EQ(world.decisions.back().note.find("suspended"), std::string::npos);
}

TEST(StopSticksTest, ATunerDoesNotRaiseTheMinimumOfAStoppedTarget) {
  StoppedWorld world;
  world.api.put(kHpas, testing::hpa("web", "api", 1, 50));
  world.start(testing::with_hpas());
  world.call("DELETE", "/stop?deployment=api");
  world.api.put(kTuners, testing::tuner("t", "web", 8));

  const auto again = world.call("POST", "/stop?deployment=api");
  EXPECT_EQ(body_of(again)["suspended"],
            Json::parse(R"(["HorizontalPodAutoscaler default/web","HpaTuner default/t"])"));
  world.clock.run_for(10min);

  EXPECT_EQ(world.replicas(), 0);
  EXPECT_EQ(world.hpa_min(), 1);
  EXPECT_EQ(world.call("POST", "/start?deployment=api").status, 200);
  world.clock.run_for(30s);
  EXPECT_EQ(world.hpa_min(), 8);
  EXPECT_EQ(world.replicas(), 8);
}

TEST(StopSticksTest, AReplicaCountLiftsTheStopToo) {
  RestRig rig;
  rig.start();
  rig.call("POST", kStop);
  EXPECT_EQ(rig.post("/replica-count?namespace=default&deployment=my-deployment", R"({"replicas":2})").status, 200);

  EXPECT_EQ(body_of(rig.call("POST", kStart))["replicaCount"], 2);
  rig.call("POST", kStop);
  EXPECT_EQ(body_of(rig.call("POST", kStart))["replicaCount"], 2);  // what it had, not what it had at the first stop
}

TEST(StopSticksTest, AWriteThatWasUnderWayLosesAgainstTheStop) {
  StoppedWorld world;
  world.api.put(kScalingPolicies, testing::scaling_policy("p", 5, 10));
  bool stopped = false;
  world.api.hook = [&](const http::Request& request) -> std::optional<http::Response> {
    if (request.method != "PUT" || stopped) return std::nullopt;
    stopped = true;
    // The stop's write reaches the API first, so the policy's conflicts.
    http::Request stop;
    stop.method = "POST";
    stop.target = "/stop?deployment=api";
    world.tasks.spawn(ask(world.app->handler(), std::move(stop)));
    return testing::status_response(409, "Conflict", "the object has been modified");
  };

  world.start(ScalerConfig());
  world.clock.run_for(1min);

  EXPECT_EQ(world.replicas(), 0);
}

// A request that arrives within the pause after the first conflict of another one's write.
void meet_in_the_pause(StoppedWorld& world, const std::string& target) {
  world.api.hook = [&world, target,
                    met = false](const http::Request& request) mutable -> std::optional<http::Response> {
    if (request.method != "PUT" || std::exchange(met, true)) return std::nullopt;
    world.clock.call_after(5ms, [&world, target] {
      http::Request meeting;
      meeting.method = "POST";
      meeting.target = target;
      world.tasks.spawn(ask(world.app->handler(), std::move(meeting)));
    });
    return testing::status_response(409, "Conflict", "the object has been modified");
  };
}

TEST(StopSticksTest, AStopThatAStartOvertakesSaysSoAndWritesNothing) {
  StoppedWorld world;
  world.start(ScalerConfig());
  meet_in_the_pause(world, "/start?deployment=api");

  expect_error(world.call("POST", "/stop?deployment=api"), 409, "The stop was overtaken by a start");

  EXPECT_EQ(world.replicas(), 2);
  EXPECT_EQ(world.api.count("PUT"), 1u);
}

TEST(StopSticksTest, AStartThatAStopOvertakesSaysSoAndTheFirstCountComesBack) {
  StoppedWorld world;
  world.start(ScalerConfig());
  world.call("POST", "/stop?deployment=api");
  meet_in_the_pause(world, "/stop?deployment=api");

  expect_error(world.call("POST", "/start?deployment=api"), 409, "The start was overtaken by a stop");

  EXPECT_EQ(world.replicas(), 0);
  EXPECT_EQ(body_of(world.call("POST", "/start?deployment=api"))["replicaCount"], 2);
}

TEST(StopSticksTest, OfTwoStopsTheOneThatFailsDoesNotLiftTheOther) {
  StoppedWorld world;
  world.api.put(kScalingPolicies, testing::scaling_policy("p", 5, 10));
  world.start(ScalerConfig());
  world.api.hook = [&, met = false](const http::Request& request) mutable -> std::optional<http::Response> {
    if (request.method != "PUT" || std::exchange(met, true)) return std::nullopt;
    http::Request second;
    second.method = "POST";
    second.target = "/stop?deployment=api";
    world.tasks.spawn(ask(world.app->handler(), std::move(second)));
    return testing::status_response(500, "InternalError", "etcd is sad");
  };

  EXPECT_EQ(world.call("POST", "/stop?deployment=api").status, 500);
  world.clock.run_for(1s);

  EXPECT_EQ(world.replicas(), 0);
  const auto started = world.call("POST", "/start?deployment=api");
  EXPECT_EQ(body_of(started)["resumed"], Json::parse(R"(["ScalingPolicy default/p"])"));
  EXPECT_EQ(body_of(started)["replicaCount"], 5);
}

TEST(StopSticksTest, WhatIsStoppedHasNoNextChange) {
  StoppedWorld world;
  world.api.put(kHpas, testing::hpa("web", "api", 1, 50));
  world.use_cpu("10m");  // asks for less, which the stabilization holds
  world.start(testing::with_hpas());
  ASSERT_TRUE(world.decisions.at(0).next);

  world.call("POST", "/stop?deployment=api");
  world.api.put(kDeployments, testing::deployment("api", 2));
  world.clock.run_for(15s);

  EXPECT_EQ(world.decisions.back().policy, "web");
  EXPECT_EQ(world.decisions.back().note, "suspended by /stop");
  EXPECT_FALSE(world.decisions.back().next);
}

}  // namespace
}  // namespace scaler
