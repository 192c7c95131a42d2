#include "scaler/client/kube_client.h"

#include <gtest/gtest.h>

#include "scaler/client/kube_json.h"
#include "scaler/testing/rig.h"

namespace scaler {
namespace {

using namespace std::chrono_literals;
using base::ErrorCode;
using testing::kStart;

const ObjectKey kApi{"default", "api"};

struct ClientRig : testing::Rig {
  ClientRig() { api.put(testing::kDeployments, testing::deployment("api", 3)); }
  KubeClient client{transport, clock, metrics, KubeClientOptions()};
};

http::Response with_retry_after(int status, const std::string& seconds) {
  http::Response response = http::text_response(status, "Too many requests, please try again later.\n");
  response.headers.set("Retry-After", seconds);
  return response;
}

struct RefusalCase {
  const char* name;
  int status;
  const char* reason;
  ErrorCode expected;
  friend void PrintTo(const RefusalCase& c, std::ostream* out) { *out << c.name; }
};

class RefusalTest : public ::testing::TestWithParam<RefusalCase> {};

TEST_P(RefusalTest, BecomesTheErrorThatTellsWhatToDo) {
  ClientRig rig;
  rig.api.hook = [](const http::Request&) {
    return testing::status_response(GetParam().status, GetParam().reason, "the reason in words");
  };

  const auto scale = rig.run(rig.client.get_scale(kApi));

  ASSERT_FALSE(scale);
  EXPECT_EQ(scale.error().code, GetParam().expected);
  EXPECT_EQ(scale.error().message,
            "the reason in words (" + std::to_string(GetParam().status) + " " + GetParam().reason + ")");
  EXPECT_EQ(rig.api.requests.size(), 1u);
}

INSTANTIATE_TEST_SUITE_P(Statuses, RefusalTest,
                         ::testing::Values(RefusalCase{"BadRequest", 400, "BadRequest", ErrorCode::kInvalid},
                                           RefusalCase{"Unauthorized", 401, "Unauthorized", ErrorCode::kUnauthorized},
                                           RefusalCase{"Forbidden", 403, "Forbidden", ErrorCode::kUnauthorized},
                                           RefusalCase{"NotFound", 404, "NotFound", ErrorCode::kNotFound},
                                           RefusalCase{"Conflict", 409, "Conflict", ErrorCode::kConflict},
                                           RefusalCase{"AlreadyExists", 409, "AlreadyExists", ErrorCode::kExists},
                                           RefusalCase{"Expired", 410, "Expired", ErrorCode::kExpired},
                                           RefusalCase{"Invalid", 422, "Invalid", ErrorCode::kInvalid},
                                           RefusalCase{"TooManyRequests", 429, "TooManyRequests",
                                                       ErrorCode::kRateLimited},
                                           RefusalCase{"InternalError", 500, "InternalError", ErrorCode::kUnavailable},
                                           RefusalCase{"Timeout", 504, "Timeout", ErrorCode::kUnavailable}),
                         [](const auto& chosen) { return chosen.param.name; });

TEST(KubeClientTest, ReadsTheScale) {
  ClientRig rig;

  const auto scale = rig.run(rig.client.get_scale(kApi));

  ASSERT_TRUE(scale);
  EXPECT_EQ(scale->state.spec_replicas, 3);
  EXPECT_EQ(scale->state.selector, "app=api");
  EXPECT_EQ(scale->meta.resource_version, "101");
  EXPECT_EQ(rig.api.requests[0], "GET /apis/apps/v1/namespaces/default/deployments/api/scale");
}

TEST(KubeClientTest, WritesTheScaleAsCompareAndSwap) {
  ClientRig rig;
  const Scale read = rig.run(rig.client.get_scale(kApi)).value();

  const auto written = rig.run(rig.client.put_scale(read, 5));
  const auto lost_race = rig.run(rig.client.put_scale(read, 7));

  ASSERT_TRUE(written);
  EXPECT_EQ(written->meta.resource_version, "102");
  ASSERT_FALSE(lost_race);
  EXPECT_EQ(lost_race.error().code, ErrorCode::kConflict);
  EXPECT_EQ(rig.api.object(testing::kDeployments, "default", "api")["spec"]["replicas"], 5);
}

TEST(KubeClientTest, WaitsAsLongAsRetryAfterSaysAndTriesAgain) {
  ClientRig rig;
  int refusals = 2;
  rig.api.hook = [&](const http::Request&) -> std::optional<http::Response> {
    if (refusals-- > 0) return with_retry_after(429, "3");
    return std::nullopt;
  };

  const auto scale = rig.run(rig.client.get_scale(kApi));

  EXPECT_TRUE(scale);
  EXPECT_EQ(rig.clock.now(), kStart + 6s);
  EXPECT_EQ(rig.api.requests.size(), 3u);
  EXPECT_EQ(rig.metrics.value("scaler_api_requests_total", {{"method", "GET"}, {"code", "429"}}), 2);
}

TEST(KubeClientTest, DoesNotWaitBeyondTheDeadlineForRetryAfter) {
  ClientRig rig;
  rig.api.hook = [&](const http::Request&) { return with_retry_after(503, "10"); };

  const auto scale = rig.run(rig.client.get_scale(kApi));

  ASSERT_FALSE(scale);
  EXPECT_EQ(scale.error().code, ErrorCode::kUnavailable);
  EXPECT_EQ(scale.error().message, "Too many requests, please try again later. (503)");
  EXPECT_EQ(rig.clock.now(), kStart);
}

TEST(KubeClientTest, GivesUpOnAnAnswerThatDoesNotCome) {
  ClientRig rig;
  rig.transport.hangs = true;

  const auto scale = rig.run(rig.client.get_scale(kApi));

  ASSERT_FALSE(scale);
  EXPECT_EQ(scale.error(), (base::Error{ErrorCode::kTimeout, "no answer within 10s"}));
  EXPECT_EQ(rig.clock.now(), kStart + 10s);
}

TEST(KubeClientTest, CancellationDuringACallEndsIt) {
  ClientRig rig;
  rig.transport.hangs = true;
  bool returned = false;
  const auto call = [&]() -> boost::asio::awaitable<void> {
    const auto scale = co_await rig.client.get_scale(kApi);
    returned = true;
  };
  rig.tasks.spawn(call());
  rig.clock.run_for(1s);

  rig.tasks.cancel();
  rig.clock.run_ready();

  EXPECT_TRUE(rig.tasks.empty());
  EXPECT_FALSE(returned);
}

TEST(KubeClientTest, RefusedConnectionIsUnavailable) {
  ClientRig rig;
  rig.transport.refuses = true;

  const auto scale = rig.run(rig.client.get_scale(kApi));

  ASSERT_FALSE(scale);
  EXPECT_EQ(scale.error().code, ErrorCode::kUnavailable);
}

TEST(KubeClientTest, GarbageInTheAnswerIsAnErrorAndNotZeroReplicas) {
  ClientRig rig;
  for (const char* body : {"", "{", "[]", "null", "{\"spec\":{}}", "{\"metadata\":{}}", "\xff\xfe"}) {
    rig.api.hook = [body](const http::Request&) { return http::json_response(200, body); };
    const auto scale = rig.run(rig.client.get_scale(kApi));
    ASSERT_FALSE(scale) << body;
    EXPECT_EQ(scale.error().code, ErrorCode::kUnavailable) << body;
  }
}

TEST(KubeClientTest, PatchesMinReplicasUnderTheVersionThatWasRead) {
  ClientRig rig;
  rig.api.put(testing::kHpas, testing::hpa("api-hpa", "api", 2, 10));
  const ObjectKey key{"default", "api-hpa"};

  const auto stale = rig.run(rig.client.patch_hpa_min_replicas(key, 5, "1"));
  const auto written = rig.run(rig.client.patch_hpa_min_replicas(key, 5, "102"));

  ASSERT_FALSE(stale);
  EXPECT_EQ(stale.error().code, ErrorCode::kConflict);
  ASSERT_TRUE(written);
  EXPECT_EQ(observe_hpa(*written).min_replicas, 5);
}

TEST(KubeClientTest, ReadsPodMetricsBySelector) {
  ClientRig rig;
  rig.api.documents["/apis/metrics.k8s.io/v1beta1/namespaces/default/pods"] =
      testing::pod_metrics({{"api-0", "8912345n"}, {"api-1", "250m"}}, kStart);

  const auto usages = rig.run(rig.client.pod_metrics("default", "app=api,tier in (a,b)"));

  ASSERT_TRUE(usages);
  ASSERT_EQ(usages->size(), 2u);
  EXPECT_EQ((*usages)[0].containers[0].cpu_milli, 9);  // rounded up
  EXPECT_EQ((*usages)[1].containers[0].cpu_milli, 250);
  EXPECT_EQ((*usages)[1].containers[0].memory_milli, std::int64_t{64} * 1024 * 1024 * 1000);
  EXPECT_EQ((*usages)[1].window, 15s);
  EXPECT_EQ((*usages)[1].timestamp, kStart);
  EXPECT_EQ(
      rig.api.requests[0],
      "GET /apis/metrics.k8s.io/v1beta1/namespaces/default/pods?labelSelector=app%3Dapi%2Ctier%20in%20%28a%2Cb%29");
}

TEST(KubeClientTest, FallsBackToTheOlderCustomMetricsVersionAndRemembersIt) {
  ClientRig rig;
  testing::Json item;
  item["describedObject"]["name"] = "api-0";
  item["value"] = "140500m";
  testing::Json list;
  list["items"].push_back(item);
  rig.api.documents["/apis/custom.metrics.k8s.io/v1beta1/namespaces/default/pods/*/requests_per_second"] = list;

  const auto first = rig.run(rig.client.custom_pod_metrics("default", MetricNeed{"requests_per_second"}, "app=api"));
  const auto second = rig.run(rig.client.custom_pod_metrics("default", MetricNeed{"requests_per_second"}, "app=api"));

  ASSERT_TRUE(first);
  ASSERT_EQ(first->size(), 1u);
  EXPECT_EQ((*first)[0].value_milli, 140'500);
  EXPECT_EQ((*first)[0].window, 60s);  // not stated
  ASSERT_TRUE(second);
  EXPECT_EQ(rig.api.count("GET /apis/custom.metrics.k8s.io/v1beta2"), 1u);
  EXPECT_EQ(rig.api.count("GET /apis/custom.metrics.k8s.io/v1beta1"), 2u);
}

TEST(ObjectPathTest, EscapesNamesAndLeavesOutWhatIsEmpty) {
  EXPECT_EQ(object_path("api/v1", "", "pods"), "/api/v1/pods");
  EXPECT_EQ(object_path("apis/apps/v1", "a b", "deployments", "x/y", "scale"),
            "/apis/apps/v1/namespaces/a%20b/deployments/x%2Fy/scale");
}

}  // namespace
}  // namespace scaler
