#include <gtest/gtest.h>

#include "scaler/client/decision_service.h"
#include "scaler/testing/app_world.h"
#include "scaler/testing/rest_rig.h"

namespace scaler {
namespace {

using namespace std::chrono_literals;
using testing::body_of;
using testing::expect_error;
using testing::kDeployments;
using testing::kHpas;
using testing::kScalingPolicies;
using testing::RestRig;
using Json = nlohmann::json;

constexpr char kQuestion[] = "/api/HorizontalPodAutoscaler?name=default/web&current-min=1&current-instance-count=3";

// A ScalingPolicy that advises the HPA "web": 30 from a minute after the start, for two minutes.
Json advice(const std::string& name, int min) {
  Json policy = testing::scaling_policy(name, 1, 100);
  policy["spec"]["scaleTargetRef"] = {
      {"apiVersion", "autoscaling/v2"}, {"kind", "HorizontalPodAutoscaler"}, {"name", "web"}};
  Json schedule = {{"name", "kick-off"}, {"cron", "1 0 * * *"}, {"timeZone", "UTC"}};
  schedule["duration"] = "2m";
  schedule["minReplicas"] = min;
  policy["spec"]["schedules"].push_back(schedule);
  return policy;
}

struct AdviceRig : RestRig {
  AdviceRig() {
    api.put(kHpas, testing::hpa("web", "my-deployment", 1, 100));
    api.put(kScalingPolicies, advice("p", 30));
  }
};

TEST(RestAdviceTest, AnswersTheMinimumOfTheSchedule) {
  AdviceRig rig;
  rig.start();
  rig.clock.run_for(90s);

  const auto response = rig.get(kQuestion);

  EXPECT_EQ(response.status, 200);
  EXPECT_EQ(body_of(response), Json::parse(R"({"decision":{"minCount":30}})"));
  EXPECT_EQ(response.headers.get("Content-Type"), "application/json");
}

TEST(RestAdviceTest, AnAdvisorWritesNothingAndRecordsItsAdvice) {
  AdviceRig rig;
  rig.start();
  rig.clock.run_for(90s);

  EXPECT_EQ(rig.api.count("PUT"), 0u);
  EXPECT_EQ(rig.api.count("PATCH"), 0u);
  ASSERT_FALSE(rig.decisions.empty());
  const Decision& decision = rig.decisions.back();
  EXPECT_EQ(decision.policy, "p");
  EXPECT_EQ(decision.target, "default/web");
  EXPECT_EQ(decision.field, "advice");
  EXPECT_EQ(decision.final, 30);
  EXPECT_TRUE(decision.applied.ok);
  EXPECT_EQ(decision.applied.status, "advice");
}

TEST(RestAdviceTest, AdviceIsNoNewsForTheLog) {
  testing::World world;
  world.api.put(kHpas, testing::hpa("web", "api", 1, 100));
  world.api.put(kScalingPolicies, advice("p", 30));
  const base::Log log(world.clock, base::LogOptions{});
  std::vector<Decision> decisions;
  ::testing::internal::CaptureStderr();
  world.app.emplace(ScalerConfig(), world.clock, world.transport, base::Random(1), log, world.metrics,
                    [&](const Decision& decision) { decisions.push_back(decision); });
  world.app->start();
  world.clock.run_for(90s);
  world.stop();

  const std::string text = ::testing::internal::GetCapturedStderr();
  ASSERT_FALSE(decisions.empty());
  EXPECT_EQ(decisions.back().final, 30) << decisions.back().error;
  EXPECT_EQ(text.find("info decision"), std::string::npos) << text;
}

TEST(RestAdviceTest, OfTwoAdvisorsTheHigherCounts) {
  AdviceRig rig;
  rig.api.put(kScalingPolicies, advice("q", 45));
  rig.start();
  rig.clock.run_for(90s);

  EXPECT_EQ(body_of(rig.get(kQuestion))["decision"]["minCount"], 45);
}

TEST(RestAdviceTest, AnUnknownHpaAndNoOpinionAreNotFound) {
  AdviceRig rig;
  rig.api.put(kHpas, testing::hpa("other", "my-deployment", 1, 100));
  rig.start();

  expect_error(rig.get("/api/HorizontalPodAutoscaler?name=default/none&current-min=1&current-instance-count=3"), 404,
               "HorizontalPodAutoscaler default/none not found");
  expect_error(rig.get("/api/HorizontalPodAutoscaler?name=default/other&current-min=1&current-instance-count=3"), 404,
               "No opinion on HorizontalPodAutoscaler default/other");
}

TEST(RestAdviceTest, OfAStoppedDeploymentThereIsNoOpinion) {
  AdviceRig rig;
  rig.start();
  rig.clock.run_for(90s);
  rig.call("POST", "/stop?deployment=my-deployment");

  expect_error(rig.get(kQuestion), 404, "No opinion on HorizontalPodAutoscaler default/web: its Deployment is stopped");
}

TEST(RestAdviceTest, MissingAndBadParametersAreRefused) {
  AdviceRig rig;
  rig.start();
  const std::string path = "/api/HorizontalPodAutoscaler?";
  for (const char* name : {"", "name=web&", "name=/web&", "name=default/&", "name=a/b/c&"}) {
    expect_error(rig.get(path + name + "current-min=1&current-instance-count=3"), 400,
                 "name must be the HPA's namespace/name");
  }
  for (const char* count :
       {"", "current-min=", "current-min=-1", "current-min=x", "current-min=1.5", "current-min=4294967296"}) {
    expect_error(rig.get(path + "name=default/web&current-instance-count=3&" + count), 400,
                 "current-min must be a whole number that is not negative");
  }
  expect_error(rig.get(path + "name=default/web&current-min=1"), 400,
               "current-instance-count must be a whole number that is not negative");
  expect_error(rig.call("POST", kQuestion), 405, "Method Not Allowed");
}

TEST(RestAdviceTest, UnavailableUntilTheCachesAreSynced) {
  AdviceRig rig;
  rig.transport.refuses = true;
  rig.start();

  expect_error(rig.get(kQuestion), 503, "Caches are not synced");
}

// The client's side: what counts as an answer.
struct ServiceRig : testing::Rig {
  std::optional<int> ask(int status, const std::string& body, DecisionQuestion question = {}) {
    api.hook = [=](const http::Request& request) -> std::optional<http::Response> {
      EXPECT_EQ(request.target,
                "/api/HorizontalPodAutoscaler?name=default%2Fweb&current-min=2&current-instance-count=5");
      return http::json_response(status, body);
    };
    DecisionService service(transport, clock, log, metrics);
    question.name = "default/web";
    question.current_min = 2;
    question.current_count = 5;
    return run(service.ask(std::move(question)));
  }
};

TEST(DecisionServiceTest, OnlyAMinCountWithStatus200IsAnOpinion) {
  ServiceRig rig;
  EXPECT_EQ(rig.ask(200, R"({"decision":{"minCount":99}})"), 99);
  EXPECT_EQ(rig.ask(500, R"({"decision":{"minCount":99}})"), std::nullopt);
  EXPECT_EQ(rig.ask(404, R"({"message":"No opinion","code":404})"), std::nullopt);
  for (const char* garbage : {"", "<html>", "{}", "null", R"({"decision":{}})", R"({"decision":{"minCount":"9"}})",
                              R"({"decision":{"minCount":-1}})", R"({"decision":{"minCount":1.5}})"}) {
    EXPECT_EQ(rig.ask(200, garbage), std::nullopt) << garbage;
  }
}

TEST(DecisionServiceTest, AServiceThatIsDownOrSlowHasNoOpinion) {
  ServiceRig rig;
  rig.transport.refuses = true;
  EXPECT_EQ(rig.ask(200, R"({"decision":{"minCount":99}})"), std::nullopt);
  rig.transport.refuses = false;
  rig.transport.hangs = true;
  const base::Time asked = rig.clock.now();
  EXPECT_EQ(rig.ask(200, R"({"decision":{"minCount":99}})"), std::nullopt);
  EXPECT_EQ(rig.clock.now(), asked + 10s);
}

TEST(DecisionServiceTest, TheMistakesOfTheFirstTunerAreAskedFor) {
  ServiceRig rig;
  DecisionQuestion unchecked;
  unchecked.status_unchecked = true;
  EXPECT_EQ(rig.ask(500, R"({"decision":{"minCount":99}})", unchecked), 99);
  EXPECT_EQ(rig.ask(500, "oops", unchecked), std::nullopt);

  DecisionQuestion zero;
  zero.garbage_is_zero = true;
  EXPECT_EQ(rig.ask(200, "oops", zero), 0);
  EXPECT_EQ(rig.ask(500, "oops", zero), std::nullopt);
}

}  // namespace
}  // namespace scaler
