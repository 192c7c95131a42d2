#include <gtest/gtest.h>

#include "scaler/client/kube_client.h"
#include "scaler/testing/rig.h"

namespace scaler {
namespace {

using base::ErrorCode;
using testing::Json;

constexpr char kCustom[] = "/apis/custom.metrics.k8s.io/v1beta2/namespaces/default/";
constexpr char kExternal[] = "/apis/external.metrics.k8s.io/v1beta1/namespaces/default/";
constexpr char kRollouts[] = "/apis/argoproj.io/v1alpha1/rollouts";

Json values(const std::vector<std::string>& quantities) {
  Json list;
  list["items"] = Json::array();
  for (const std::string& quantity : quantities) list["items"].push_back({{"value", quantity}});
  return list;
}

struct ClientRig : testing::Rig {
  // A group that Kubernetes itself does not have, with one kind.
  void discover_rollouts() {
    api.documents["/apis/argoproj.io"] =
        Json::parse(R"({"versions":[{"version":"v1alpha1"}],"preferredVersion":{"version":"v1alpha1"}})");
    api.documents["/apis/argoproj.io/v1alpha1"] =
        Json::parse(R"({"resources":[{"name":"rollouts","kind":"Rollout"},{"name":"rollouts/scale","kind":"Scale"}]})");
  }

  KubeClient client{transport, clock, metrics, KubeClientOptions()};
};

MetricNeed of_object(const std::string& api_version, const std::string& kind, const std::string& name) {
  MetricNeed need;
  need.name = "hits";
  need.object = DescribedObject{api_version, kind, name};
  return need;
}

TEST(KubeMetricsTest, AnObjectMetricIsAskedForByItsResource) {
  ClientRig rig;
  rig.api.documents[std::string(kCustom) + "ingresses.networking.k8s.io/main/hits"] = values({"2500m"});
  MetricNeed need = of_object("networking.k8s.io/v1", "Ingress", "main");
  need.selector = "verb in (GET)";

  const auto value = rig.run(rig.client.object_metric("default", need));

  ASSERT_TRUE(value) << value.error().message;
  EXPECT_EQ(value->value_milli, 2500);
  EXPECT_EQ(rig.api.requests[0], std::string("GET ") + kCustom +
                                     "ingresses.networking.k8s.io/main/hits?metricLabelSelector=verb%20in%20%28GET%29");
}

TEST(KubeMetricsTest, CoreObjectsHaveNoGroupAndANamespaceHasARootForm) {
  ClientRig rig;
  rig.api.documents[std::string(kCustom) + "services/web/hits"] = values({"1"});
  rig.api.documents[std::string(kCustom) + "metrics/hits"] = values({"7"});

  const auto service = rig.run(rig.client.object_metric("default", of_object("v1", "Service", "web")));
  const auto whole = rig.run(rig.client.object_metric("default", of_object("v1", "Namespace", "default")));

  ASSERT_TRUE(service);
  EXPECT_EQ(service->value_milli, 1000);
  ASSERT_TRUE(whole);
  EXPECT_EQ(whole->value_milli, 7000);
}

TEST(KubeMetricsTest, UnknownKindsAreLookedUpOnce) {
  ClientRig rig;
  rig.discover_rollouts();
  rig.api.documents[std::string(kCustom) + "rollouts.argoproj.io/web/hits"] = values({"1"});

  for (int i = 0; i < 3; ++i) {
    EXPECT_TRUE(rig.run(rig.client.object_metric("default", of_object("argoproj.io/v1alpha1", "Rollout", "web"))));
  }

  EXPECT_EQ(rig.api.count("GET /apis/argoproj.io/v1alpha1"), 1u);
}

TEST(KubeMetricsTest, KindsThatTheApiLacksAreSaidToBeMissing) {
  ClientRig rig;
  rig.discover_rollouts();

  const auto kind = rig.run(rig.client.object_metric("default", of_object("argoproj.io/v1alpha1", "Roll", "web")));
  const auto group = rig.run(rig.client.object_metric("default", of_object("example.com/v1", "Roll", "web")));
  const auto version = rig.run(rig.client.object_metric("default", of_object("a/b/c", "Roll", "web")));

  ASSERT_FALSE(kind);
  EXPECT_EQ(kind.error().code, ErrorCode::kNotFound);
  EXPECT_EQ(kind.error().message, "no matches for kind \"Roll\" in group \"argoproj.io\"");
  ASSERT_FALSE(group);
  EXPECT_EQ(group.error().message, "no matches for kind \"Roll\" in group \"example.com\"");
  ASSERT_FALSE(version);
  EXPECT_EQ(version.error().code, ErrorCode::kInvalid);
  EXPECT_EQ(version.error().message, "unexpected GroupVersion string: a/b/c");
}

TEST(KubeMetricsTest, ExternalMetricsAreAllSeriesOfTheSelector) {
  ClientRig rig;
  rig.api.documents[std::string(kExternal) + "queue%2Flag"] = Json();
  rig.api.documents[std::string(kExternal) + "lag"] = values({"1", "2500m", "-1"});
  MetricNeed need{"lag"};
  need.selector = "topic=a";

  const auto series = rig.run(rig.client.external_metric("default", need));

  ASSERT_TRUE(series);
  ASSERT_EQ(series->size(), 3u);
  EXPECT_EQ((*series)[1].value_milli, 2500);
  EXPECT_EQ((*series)[2].value_milli, -1000);
  EXPECT_EQ(rig.api.requests[0], std::string("GET ") + kExternal + "lag?labelSelector=topic%3Da");
}

TEST(KubeMetricsTest, PodMetricsCarryTheSelectorOfTheMetric) {
  ClientRig rig;
  rig.api.documents[std::string(kCustom) + "pods/*/rps"] = values({"1"});
  MetricNeed need{"rps"};
  need.selector = "verb=GET";

  ASSERT_TRUE(rig.run(rig.client.custom_pod_metrics("default", need, "app=api")));

  EXPECT_EQ(rig.api.requests[0],
            std::string("GET ") + kCustom + "pods/*/rps?labelSelector=app%3Dapi&metricLabelSelector=verb%3DGET");
}

TEST(KubeMetricsTest, MetricsThatNobodyServesAreNotFound) {
  ClientRig rig;
  const auto object = rig.run(rig.client.object_metric("default", of_object("v1", "Service", "web")));
  const auto series = rig.run(rig.client.external_metric("default", MetricNeed{"lag"}));
  ASSERT_FALSE(object);
  EXPECT_EQ(object.error().code, ErrorCode::kNotFound);
  ASSERT_FALSE(series);
  EXPECT_EQ(series.error().code, ErrorCode::kNotFound);
}

TEST(ScaleTargetTest, StatefulSetsControllersAndForeignKindsHaveAScaleToo) {
  ClientRig rig;
  rig.discover_rollouts();
  const std::vector<std::pair<std::string, ScaleTarget>> cases{
      {"/apis/apps/v1/statefulsets", {"apps/v1", "StatefulSet", {"default", "web"}}},
      {"/apis/apps/v1/replicasets", {"apps/v1", "ReplicaSet", {"default", "web"}}},
      {"/api/v1/replicationcontrollers", {"v1", "ReplicationController", {"default", "web"}}},
      {kRollouts, {"argoproj.io/v1alpha1", "Rollout", {"default", "web"}}}};
  for (const auto& [collection, target] : cases) {
    rig.api.add_collection(collection);
    rig.api.put(collection, testing::deployment("web", 3));

    const auto read = rig.run(rig.client.get_scale(target));
    ASSERT_TRUE(read) << target.kind << ": " << read.error().message;
    EXPECT_EQ(read->state.spec_replicas, 3);
    const auto written = rig.run(rig.client.put_scale(*read, 5));
    ASSERT_TRUE(written) << target.kind;
    const auto again = rig.run(rig.client.get_scale_again(*written));
    ASSERT_TRUE(again) << target.kind;
    EXPECT_EQ(again->state.spec_replicas, 5);
    EXPECT_EQ(rig.api.object(collection, "default", "web")["spec"]["replicas"], 5);
  }
}

TEST(ScaleTargetTest, TheVersionOfAKindOfKubernetesDoesNotMatter) {
  ClientRig rig;
  rig.api.put(testing::kDeployments, testing::deployment("api", 3));
  EXPECT_TRUE(rig.run(rig.client.get_scale(ScaleTarget{"apps/v1beta2", "Deployment", {"default", "api"}})));
}

TEST(ScaleTargetTest, TheErrorOfTheFirstVersionCounts) {
  ClientRig rig;
  rig.api.documents["/apis/example.com"] = Json::parse(R"({"versions":[{"version":"v2"},{"version":"v1"}]})");
  for (const char* version : {"v1", "v2"}) {
    rig.api.documents[std::string("/apis/example.com/") + version] =
        Json::parse(R"({"resources":[{"name":"farms","kind":"Farm"}]})");
  }
  const ScaleTarget target{"example.com/v1", "Farm", {"default", "web"}};
  rig.api.hook = [](const http::Request& request) -> std::optional<http::Response> {
    if (request.target.starts_with("/apis/example.com/v2/namespaces")) {
      return testing::status_response(403, "Forbidden", "not you");
    }
    return std::nullopt;
  };
  const auto refused = rig.run(rig.client.get_scale(target));
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, ErrorCode::kUnauthorized);

  rig.api.add_collection("/apis/example.com/v1/farms");
  rig.api.put("/apis/example.com/v1/farms", testing::deployment("web", 3));
  EXPECT_TRUE(rig.run(rig.client.get_scale(target)));
}

TEST(KubeMetricsTest, AVersionThatIsNoLongerServedIsGivenUp) {
  ClientRig rig;
  const std::string first = "/apis/custom.metrics.k8s.io/v1beta1/namespaces/default/pods/*/rps";
  const std::string second = std::string(kCustom) + "pods/*/rps";
  rig.api.documents[second] = values({"2"});
  ASSERT_TRUE(rig.run(rig.client.custom_pod_metrics("default", MetricNeed{"rps"}, "")));

  rig.api.documents.erase(second);
  rig.api.documents[first] = values({"1"});
  const auto read = rig.run(rig.client.custom_pod_metrics("default", MetricNeed{"rps"}, ""));
  ASSERT_TRUE(read) << read.error().message;
  EXPECT_EQ(read->at(0).value_milli, 1000);

  rig.api.requests.clear();
  ASSERT_TRUE(rig.run(rig.client.custom_pod_metrics("default", MetricNeed{"rps"}, "")));
  EXPECT_EQ(rig.api.requests, std::vector<std::string>{"GET " + first});  // now that one comes first
}

}  // namespace
}  // namespace scaler
