#include <gtest/gtest.h>

#include <map>

#include "scaler/testing/app_world.h"

namespace scaler {
namespace {

using namespace std::chrono_literals;
using testing::kDeployments;
using testing::kHpas;
using testing::kMetricsPath;
using testing::kPutScale;
using testing::kScalingPolicies;
using testing::kStart;
using testing::kTuners;
using testing::scaling_policy;
using testing::tuner;
using testing::with_hpas;
using testing::World;
using Json = nlohmann::json;

TEST(ScalerAppTest, ScalesAnHpaTargetByItsCpu) {
  World world;
  world.api.put(kHpas, testing::hpa("api", "api", 1, 10));
  world.use_cpu("500m");  // 100 % of the request, twice the target of 50 %

  world.start(with_hpas());

  EXPECT_EQ(world.replicas(), 4);
  ASSERT_EQ(world.decisions.size(), 1u);
  const Decision& decision = world.decisions[0];
  EXPECT_EQ(decision.target, "default/api");
  EXPECT_EQ(decision.current, 2);
  EXPECT_EQ(decision.final, 4);
  EXPECT_TRUE(decision.applied.ok);
  EXPECT_EQ(decision.applied.status, "patched");
}

TEST(ScalerAppTest, LoopsEveryFifteenSecondsToTheNanosecond) {
  World world;
  world.api.put(kHpas, testing::hpa("api", "api", 1, 10));
  world.start(with_hpas());

  world.clock.run_for(60s);

  ASSERT_EQ(world.decisions.size(), 5u);
  for (std::size_t i = 0; i < world.decisions.size(); ++i) {
    EXPECT_EQ(world.decisions[i].at, kStart + i * 15s);
    EXPECT_EQ(world.decisions[i].trigger, Trigger::kLoop);
  }
}

TEST(ScalerAppTest, FirstLoopCanBeDelayed) {
  World world;
  world.api.put(kHpas, testing::hpa("api", "api", 1, 10));
  ScalerConfig config = with_hpas();
  config.control.first_loop_delay = 7s;
  world.start(std::move(config));

  world.clock.run_for(22s);

  ASSERT_EQ(world.decisions.size(), 2u);
  EXPECT_EQ(world.decisions[0].at, kStart + 7s);
  EXPECT_EQ(world.decisions[1].at, kStart + 22s);
}

TEST(ScalerAppTest, LeavesHpasAloneUnlessToldToRunThem) {
  World world;
  world.api.put(kHpas, testing::hpa("api", "api", 5, 10));
  world.start(ScalerConfig());

  world.clock.run_for(1min);

  EXPECT_TRUE(world.decisions.empty());
  EXPECT_EQ(world.replicas(), 2);
}

TEST(ScalerAppTest, KeepsTheStatusOfAnHpa) {
  World world;
  world.api.put(kHpas, testing::hpa("api", "api", 1, 10));
  world.use_cpu("500m");

  world.start(with_hpas());

  const Json status = world.api.object(kHpas, "default", "api")["status"];
  EXPECT_EQ(status["currentReplicas"], 2);  // before the write
  EXPECT_EQ(status["desiredReplicas"], 4);
  EXPECT_EQ(status["lastScaleTime"], "2026-01-01T00:00:00Z");
  EXPECT_EQ(status["currentMetrics"][0]["resource"]["current"]["averageUtilization"], 100);
  std::map<std::string, std::string> reasons;
  for (const Json& condition : status["conditions"]) {
    reasons[condition["type"].get<std::string>()] =
        condition["status"].get<std::string>() + "/" + condition["reason"].get<std::string>();
  }
  EXPECT_EQ(reasons["AbleToScale"], "True/SucceededRescale");
  EXPECT_EQ(reasons["ScalingActive"], "True/ValidMetricFound");
  EXPECT_EQ(reasons["ScalingLimited"], "False/DesiredWithinRange");
}

TEST(ScalerAppTest, UnchangedStatusIsNotWrittenAgain) {
  World world;
  world.api.put(kHpas, testing::hpa("api", "api", 1, 10));
  world.start(with_hpas());
  world.clock.run_for(30s);
  const std::size_t written = world.api.count("PATCH");

  world.clock.run_for(1min);

  EXPECT_EQ(world.api.count("PATCH"), written);
}

TEST(ScalerAppTest, MissingMetricsLeaveTheCountAloneAndAreToldInStatusAndDecision) {
  World world;
  world.api.put(kHpas, testing::hpa("api", "api", 1, 10));
  world.api.documents.erase(kMetricsPath);

  world.start(with_hpas());

  EXPECT_EQ(world.replicas(), 2);
  ASSERT_EQ(world.decisions.size(), 1u);
  EXPECT_NE(world.decisions[0].error.find("unable to fetch metrics from resource metrics API"), std::string::npos);
  EXPECT_EQ(world.decisions[0].raw, std::nullopt);
  const Json& conditions = world.api.object(kHpas, "default", "api")["status"]["conditions"];
  EXPECT_EQ(conditions[1]["reason"], "FailedGetResourceMetric");
}

TEST(ScalerAppTest, MissingDeploymentIsAnErrorOfEachDecision) {
  World world;
  world.api.put(kHpas, testing::hpa("api", "nowhere", 1, 10));

  world.start(with_hpas());
  world.clock.run_for(15s);

  ASSERT_EQ(world.decisions.size(), 2u);
  EXPECT_NE(world.decisions[1].error.find("read scale of default/nowhere"), std::string::npos);
  EXPECT_FALSE(world.decisions[1].applied.ok);
}

TEST(ScalerAppTest, WritesAgainAfterAConflict) {
  World world;
  world.api.put(kHpas, testing::hpa("api", "api", 1, 10));
  world.use_cpu("500m");
  int races = 2;
  world.api.hook = [&](const http::Request& request) -> std::optional<http::Response> {
    if (request.method == "PUT" && races-- > 0) world.api.put(kDeployments, testing::deployment("api", 3));
    return std::nullopt;
  };

  world.start(with_hpas());
  world.clock.run_for(1s);

  EXPECT_EQ(world.replicas(), 4);  // what was decided, not decided anew
  EXPECT_EQ(world.api.count(kPutScale), 3u);
  EXPECT_GE(world.decisions.at(0).applied.latency, 20ms);
  EXPECT_LE(world.decisions.at(0).applied.latency, 22ms);
}

TEST(ScalerAppTest, GivesUpAfterFiveConflicts) {
  World world;
  world.api.put(kHpas, testing::hpa("api", "api", 1, 10));
  world.use_cpu("500m");
  world.api.hook = [&](const http::Request& request) -> std::optional<http::Response> {
    if (request.method == "PUT") return testing::status_response(409, "Conflict", "the object has been modified");
    return std::nullopt;
  };

  world.start(with_hpas());
  world.clock.run_for(1s);

  EXPECT_EQ(world.api.count(kPutScale), 5u);
  ASSERT_EQ(world.decisions.size(), 1u);
  EXPECT_FALSE(world.decisions[0].applied.ok);
  EXPECT_EQ(world.decisions[0].applied.status,
            "write scale of default/api: the object has been modified (409 Conflict)");
}

TEST(ScalerAppTest, DryRunDecidesAndWritesNothing) {
  World world;
  world.api.put(kScalingPolicies, scaling_policy("p", 5, 10));
  ScalerConfig config;
  config.actuator.dry_run = true;

  world.start(std::move(config));
  world.clock.run_for(15s);

  ASSERT_EQ(world.decisions.size(), 2u);
  EXPECT_EQ(world.decisions[1].final, 5);
  EXPECT_EQ(world.decisions[1].applied.status, "dry-run");
  EXPECT_EQ(world.replicas(), 2);
  EXPECT_EQ(world.api.count("PUT"), 0u);
}

TEST(ScalerAppTest, ScalingPolicyIsRefusedWhereAnHpaScales) {
  World world;
  world.api.put(kHpas, testing::hpa("web", "api", 1, 10));
  world.api.put(kScalingPolicies, scaling_policy("p", 5, 10));

  world.start(ScalerConfig());

  ASSERT_EQ(world.decisions.size(), 1u);
  EXPECT_EQ(world.decisions[0].error,
            "refused: Deployment default/api is scaled by HorizontalPodAutoscaler default/web");
  EXPECT_EQ(world.decisions[0].final, world.decisions[0].current);
  EXPECT_EQ(world.replicas(), 2);
  EXPECT_EQ(world.metrics.value("scaler_ownership_refusals_total", {{"policy", "ScalingPolicy default/p"}}), 1);
}

TEST(ScalerAppTest, ScalingPolicyTakesOverWhenTheHpaIsDeleted) {
  World world;
  world.api.put(kHpas, testing::hpa("web", "api", 1, 10));
  world.api.put(kScalingPolicies, scaling_policy("p", 5, 10));
  world.start(ScalerConfig());
  world.clock.run_for(1s);

  world.api.remove(kHpas, "default", "web");
  world.clock.run_for(14s);

  EXPECT_EQ(world.replicas(), 5);
}

TEST(ScalerAppTest, ForcedOwnershipWrites) {
  World world;
  world.api.put(kHpas, testing::hpa("web", "api", 1, 10));
  world.api.put(kScalingPolicies, scaling_policy("p", 5, 10));
  ScalerConfig config;
  config.force_ownership = true;

  world.start(std::move(config));

  EXPECT_EQ(world.replicas(), 5);
}

TEST(ScalerAppTest, OfTwoPoliciesForOneDeploymentTheFirstWrites) {
  World world;
  world.api.put(kScalingPolicies, scaling_policy("b", 8, 10));
  world.api.put(kScalingPolicies, scaling_policy("a", 5, 10));

  world.start(ScalerConfig());
  world.clock.run_for(15s);

  EXPECT_EQ(world.replicas(), 5);
  for (const Decision& decision : world.decisions) {
    if (decision.policy == "b") {
      EXPECT_EQ(decision.error, "refused: Deployment default/api is scaled by ScalingPolicy default/a");
    }
  }
}

TEST(ScalerAppTest, TwoHpasForOneDeploymentExcludeEachOther) {
  World world;
  world.api.put(kHpas, testing::hpa("a", "api", 5, 10));
  world.api.put(kHpas, testing::hpa("b", "api", 8, 10));

  world.start(with_hpas());

  EXPECT_EQ(world.replicas(), 2);
  ASSERT_EQ(world.decisions.size(), 2u);
  EXPECT_FALSE(world.decisions[0].error.empty());
  EXPECT_FALSE(world.decisions[1].error.empty());
}

TEST(ScalerAppTest, TunerRaisesOnlyMinReplicas) {
  World world;
  world.api.put(kHpas, testing::hpa("api-hpa", "api", 2, 100));
  world.api.put(kTuners, tuner("t", "api-hpa", 6));

  world.start(ScalerConfig());

  EXPECT_EQ(world.api.object(kHpas, "default", "api-hpa")["spec"]["minReplicas"], 6);
  EXPECT_EQ(world.replicas(), 2);
  ASSERT_EQ(world.decisions.size(), 1u);
  EXPECT_EQ(world.decisions[0].field, "minReplicas");
  EXPECT_EQ(world.decisions[0].target, "default/api-hpa");
  EXPECT_EQ(world.api.count("PUT"), 0u);
}

TEST(ScalerAppTest, TunedMinReplicasReachTheHpaWithoutRestartingIt) {
  World world;
  world.api.put(kHpas, testing::hpa("api-hpa", "api", 2, 100));
  world.api.put(kTuners, tuner("t", "api-hpa", 6));
  world.start(with_hpas());

  world.clock.run_for(15s);

  EXPECT_EQ(world.replicas(), 6);
  std::vector<base::Time> hpa_loops;
  for (const Decision& decision : world.decisions) {
    if (decision.policy == "api-hpa") hpa_loops.push_back(decision.at);
  }
  EXPECT_EQ(hpa_loops, (std::vector<base::Time>{kStart, kStart + 15s}));
}

TEST(ScalerAppTest, TunerOfAnAbsentHpaSaysSo) {
  World world;
  world.api.put(kTuners, tuner("t", "nowhere", 6));

  world.start(ScalerConfig());

  ASSERT_EQ(world.decisions.size(), 1u);
  EXPECT_EQ(world.decisions[0].error, "HorizontalPodAutoscaler default/nowhere not found");
}

TEST(ScalerAppTest, FailureThatStaysTheSameIsOneWarning) {
  World world;
  world.api.put(kTuners, tuner("t", "nowhere", 6));
  base::LogOptions warnings;
  warnings.level = base::LogLevel::kWarning;
  const base::Log log(world.clock, warnings);
  ::testing::internal::CaptureStderr();
  world.app.emplace(ScalerConfig(), world.clock, world.transport, base::Random(1), log, world.metrics, DecisionSink());
  world.app->start();
  world.clock.run_for(1min);
  world.stop();

  const std::string text = ::testing::internal::GetCapturedStderr();
  const auto first = text.find("warning decision");
  EXPECT_NE(first, std::string::npos) << text;
  EXPECT_EQ(text.find("warning decision", first + 1), std::string::npos) << text;
}

// Answers every question with the same text.
class Oracle final : public http::Handler {
 public:
  boost::asio::awaitable<http::Reply> handle(http::Request request) override {
    asked.push_back(request.target);
    co_return http::json_response(status, answer);
  }
  int status = 200;
  std::string answer;
  std::vector<std::string> asked;
};

TEST(ScalerAppTest, TunerFollowsTheDecisionServiceAndIgnoresItsNonsense) {
  Oracle oracle;
  oracle.answer = R"({"decision":{"minCount":13}})";
  http::InProcessTransport to_oracle(oracle);
  World world;
  world.api.put(kHpas, testing::hpa("api-hpa", "api", 2, 100));
  Json asking = tuner("t", "api-hpa", 6);
  asking["spec"]["useDecisionService"] = true;
  world.api.put(kTuners, asking);
  ScalerConfig config;
  config.decision_service = &to_oracle;
  world.start(std::move(config));
  const auto min_replicas = [&] {
    return world.api.object(kHpas, "default", "api-hpa")["spec"]["minReplicas"].get<int>();
  };

  EXPECT_EQ(min_replicas(), 13);
  EXPECT_EQ(oracle.asked.at(0),
            "/api/HorizontalPodAutoscaler?name=default%2Fapi-hpa&current-min=2&current-instance-count=0");

  const base::Metrics::Labels no_opinion{{"outcome", "no_opinion"}};
  oracle.answer = "404 page not found";
  world.clock.run_for(15s);
  oracle.answer = R"({"decision":{"minCount":50}})";
  oracle.status = 500;
  world.clock.run_for(15s);
  EXPECT_EQ(min_replicas(), 13);
  EXPECT_EQ(world.metrics.value("scaler_decision_service_requests_total", no_opinion), 2);
}

TEST(ScalerAppTest, AScalingPolicyTakesItsFloorFromTheDecisionService) {
  Oracle oracle;
  oracle.answer = R"({"decision":{"minCount":7}})";
  http::InProcessTransport to_oracle(oracle);
  World world;
  Json policy = scaling_policy("p", 1, 20);
  policy["spec"]["decisionService"]["floor"] = true;
  world.api.put(kScalingPolicies, policy);
  ScalerConfig config;
  config.decision_service = &to_oracle;

  world.start(std::move(config));

  ASSERT_EQ(oracle.asked.size(), 1u);
  EXPECT_EQ(oracle.asked[0], "/api/HorizontalPodAutoscaler?name=default%2Fapi&current-min=1&current-instance-count=2");
  EXPECT_EQ(world.replicas(), 7);
}

TEST(ScalerAppTest, AScalingPolicyWithoutSuchAFloorAsksNoDecisionService) {
  Oracle oracle;
  http::InProcessTransport to_oracle(oracle);
  World world;
  world.api.put(kScalingPolicies, scaling_policy("p", 1, 20));
  ScalerConfig config;
  config.decision_service = &to_oracle;

  world.start(std::move(config));

  EXPECT_EQ(world.decisions.size(), 1u);
  EXPECT_TRUE(oracle.asked.empty());
}

}  // namespace
}  // namespace scaler
