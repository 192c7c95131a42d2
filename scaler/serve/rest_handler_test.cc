#include "scaler/serve/rest_handler.h"

#include <gtest/gtest.h>

#include "scaler/testing/rest_rig.h"

namespace scaler {
namespace {

using namespace std::chrono_literals;
using testing::body_of;
using testing::expect_error;
using testing::Json;
using testing::kDeployments;
using testing::RestRig;

constexpr char kCount[] = "/replica-count?namespace=default&deployment=my-deployment";

TEST(RestHandlerTest, HealthIsOkWhenTheApiAnswers) {
  RestRig rig;
  rig.start();

  const auto response = rig.get("/healthz");

  EXPECT_EQ(response.status, 200);
  EXPECT_EQ(body_of(response), Json::parse(R"({"status":"OK"})"));
}

TEST(RestHandlerTest, HealthIsUnavailableWhenTheApiIsDownOrSlow) {
  RestRig rig;
  rig.start();

  rig.transport.refuses = true;
  expect_error(rig.get("/healthz"), 503, "Kubernetes connectivity check failed: connection refused");

  rig.transport.refuses = false;
  rig.transport.hangs = true;
  const base::Time asked = rig.clock.now();
  expect_error(rig.get("/healthz"), 503, "Kubernetes connectivity check failed: no answer within 2s");
  EXPECT_EQ(rig.clock.now(), asked + 2s);
}

TEST(RestHandlerTest, ReadyOnlyWhenTheCachesAreSynced) {
  RestRig rig;
  rig.transport.refuses = true;
  rig.start();

  expect_error(rig.get("/readyz"), 503, "Caches are not synced");
  expect_error(rig.get(kCount), 503, "Caches are not synced");
  expect_error(rig.get("/deployments"), 503, "Caches are not synced");
  expect_error(rig.post(kCount, R"({"replicas":3})"), 503, "Caches are not synced");
  EXPECT_EQ(rig.get("/livez").status, 200);

  rig.transport.refuses = false;
  rig.clock.run_for(5s);
  EXPECT_EQ(rig.get("/readyz").status, 200);
}

TEST(RestHandlerTest, CountComesFromTheCache) {
  RestRig rig;
  rig.start();
  rig.api.requests.clear();

  const auto response = rig.get(kCount);

  EXPECT_EQ(response.status, 200);
  EXPECT_EQ(body_of(response), Json::parse(R"({"replicaCount":3,"readyReplicas":3,"resourceVersion":"101"})"));
  EXPECT_TRUE(rig.api.requests.empty());
}

TEST(RestHandlerTest, CountNeedsNamespaceAndDeployment) {
  RestRig rig;
  rig.start();
  for (const char* query : {"", "?namespace=default", "?deployment=my-deployment", "?namespace=&deployment=x"}) {
    const std::string target = std::string("/replica-count") + query;
    expect_error(rig.get(target), 400, "Both namespace and deployment must be specified");
    expect_error(rig.post(target, R"({"replicas":3})"), 400, "Both namespace and deployment must be specified");
  }
}

TEST(RestHandlerTest, CountOfAnAbsentDeploymentIsNotFound) {
  RestRig rig;
  rig.start();

  expect_error(rig.get("/replica-count?namespace=default&deployment=none"), 404, "Deployment not found");
  expect_error(rig.post("/replica-count?namespace=default&deployment=none", R"({"replicas":3})"), 404,
               "Deployment not found");
}

TEST(RestHandlerTest, PostScalesAndEchoesTheCount) {
  RestRig rig;
  rig.start();

  const auto response = rig.post(kCount, R"({"replicas":5})");

  EXPECT_EQ(response.status, 200);
  EXPECT_EQ(body_of(response), Json::parse(R"({"replicaCount":5,"resourceVersion":"102"})"));
  EXPECT_EQ(rig.api.object(kDeployments, "default", "my-deployment")["spec"]["replicas"], 5);
  ASSERT_EQ(rig.decisions.size(), 1u);
  EXPECT_EQ(rig.decisions[0].trigger, Trigger::kRest);
  EXPECT_EQ(rig.decisions[0].current, 3);
  EXPECT_EQ(rig.decisions[0].final, 5);
}

struct BadBody {
  const char* name;
  const char* body;
  const char* message;
  friend void PrintTo(const BadBody& c, std::ostream* out) { *out << c.name; }
};

class BadBodyTest : public ::testing::TestWithParam<BadBody> {};

TEST_P(BadBodyTest, IsRefusedAndNothingIsWritten) {
  RestRig rig;
  rig.start();

  expect_error(rig.post(kCount, GetParam().body), 400, GetParam().message);

  EXPECT_EQ(rig.api.object(kDeployments, "default", "my-deployment")["spec"]["replicas"], 3);
  EXPECT_EQ(rig.api.count("PUT"), 0u);
}

constexpr char kNotAnObject[] = "Invalid request body: not a JSON object";
constexpr char kNotWhole[] = "Invalid request body: replicas must be a whole number";
constexpr char kTooMany[] = "Replica count must be at most 1000";

INSTANTIATE_TEST_SUITE_P(
    Bodies, BadBodyTest,
    ::testing::Values(
        BadBody{"Empty", "", kNotAnObject}, BadBody{"NoJson", "replicas=3", kNotAnObject},
        BadBody{"Torn", "{\"replicas\":", kNotAnObject}, BadBody{"Number", "3", kNotAnObject},
        BadBody{"List", "[3]", kNotAnObject}, BadBody{"Missing", "{}", "Invalid request body: replicas is missing"},
        BadBody{"Unknown", R"({"replicas":3,"force":true})", "Invalid request body: unknown field \"force\""},
        BadBody{"Misspelt", R"({"replica":3})", "Invalid request body: unknown field \"replica\""},
        BadBody{"Twice", R"({"replicas":3,"replicas":0})", "Invalid request body: a field appears twice"},
        BadBody{"Text", R"({"replicas":"3"})", kNotWhole}, BadBody{"Null", R"({"replicas":null})", kNotWhole},
        BadBody{"Fraction", R"({"replicas":2.5})", kNotWhole},
        BadBody{"Negative", R"({"replicas":-1})", "Replica count must be non-negative"},
        BadBody{"AboveMaximum", R"({"replicas":1001})", kTooMany},
        BadBody{"BeyondInt32", R"({"replicas":2147483648})", kTooMany},
        BadBody{"BeyondInt64", R"({"replicas":18446744073709551615})", kTooMany}),
    [](const auto& chosen) { return chosen.param.name; });

TEST(RestHandlerTest, PostScalesToZeroAndToTheMaximumWhenAsked) {
  RestRig rig;
  rig.start();

  EXPECT_EQ(rig.post(kCount, R"({"replicas":0})").status, 200);
  EXPECT_EQ(rig.api.object(kDeployments, "default", "my-deployment")["spec"]["replicas"], 0);
  EXPECT_EQ(rig.post(kCount, R"({"replicas":1000})").status, 200);
}

TEST(RestHandlerTest, PostOfTheCurrentCountWritesNothing) {
  RestRig rig;
  rig.start();

  EXPECT_EQ(rig.post(kCount, R"({"replicas":3})").status, 200);

  EXPECT_EQ(rig.api.count("PUT"), 0u);
}

TEST(RestHandlerTest, PostRetriesWhenSomebodyElseWasFaster) {
  RestRig rig;
  rig.start();
  int races = 3;
  rig.api.hook = [&](const http::Request& request) -> std::optional<http::Response> {
    if (request.method == "PUT" && races-- > 0) {
      rig.api.put(kDeployments, testing::deployment("my-deployment", 9));  // invalidates what was read
    }
    return std::nullopt;
  };

  const auto response = rig.post(kCount, R"({"replicas":5})");

  EXPECT_EQ(response.status, 200);
  EXPECT_EQ(rig.api.count("PUT"), 4u);
  EXPECT_EQ(rig.api.object(kDeployments, "default", "my-deployment")["spec"]["replicas"], 5);
  EXPECT_EQ(rig.metrics.value("scaler_write_conflicts_total"), 3);
}

struct RefusedWrite {
  const char* name;
  int api_status;
  int status;
  friend void PrintTo(const RefusedWrite& c, std::ostream* out) { *out << c.name; }
};

class RefusedWriteTest : public ::testing::TestWithParam<RefusedWrite> {};

TEST_P(RefusedWriteTest, IsTold) {
  RestRig rig;
  rig.start();
  rig.api.hook = [](const http::Request& request) -> std::optional<http::Response> {
    if (request.method != "PUT") return std::nullopt;
    return testing::status_response(GetParam().api_status, "Reason", "refused");
  };

  const auto response = rig.post(kCount, R"({"replicas":5})");

  EXPECT_EQ(response.status, GetParam().status) << response.body;
  EXPECT_EQ(body_of(response)["code"], GetParam().status);
  ASSERT_EQ(rig.decisions.size(), 1u);
  EXPECT_FALSE(rig.decisions[0].applied.ok);
}

INSTANTIATE_TEST_SUITE_P(Statuses, RefusedWriteTest,
                         ::testing::Values(RefusedWrite{"Deleted", 404, 404}, RefusedWrite{"Conflict", 409, 409},
                                           RefusedWrite{"Forbidden", 403, 500}, RefusedWrite{"Broken", 500, 503},
                                           RefusedWrite{"Busy", 429, 503}, RefusedWrite{"Invalid", 422, 500}),
                         [](const auto& chosen) { return chosen.param.name; });

TEST(RestHandlerTest, PostGivesUpOnASilentApi) {
  RestRig rig;
  rig.start();
  rig.transport.hangs = true;

  const auto response = rig.post(kCount, R"({"replicas":5})");

  expect_error(response, 504, "Failed to update deployment scale: no answer within 10s");
}

TEST(RestHandlerTest, PostToATargetOfAnHpaIsRefusedUnlessForced) {
  for (const bool force : {false, true}) {
    RestRig rig;
    rig.api.put(testing::kHpas, testing::hpa("web", "my-deployment", 1, 10));
    ScalerConfig config;
    config.force_ownership = force;
    rig.start(std::move(config));

    const auto response = rig.post(kCount, R"({"replicas":5})");

    if (force) {
      EXPECT_EQ(response.status, 200);
      continue;
    }
    expect_error(response, 409, "Deployment default/my-deployment is scaled by HorizontalPodAutoscaler default/web");
    EXPECT_EQ(rig.api.count("PUT"), 0u);
  }
}

TEST(RestHandlerTest, DryRunSaysSoAndWritesNothing) {
  RestRig rig;
  ScalerConfig config;
  config.actuator.dry_run = true;
  rig.start(std::move(config));

  const auto response = rig.post(kCount, R"({"replicas":5})");

  EXPECT_EQ(response.status, 200);
  EXPECT_EQ(body_of(response)["dryRun"], true);
  EXPECT_EQ(rig.api.count("PUT"), 0u);
}

TEST(RestHandlerTest, ReadsItsOwnWriteWithMinResourceVersion) {
  RestRig rig;
  rig.start();
  const auto written = body_of(rig.post(kCount, R"({"replicas":5})"));

  const auto response =
      rig.get(std::string(kCount) + "&minResourceVersion=" + written["resourceVersion"].get<std::string>());

  EXPECT_EQ(body_of(response)["replicaCount"], 5);
}

TEST(RestHandlerTest, WaitForAVersionIsBounded) {
  RestRig rig;
  rig.start();
  const base::Time asked = rig.clock.now();

  expect_error(rig.get(std::string(kCount) + "&minResourceVersion=999"), 504,
               "The cache has not reached resourceVersion 999 in time");
  EXPECT_EQ(rig.clock.now(), asked + 5s);
  expect_error(rig.get(std::string(kCount) + "&minResourceVersion=abc"), 400,
               "minResourceVersion must be a whole number");
}

TEST(RestHandlerTest, WaitForAVersionEndsWhenTheCacheGetsThere) {
  RestRig rig;
  rig.start();
  rig.clock.call_after(2s, [&] { rig.api.put(kDeployments, testing::deployment("my-deployment", 8)); });
  const base::Time asked = rig.clock.now();

  const auto response = rig.get(std::string(kCount) + "&minResourceVersion=102");

  EXPECT_EQ(body_of(response)["replicaCount"], 8);
  EXPECT_EQ(rig.clock.now(), asked + 2s);
}

TEST(RestHandlerTest, ListsDeploymentsSorted) {
  RestRig rig;
  Json other = testing::deployment("z", 1);
  other["metadata"]["namespace"] = "another";
  rig.api.put(kDeployments, other);
  rig.api.put(kDeployments, testing::deployment("api", 1));
  rig.start();

  EXPECT_EQ(body_of(rig.get("/deployments")),
            Json::parse(R"({"deployments":["another/z","default/api","default/my-deployment"]})"));
  EXPECT_EQ(body_of(rig.get("/deployments?namespace=default")),
            Json::parse(R"({"deployments":["default/api","default/my-deployment"]})"));
  EXPECT_EQ(body_of(rig.get("/deployments?namespace=none")), Json::parse(R"({"deployments":[]})"));
}

TEST(RestHandlerTest, WrongMethodAndPathAreJsonErrors) {
  RestRig rig;
  rig.start();

  for (const char* method : {"POST", "PUT", "DELETE", "HEAD"}) {
    const auto response = rig.call(method, "/deployments");
    expect_error(response, 405, "Method Not Allowed");
    EXPECT_EQ(response.headers.get("Allow"), "GET");
  }
  const auto response = rig.call("DELETE", kCount);
  expect_error(response, 405, "Method Not Allowed");
  EXPECT_EQ(response.headers.get("Allow"), "GET, POST");
  expect_error(rig.get("/nope"), 404, "Not Found");
  expect_error(rig.get("/healthz/"), 404, "Not Found");
  expect_error(rig.get("/replica-count?namespace=%zz"), 400, "Invalid request target");
}

TEST(RestHandlerTest, TooLargeABodyIsRefused) {
  RestRig rig;
  rig.start();

  expect_error(rig.post(kCount, std::string(65 * 1024, ' ')), 413, "Request body too large");
}

TEST(RestHandlerTest, RefusalsAreCountedUnderLabelsThatClientsCannotMakeUp) {
  RestRig rig;
  rig.start();
  rig.get("/nope");
  rig.get("/nope/2");
  rig.call("BREW", kCount);
  rig.post(kCount, std::string(65 * 1024, ' '));
  const auto counted = [&](const char* path, const char* method, const char* code) {
    return rig.metrics.value("scaler_http_requests_total", {{"path", path}, {"method", method}, {"code", code}});
  };

  EXPECT_EQ(counted("other", "GET", "404"), 2);
  EXPECT_EQ(counted("/replica-count", "other", "405"), 1);
  EXPECT_EQ(counted("/replica-count", "POST", "413"), 1);
}

TEST(RestHandlerTest, MetricsAreInPrometheusTextAndTellTheAgeOfTheCaches) {
  RestRig rig;
  rig.start();
  rig.clock.run_for(42s);

  const auto response = rig.get("/metrics");

  EXPECT_EQ(response.headers.get("Content-Type"), "text/plain; version=0.0.4; charset=utf-8");
  EXPECT_NE(response.body.find("scaler_api_requests_total{"), std::string::npos);
  EXPECT_NE(response.body.find("scaler_cache_age_seconds{resource=\"pods\"} 42"), std::string::npos);
}

TEST(RestHandlerTest, RecentDecisionsComeOldestFirst) {
  RestRig rig;
  ScalerConfig config;
  config.remembered_decisions = 3;
  rig.start(std::move(config));
  for (const int n : {4, 5, 6, 7}) rig.post(kCount, "{\"replicas\":" + std::to_string(n) + "}");

  const Json all = body_of(rig.get("/v1/decisions"))["decisions"];
  const Json last = body_of(rig.get("/v1/decisions?limit=1"))["decisions"];

  ASSERT_EQ(all.size(), 3u);
  EXPECT_EQ(all[0]["final"], 5);
  EXPECT_EQ(all[2]["final"], 7);
  EXPECT_EQ(all[2]["trigger"], "rest");
  ASSERT_EQ(last.size(), 1u);
  EXPECT_EQ(last[0]["final"], 7);
  for (const char* limit : {"0", "-1", "x", ""}) {
    expect_error(rig.get(std::string("/v1/decisions?limit=") + limit), 400, "limit must be a positive whole number");
  }
}

}  // namespace
}  // namespace scaler
