#include "scaler/app/scaler_app.h"

#include <gtest/gtest.h>

#include <map>

#include "scaler/testing/rig.h"

namespace scaler {
namespace {

using namespace std::chrono_literals;
using testing::kDeployments;
using testing::kHpas;
using testing::kPods;
using testing::kScalingPolicies;
using testing::kStart;
using testing::kTuners;
using Json = nlohmann::json;

constexpr char kMetricsPath[] = "/apis/metrics.k8s.io/v1beta1/namespaces/default/pods";
constexpr char kPutScale[] = "PUT /apis/apps/v1/namespaces/default/deployments/api/scale";
constexpr char kGetScale[] = "GET /apis/apps/v1/namespaces/default/deployments/api/scale";

// A Deployment "api" of ready pods with a request of 500m each.
struct World : testing::Rig {
  explicit World(int replicas = 2) {
    api.put(kDeployments, testing::deployment("api", replicas));
    for (int i = 0; i < replicas; ++i) {
      const std::string name = "api-" + std::to_string(i);
      api.put(kPods, testing::pod(name, kStart - 1h));
    }
    use_cpu("250m");
  }
  ~World() { stop(); }

  // Every pod uses so much.
  void use_cpu(const std::string& cpu) {
    std::vector<std::pair<std::string, std::string>> usage;
    for (int i = 0; i < 40; ++i) usage.emplace_back("api-" + std::to_string(i), cpu);
    api.documents[kMetricsPath] = testing::pod_metrics(usage, clock.now());
  }

  void start(ScalerConfig config) {
    app.emplace(std::move(config), clock, transport, base::Random(1), log, metrics,
                [this](const Decision& decision) { decisions.push_back(decision); });
    app->start();
    clock.run_ready();
  }

  void stop() {
    if (!app) return;
    tasks.spawn(app->stop());
    clock.run_ready();
    app.reset();
  }

  int replicas() { return api.object(kDeployments, "default", "api")["spec"]["replicas"].get<int>(); }

  std::optional<ScalerApp> app;
  std::vector<Decision> decisions;
};

ScalerConfig with_hpas() {
  ScalerConfig config;
  config.run_hpa_controller = true;
  return config;
}

Json scaling_policy(const std::string& name, int min_replicas, int max_replicas) {
  Json object = testing::hpa(name, "api", min_replicas, max_replicas);
  object["apiVersion"] = "gamenight/v1";
  object["kind"] = "ScalingPolicy";
  return object;
}

Json tuner(const std::string& name, const std::string& hpa, int min_replicas) {
  Json object;
  object["apiVersion"] = "webapp.streamotion.com.au/v1";
  object["kind"] = "HpaTuner";
  object["metadata"] = {{"namespace", "default"}, {"name", name}};
  object["spec"]["scaleTargetRef"] = {{"kind", "HorizontalPodAutoscaler"}, {"name", hpa}};
  object["spec"]["minReplicas"] = min_replicas;
  object["spec"]["maxReplicas"] = 100;
  object["spec"]["useDecisionService"] = false;
  return object;
}

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

TEST(ScalerAppTest, DeletedPolicyIsAskedNoMore) {
  World world;
  world.api.put(kScalingPolicies, scaling_policy("p", 1, 10));
  world.start(ScalerConfig());
  world.clock.run_for(1s);

  world.api.remove(kScalingPolicies, "default", "p");
  world.clock.run_for(1min);

  EXPECT_EQ(world.decisions.size(), 1u);
}

TEST(ScalerAppTest, ChangedPolicyIsFollowedAtOnce) {
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

TEST(ScalerAppTest, RecreatedPolicyStartsAfresh) {
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

TEST(ScalerAppTest, PolicyThatIsNotValidIsRejectedAndTheOthersRun) {
  World world;
  world.api.put(kScalingPolicies, scaling_policy("a-broken", 10, 1));
  world.api.put(kScalingPolicies, scaling_policy("b-good", 5, 10));

  world.start(ScalerConfig());

  EXPECT_EQ(world.replicas(), 5);
  EXPECT_EQ(world.metrics.value("scaler_invalid_policies_total", {{"policy", "ScalingPolicy default/a-broken"}}), 1);
}

TEST(ScalerAppTest, InvalidPolicyIsCountedOncePerChangeOfItsSpec) {
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
TEST(ScalerAppTest, EditedPolicyKeepsItsCooldown) {
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

  world.clock.run_for(2min);
  EXPECT_GT(world.replicas(), 4);
}

TEST(ScalerAppTest, DesiredCountIsNotToldWithoutADecision) {
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

TEST(ScalerAppTest, PolicyOfAFileRunsBesideThoseOfTheApi) {
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

TEST(ScalerAppTest, WakesAtTheVerySecondOfASchedule) {
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

TEST(ScalerAppTest, OutageOfTheApiIsRiddenOut) {
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

TEST(ScalerAppTest, FailingWriteIsToldAndTriedAgainByTheNextLoop) {
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

TEST(ScalerAppTest, StopEndsEverythingInTheMiddleOfACall) {
  World world;
  world.api.put(kHpas, testing::hpa("api", "api", 1, 10));
  world.start(with_hpas());
  world.transport.hangs = true;
  world.clock.run_for(16s);  // the second loop waits for its scale

  world.stop();

  EXPECT_EQ(world.decisions.size(), 1u);
  EXPECT_EQ(world.clock.next_due(), std::nullopt);  // nobody waits for anything
}

TEST(ScalerAppTest, NothingStartsBeforeEveryCacheIsSynced) {
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

TEST(ScalerAppTest, PodsOfOtherTargetsAreNotCounted) {
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

TEST(ScalerAppTest, WaitForApiReturnsWhenItAnswersAndAtOnceWhenItDenies) {
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

TEST(ScalerAppTest, SameSeedGivesTheSameDecisionsAndRequests) {
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

}  // namespace
}  // namespace scaler
