#include <gtest/gtest.h>

#include <functional>
#include <utility>

#include "scaler/testing/app_world.h"

namespace scaler {
namespace {

using namespace std::chrono_literals;
using testing::kGetScale;
using testing::kHpas;
using testing::kMetricsPath;
using testing::kPods;
using testing::kScalingPolicies;
using testing::kStart;
using testing::scaling_policy;
using testing::with_hpas;
using testing::World;
using Json = nlohmann::json;

// Policies that come, change and go under a running scaler, and an API that fails it.
TEST(ScalerAppChangesTest, DeletedPolicyIsAskedNoMore) {
  World world;
  world.api.put(kScalingPolicies, scaling_policy("p", 1, 10));
  world.start(ScalerConfig());
  world.clock.run_for(1s);

  world.api.remove(kScalingPolicies, "default", "p");
  world.clock.run_for(1min);

  EXPECT_EQ(world.decisions.size(), 1u);
}

TEST(ScalerAppChangesTest, ChangedPolicyIsFollowedAtOnce) {
  World world;
  world.api.put(kScalingPolicies, scaling_policy("p", 1, 10));
  world.start(ScalerConfig());
  world.clock.run_for(1s);

  world.api.put(kScalingPolicies, scaling_policy("p", 6, 10));
  world.clock.run_ready();

  EXPECT_EQ(world.replicas(), 6);
  EXPECT_EQ(world.decisions.back().at, kStart + 1s);
  world.clock.run_for(29s);
  EXPECT_EQ(world.decisions.size(), 3u);  // 0 s, 1 s, 16 s: the old controller is gone
}

TEST(ScalerAppChangesTest, RecreatedPolicyStartsAfresh) {
  World world;
  world.api.put(kScalingPolicies, scaling_policy("p", 1, 10));
  world.start(ScalerConfig());
  world.clock.run_for(1s);
  Json again = scaling_policy("p", 1, 10);
  again["metadata"]["uid"] = "another";

  world.api.remove(kScalingPolicies, "default", "p");
  world.api.put(kScalingPolicies, again);
  world.clock.run_for(15s);

  ASSERT_EQ(world.decisions.size(), 3u);
  EXPECT_EQ(world.decisions[1].at, kStart + 1s);
  EXPECT_EQ(world.decisions[2].at, kStart + 16s);
}

TEST(ScalerAppChangesTest, PolicyThatIsNotValidIsRejectedAndTheOthersRun) {
  World world;
  world.api.put(kScalingPolicies, scaling_policy("a-broken", 10, 1));
  world.api.put(kScalingPolicies, scaling_policy("b-good", 5, 10));

  world.start(ScalerConfig());

  EXPECT_EQ(world.replicas(), 5);
  EXPECT_EQ(world.metrics.value("scaler_invalid_policies_total", {{"policy", "ScalingPolicy default/a-broken"}}), 1);
}

TEST(ScalerAppChangesTest, InvalidPolicyIsCountedOncePerChangeOfItsSpec) {
  World world;
  Json broken = scaling_policy("p", 10, 1);
  world.api.put(kScalingPolicies, broken);
  world.start(ScalerConfig());
  const base::Metrics::Labels labels{{"policy", "ScalingPolicy default/p"}};

  broken["status"]["seen"] = true;
  world.api.put(kScalingPolicies, broken);
  world.clock.run_ready();
  EXPECT_EQ(world.metrics.value("scaler_invalid_policies_total", labels), 1);

  world.api.put(kScalingPolicies, scaling_policy("p", 11, 1));
  world.clock.run_ready();
  EXPECT_EQ(world.metrics.value("scaler_invalid_policies_total", labels), 2);

  world.api.put(kScalingPolicies, scaling_policy("p", 5, 10));
  world.clock.run_ready();
  EXPECT_EQ(world.replicas(), 5);
}

// Even by way of a spec that was not valid.
TEST(ScalerAppChangesTest, EditedPolicyKeepsItsCooldown) {
  World world;
  const auto with_cooldown = [](int min_replicas, int max_replicas) {
    Json policy = scaling_policy("p", min_replicas, max_replicas);
    policy["spec"]["cooldown"] = {{"scaleUp", "10m"}, {"scaleDown", "10m"}};
    return policy;
  };
  world.api.put(kScalingPolicies, with_cooldown(4, 10));
  world.start(ScalerConfig());
  ASSERT_EQ(world.replicas(), 4);
  for (const char* name : {"api-2", "api-3"}) world.api.put(kPods, testing::pod(name, kStart - 1h));
  world.use_cpu("500m");  // asks for twice as many
  world.clock.run_for(1s);

  world.api.put(kScalingPolicies, with_cooldown(30, 3));
  world.clock.run_ready();
  world.api.put(kScalingPolicies, with_cooldown(3, 20));
  world.clock.run_for(9min);
  EXPECT_EQ(world.replicas(), 4);

  world.use_cpu("500m");  // the samples of before are too old to be used
  world.clock.run_for(2min);
  EXPECT_GT(world.replicas(), 4);
}

TEST(ScalerAppChangesTest, DesiredCountIsNotToldWithoutADecision) {
  World world;
  world.api.put(kHpas, testing::hpa("api", "api", 1, 10));
  const base::Metrics::Labels labels{
      {"policy", "HorizontalPodAutoscaler default/api"}, {"target", "default/api"}, {"field", "replicas"}};
  world.api.documents.erase(kMetricsPath);
  world.start(with_hpas());
  EXPECT_EQ(world.metrics.text().find("scaler_desired_replicas{"), std::string::npos);

  world.use_cpu("500m");
  world.clock.run_for(15s);
  EXPECT_EQ(world.metrics.value("scaler_desired_replicas", labels), 4);
}

TEST(ScalerAppChangesTest, PolicyOfAFileRunsBesideThoseOfTheApi) {
  World world;
  ScalerConfig config;
  PolicySpec spec;
  spec.name = "from-file";
  spec.target = TargetRef{"apps/v1", "Deployment", "api"};
  HpaSpec hpa;
  hpa.min_replicas = 7;
  hpa.max_replicas = 9;
  MetricSpec cpu;
  cpu.utilization = 50;
  hpa.metrics.push_back(cpu);
  spec.rules = hpa;
  config.policies.push_back(std::move(spec));

  world.start(std::move(config));
  world.clock.run_for(15s);

  EXPECT_EQ(world.replicas(), 7);
  EXPECT_EQ(world.decisions.size(), 2u);
  EXPECT_EQ(world.api.count("PATCH"), 0u);  // no object, no status
}

TEST(ScalerAppChangesTest, WakesAtTheVerySecondOfASchedule) {
  World world;
  Json policy = scaling_policy("p", 1, 20);
  Json schedule = {{"name", "kick-off"}, {"cron", "1 0 * * *"}, {"timeZone", "UTC"}};
  schedule["duration"] = "2m";
  schedule["minReplicas"] = 8;
  policy["spec"]["schedules"].push_back(schedule);
  world.api.put(kScalingPolicies, policy);
  ScalerConfig config;
  config.control.first_loop_delay = 7s;  // so that no loop falls on a whole minute
  world.start(std::move(config));

  world.clock.run_until(kStart + 60s - 1ns);
  EXPECT_EQ(world.replicas(), 2);
  world.clock.run_until(kStart + 60s);

  EXPECT_EQ(world.replicas(), 8);
  EXPECT_EQ(world.decisions.back().at, kStart + 60s);
  EXPECT_EQ(world.decisions.back().trigger, Trigger::kSchedule);
  world.clock.run_until(kStart + 67s);
  EXPECT_EQ(world.decisions.back().at, kStart + 67s);  // the loop keeps its own time
  EXPECT_EQ(world.decisions.back().trigger, Trigger::kLoop);
}

TEST(ScalerAppChangesTest, OutageOfTheApiIsRiddenOut) {
  World world;
  world.api.put(kHpas, testing::hpa("api", "api", 1, 10));
  world.start(with_hpas());
  world.clock.run_for(20s);

  world.transport.refuses = true;
  world.transport.break_streams();
  world.clock.run_for(1min);
  EXPECT_EQ(world.decisions.back().error, "read scale of default/api: connection refused");
  EXPECT_EQ(world.replicas(), 2);

  world.transport.refuses = false;
  world.use_cpu("500m");
  world.clock.run_for(30s);
  EXPECT_EQ(world.replicas(), 4);
  EXPECT_TRUE(world.decisions.back().error.empty());
  EXPECT_GE(world.metrics.value("scaler_api_requests_total", {{"method", "GET"}, {"code", "unavailable"}}), 4);
}

TEST(ScalerAppChangesTest, FailingWriteIsToldAndTriedAgainByTheNextLoop) {
  World world;
  world.api.put(kHpas, testing::hpa("api", "api", 1, 10));
  world.use_cpu("500m");
  bool broken = true;
  world.api.hook = [&](const http::Request& request) -> std::optional<http::Response> {
    if (request.method == "PUT" && broken) return testing::status_response(500, "InternalError", "etcd is sad");
    return std::nullopt;
  };
  world.start(with_hpas());
  ASSERT_EQ(world.decisions.size(), 1u);
  EXPECT_EQ(world.decisions[0].applied.status, "write scale of default/api: etcd is sad (500 InternalError)");
  EXPECT_EQ(world.replicas(), 2);

  broken = false;
  world.clock.run_for(15s);

  EXPECT_EQ(world.replicas(), 4);
}

TEST(ScalerAppChangesTest, StopEndsEverythingInTheMiddleOfACall) {
  World world;
  world.api.put(kHpas, testing::hpa("api", "api", 1, 10));
  world.start(with_hpas());
  world.transport.hangs = true;
  world.clock.run_for(16s);  // the second loop waits for its scale

  world.stop();

  EXPECT_EQ(world.decisions.size(), 1u);
  EXPECT_EQ(world.clock.next_due(), std::nullopt);  // nobody waits for anything
}

TEST(ScalerAppChangesTest, NothingStartsBeforeEveryCacheIsSynced) {
  World world;
  world.api.put(kScalingPolicies, scaling_policy("p", 5, 10));
  bool forbidden = true;
  world.api.hook = [&](const http::Request& request) -> std::optional<http::Response> {
    if (!forbidden || request.target.find("horizontalpodautoscalers") == std::string::npos) return std::nullopt;
    return testing::status_response(403, "Forbidden", "horizontalpodautoscalers is forbidden");
  };
  world.start(ScalerConfig());
  world.clock.run_for(1min);
  EXPECT_FALSE(world.app->is_ready());
  EXPECT_EQ(world.replicas(), 2);

  forbidden = false;
  world.clock.run_for(1min);

  EXPECT_TRUE(world.app->is_ready());
  EXPECT_EQ(world.replicas(), 5);
}

TEST(ScalerAppChangesTest, PodsOfOtherTargetsAreNotCounted) {
  World world;
  world.api.put(kHpas, testing::hpa("api", "api", 1, 10));
  Json stranger = testing::pod("stranger", kStart - 1h, "1");
  stranger["metadata"]["labels"]["app"] = "other";
  world.api.put(kPods, stranger);
  world.use_cpu("250m");

  world.start(with_hpas());

  EXPECT_EQ(world.decisions.at(0).final, 2);
  EXPECT_EQ(world.api.count(kGetScale), 1u);
  EXPECT_EQ(world.api.requests.back().find("stranger"), std::string::npos);
}

TEST(ScalerAppChangesTest, WaitForApiReturnsWhenItAnswersAndAtOnceWhenItDenies) {
  World world;
  world.start(ScalerConfig());
  world.transport.refuses = true;
  world.clock.call_after(3s, [&] { world.transport.refuses = false; });
  EXPECT_TRUE(world.run(world.app->wait_for_api(30s)));
  EXPECT_GE(world.clock.now(), kStart + 3s);

  world.transport.refuses = true;
  const base::Time asked = world.clock.now();
  const auto unreachable = world.run(world.app->wait_for_api(30s));
  ASSERT_FALSE(unreachable);
  EXPECT_EQ(unreachable.error().message, "ask the API for its version: connection refused");
  EXPECT_EQ(world.clock.now(), asked + 30s);

  world.transport.refuses = false;
  world.api.hook = [](const http::Request&) { return testing::status_response(401, "Unauthorized", "Unauthorized"); };
  const base::Time denied_at = world.clock.now();
  const auto denied = world.run(world.app->wait_for_api(30s));
  ASSERT_FALSE(denied);
  EXPECT_EQ(denied.error().code, base::ErrorCode::kUnauthorized);
  EXPECT_EQ(world.clock.now(), denied_at);
}

TEST(ScalerAppChangesTest, SameSeedGivesTheSameDecisionsAndRequests) {
  const auto run = [] {
    World world;
    world.api.put(kHpas, testing::hpa("api", "api", 1, 10));
    world.start(with_hpas());
    world.clock.run_for(40s);
    world.transport.break_streams();
    world.use_cpu("400m");
    world.clock.run_for(20min);
    std::string text;
    for (const Decision& decision : world.decisions) text += to_json_line(decision) + "\n";
    for (const std::string& request : world.api.requests) text += request + "\n";
    return text;
  };

  EXPECT_EQ(run(), run());
}

// The first PUT conflicts, and within the pause after it something happens.
void happen_in_the_pause(World& world, std::function<void()> happening) {
  world.api.hook = [&world, happening,
                    met = false](const http::Request& request) mutable -> std::optional<http::Response> {
    if (request.method != "PUT" || std::exchange(met, true)) return std::nullopt;
    world.clock.call_after(5ms, happening);
    return testing::status_response(409, "Conflict", "the object has been modified");
  };
}

TEST(ScalerAppChangesTest, APolicyThatIsDeletedDuringAConflictWritesNoMore) {
  World world;
  world.api.put(kScalingPolicies, scaling_policy("p", 5, 10));
  happen_in_the_pause(world, [&] { world.api.remove(kScalingPolicies, "default", "p"); });

  world.start(ScalerConfig());
  world.clock.run_for(1min);

  EXPECT_EQ(world.replicas(), 2);
  EXPECT_EQ(world.api.count("PUT"), 1u);
}

TEST(ScalerAppChangesTest, APolicyThatIsEditedDuringAConflictWritesOnlyTheNewNumber) {
  World world;
  world.api.put(kScalingPolicies, scaling_policy("p", 5, 10));
  happen_in_the_pause(world, [&] { world.api.put(kScalingPolicies, scaling_policy("p", 7, 10)); });

  world.start(ScalerConfig());
  world.clock.run_for(1s);

  EXPECT_EQ(world.replicas(), 7);
  EXPECT_EQ(world.api.count("PUT"), 2u);
  ASSERT_EQ(world.decisions.size(), 2u);
  EXPECT_FALSE(world.decisions[0].applied.ok);
}

// The API edits the policy by the time that it answers the write.
TEST(ScalerAppChangesTest, ASuccessorInheritsTheWriteUnderWay) {
  World world;
  const auto with_cooldown = [](int min_replicas) {
    Json policy = scaling_policy("p", min_replicas, 20);
    policy["spec"]["cooldown"] = {{"scaleUp", "10m"}, {"scaleDown", "10m"}};
    return policy;
  };
  world.api.put(kScalingPolicies, with_cooldown(4));
  for (const char* name : {"api-2", "api-3"}) world.api.put(kPods, testing::pod(name, kStart - 1h));
  world.api.hook = [&, met = false](const http::Request& request) mutable -> std::optional<http::Response> {
    if (request.method == "PUT" && !std::exchange(met, true)) {
      Json edited = with_cooldown(3);
      edited["metadata"]["generation"] = 2;
      world.api.put(kScalingPolicies, edited);
    }
    return std::nullopt;
  };
  world.start(ScalerConfig());
  world.clock.run_for(1s);
  ASSERT_EQ(world.replicas(), 4);

  world.use_cpu("500m");  // asks for twice as many
  world.clock.run_for(30s);

  EXPECT_EQ(world.replicas(), 4);
  bool cooled = false;
  for (const Step& step : world.decisions.back().steps) cooled = cooled || step.rule == "cooldown.scaleUp";
  EXPECT_TRUE(cooled) << to_json_line(world.decisions.back());
}

TEST(ScalerAppChangesTest, AnHpaThatIsEditedWithinItsRoundFinishesItAndKeepsItsTurn) {
  World world;
  world.api.put(kHpas, testing::hpa("api", "api", 1, 10));
  world.use_cpu("500m");
  happen_in_the_pause(world, [&] {
    Json edited = world.api.object(kHpas, "default", "api");
    edited["spec"]["maxReplicas"] = 3;
    world.api.put(kHpas, edited);
  });
  world.start(with_hpas());
  world.clock.run_for(10s);

  ASSERT_EQ(world.decisions.size(), 1u);
  EXPECT_FALSE(world.decisions[0].applied.ok);
  EXPECT_EQ(world.api.object(kHpas, "default", "api")["status"]["conditions"][0]["reason"], "FailedUpdateScale");
  world.clock.run_for(6s);
  ASSERT_EQ(world.decisions.size(), 2u);
  EXPECT_GE(world.decisions[1].at, kStart + 15s);
  EXPECT_EQ(world.decisions[1].final, 3);
}

TEST(ScalerAppChangesTest, NothingOfADeletedPolicyStaysInTheMetrics) {
  World world;
  world.api.put(kHpas, testing::hpa("web", "api", 1, 10));
  world.api.put(kScalingPolicies, scaling_policy("p", 5, 10));  // refused: the HPA scales
  world.start(with_hpas());
  ASSERT_NE(world.metrics.text().find("ScalingPolicy default/p"), std::string::npos);
  ASSERT_NE(world.metrics.text().find("hpa_name=\"web\""), std::string::npos);

  world.api.remove(kScalingPolicies, "default", "p");
  world.api.remove(kHpas, "default", "web");
  world.clock.run_for(1min);

  const std::string text = world.metrics.text();
  EXPECT_EQ(text.find("default/p"), std::string::npos) << text;
  EXPECT_EQ(text.find("default/web"), std::string::npos) << text;
  EXPECT_EQ(text.find("hpa_name"), std::string::npos) << text;
}

TEST(ScalerAppChangesTest, AnHpaThatIsSwitchedOffReadsNoMetrics) {
  World world(0);
  world.api.put(kHpas, testing::hpa("api", "api", 1, 10));

  world.start(with_hpas());
  world.clock.run_for(1min);

  EXPECT_EQ(world.decisions.size(), 5u);
  EXPECT_EQ(world.api.count(std::string("GET ") + kMetricsPath), 0u);
}

TEST(ScalerAppChangesTest, AnEditedTunerWritesTheStatusThatItsPredecessorOwed) {
  World world;
  world.api.put(kHpas, testing::hpa("api-hpa", "api", 2, 100));
  world.api.put(testing::kTuners, testing::tuner("t", "api-hpa", 6));
  bool edited = false;
  world.api.hook = [&](const http::Request& request) -> std::optional<http::Response> {
    if (request.method != "PATCH" || request.target.find("hpatuners") == std::string::npos || edited) {
      return std::nullopt;
    }
    edited = true;
    Json other = testing::tuner("t", "api-hpa", 6);
    other["spec"]["maxReplicas"] = 90;  // nothing that would raise the minimum again
    world.api.put(testing::kTuners, other);
    return testing::status_response(500, "InternalError", "etcd is sad");
  };
  world.start(ScalerConfig());
  world.clock.run_for(31s);

  ASSERT_TRUE(edited);
  EXPECT_TRUE(world.api.object(testing::kTuners, "default", "t")["status"].contains("lastUpScaleTime"));
}

}  // namespace
}  // namespace scaler
