#include "fake-apiserver/fake_apiserver.h"

#include <cmath>

#include "fake-apiserver/api/testing.h"

namespace fakeapi {
namespace {

using namespace std::chrono_literals;

class ReadTest : public ApiTest {
 protected:
  ReadTest() : ApiTest({.store = {.history_limit = 50, .history_age = 5min}}) {}
};

TEST_F(ReadTest, AnEmptyListHasANumericRevision) {
  const Json list = expect(200, {.target = kPodsUrl, .accept = "application/json"});
  EXPECT_EQ(list.at("kind"), "PodList");
  EXPECT_EQ(list.at("apiVersion"), "v1");
  EXPECT_EQ(version_of(list), std::to_string(store().revision()));
  EXPECT_TRUE(list.at("items").empty());
}

TEST_F(ReadTest, AbsentObjectsAre404InTheWordsOfKubernetes) {
  const Json pod = expect(404, {.target = kPodsUrl + "/none"});
  EXPECT_EQ(pod.at("kind"), "Status");
  EXPECT_EQ(pod.at("reason"), "NotFound");
  EXPECT_EQ(pod.at("message"), "pods \"none\" not found");
  EXPECT_EQ(pod.at("details"), (Json{{"name", "none"}, {"kind", "pods"}}));
  EXPECT_EQ(expect(404, {.target = kDeploymentsUrl + "/none"}).at("message"), "deployments.apps \"none\" not found");
}

TEST_F(ReadTest, UnknownResourcesAndGroupsAre404) {
  EXPECT_EQ(expect(404, {.target = "/api/v1/namespaces/default/things"}).at("message"),
            "the server could not find the requested resource");
  EXPECT_EQ(call({.target = "/apis/nope/v1"}).status, 404);
  EXPECT_EQ(call({.target = "/apis/nope/v1/things"}).status, 404);
  EXPECT_EQ(call({.target = "/nope"}).status, 404);
  EXPECT_EQ(call({.target = "/apis/apps/v1/deployments/web"}).status, 404);
  EXPECT_EQ(call({.target = kPodsUrl + "/p/scale"}).status, 404);
  EXPECT_EQ(call({.target = "no-slash"}).status, 400);
}

TEST_F(ReadTest, ProtobufIsAnsweredInJson) {
  for (const char* accept :
       {"application/vnd.kubernetes.protobuf, */*", "application/vnd.kubernetes.protobuf,application/json"}) {
    const http::Response response = call({.target = kPodsUrl, .accept = accept});
    EXPECT_EQ(response.status, 200);
    EXPECT_EQ(response.headers.get("Content-Type"), "application/json");
  }
  EXPECT_EQ(expect(406, {.target = kPodsUrl, .accept = "application/vnd.kubernetes.protobuf"}).at("reason"),
            "NotAcceptable");
}

TEST_F(ReadTest, ErrorsAreJsonWhateverAcceptAsksFor) {
  for (const std::string accept : {kTableAccept.c_str(), "application/json;as=PartialObjectMetadata;g=meta.k8s.io;v=v1",
                                   "application/vnd.kubernetes.protobuf, */*", "*/*"}) {
    for (const std::string& target : {kPodsUrl + "/none", std::string("/api/v1/namespaces/default/things")}) {
      const http::Response response = call({.target = target, .accept = accept});
      EXPECT_EQ(response.status, 404) << accept;
      EXPECT_EQ(response.headers.get("Content-Type"), "application/json") << accept;
      EXPECT_EQ(Json::parse(response.body).at("kind"), "Status") << accept;
    }
  }
}

TEST_F(ReadTest, UnknownQueryParametersAreIgnored) {
  EXPECT_EQ(call({.target = kPodsUrl + "?timeout=32s&foo=bar&pretty=1&watch=false"}).status, 200);
  EXPECT_EQ(call({.target = kPodsUrl + "?limit=many"}).status, 400);
}

TEST_F(ReadTest, VersionAndHealth) {
  const Json version = get("/version");
  EXPECT_EQ(version.at("major"), "1");
  EXPECT_EQ(version.at("minor"), "32");
  EXPECT_EQ(version.at("gitVersion"), "v1.32.0");
  for (const char* path : {"/healthz", "/livez", "/readyz", "/readyz/ping"}) {
    EXPECT_EQ(call({.target = path}).body, "ok") << path;
  }
  EXPECT_NE(call({.target = "/readyz?verbose"}).body.find("readyz check passed"), std::string::npos);
}

TEST_F(ReadTest, MetricsCountRequests) {
  get(kPodsUrl);
  call({.target = kPodsUrl + "/none"});
  const std::string text = call({.target = "/metrics"}).body;
  EXPECT_NE(text.find("fakeapi_requests_total{code=\"200\",resource=\"pods\",verb=\"list\"} 1"), std::string::npos)
      << text;
  EXPECT_NE(text.find("fakeapi_requests_total{code=\"404\",resource=\"pods\",verb=\"get\"} 1"), std::string::npos);
  EXPECT_NE(text.find("fakeapi_store_revision"), std::string::npos);
}

TEST_F(ReadTest, SelectorsChooseTheRightSet) {
  create(kPodsUrl, test_pod("one", {{"a", "b"}, {"e", "x"}, {"g", ""}}));
  create(kPodsUrl, test_pod("two", {{"a", "b"}, {"e", "x"}, {"g", ""}, {"f", "1"}}));
  create(kPodsUrl, test_pod("three", {{"a", "b"}, {"c", "d"}, {"e", "y"}, {"g", ""}}));
  create(kPodsUrl, test_pod("four", {{"a", "b"}, {"e", "z"}, {"g", ""}}));

  const Json list = get(kPodsUrl + "?labelSelector=a%3Db%2Cc%21%3Dd%2Ce+in+%28x%2Cy%29%2C%21f%2Cg");
  EXPECT_EQ(names_of(list), (std::vector<std::string>{"one"}));
  EXPECT_EQ(call({.target = kPodsUrl + "?labelSelector=a%20b"}).status, 400);
  EXPECT_EQ(names_of(get(kPodsUrl + "?fieldSelector=metadata.name%3Dfour")), (std::vector<std::string>{"four"}));
  EXPECT_EQ(expect(400, {.target = kPodsUrl + "?fieldSelector=spec.foo%3D1"}).at("message"),
            "field label not supported: spec.foo");
}

TEST_F(ReadTest, EveryKindSelectsByName) {
  const ResourceRegistry registry = ResourceRegistry::builtin();
  for (const ResourceInfo& info : registry.all()) {
    if (info.transient) continue;
    // One that is served by two groups is there already the second time.
    for (const char* name : {"one", "other"}) {
      Json object = {{"apiVersion", info.stored_api_version()}, {"kind", info.kind}, {"metadata", {{"name", name}}}};
      if (info.namespaced) object["metadata"]["namespace"] = "default";
      (void)store().create(info.resource, std::move(object));
    }
    const std::string prefix = info.served_group().empty() ? "/api/" : "/apis/" + info.served_group() + "/";
    const std::string target = prefix + info.versions.front() + "/" + info.resource.plural;
    const Json list = get(target + "?fieldSelector=metadata.name%3Done");
    EXPECT_EQ(list.at("kind"), info.kind + "List");
    EXPECT_EQ(names_of(list), std::vector<std::string>{"one"}) << target;
    EXPECT_TRUE(get(target + "?fieldSelector=metadata.name%3Dnone").at("items").empty()) << target;
  }
}

TEST_F(ReadTest, AnAbsentNamespaceIsEmptyToReadersAndClosedToWriters) {
  EXPECT_TRUE(get("/apis/apps/v1/namespaces/nope/deployments").at("items").empty());
  const Json refused = expect(
      404,
      {.method = "POST", .target = "/apis/apps/v1/namespaces/nope/deployments", .body = test_deployment("web").dump()});
  EXPECT_EQ(refused.at("message"), "namespaces \"nope\" not found");
}

TEST_F(ReadTest, RevisionZeroIgnoresTheLimit) {
  for (const char* name : {"a", "b", "c"}) create(kPodsUrl, test_pod(name));
  EXPECT_EQ(get(kPodsUrl + "?limit=2&resourceVersion=0").at("items").size(), 3u);
}

TEST_F(ReadTest, PagesShowTheRevisionOfTheFirst) {
  for (const char* name : {"a", "b", "c", "d", "e"}) create(kPodsUrl, test_pod(name));

  const Json first = get(kPodsUrl + "?limit=2");
  EXPECT_EQ(names_of(first), (std::vector<std::string>{"a", "b"}));
  EXPECT_EQ(first.at("metadata").at("remainingItemCount"), 3);
  const std::string token = first.at("metadata").at("continue").get<std::string>();

  create(kPodsUrl, test_pod("bb"));
  expect(200, {.method = "DELETE", .target = kPodsUrl + "/c"});
  const Json second = get(kPodsUrl + "?limit=2&continue=" + http::percent_encode(token));
  EXPECT_EQ(names_of(second), (std::vector<std::string>{"c", "d"}));
  EXPECT_EQ(version_of(second), version_of(first));
  const std::string last_token = second.at("metadata").at("continue").get<std::string>();
  const Json last = get(kPodsUrl + "?limit=2&continue=" + http::percent_encode(last_token));
  EXPECT_EQ(names_of(last), (std::vector<std::string>{"e"}));
  EXPECT_FALSE(last.at("metadata").contains("continue"));
  EXPECT_FALSE(get(kPodsUrl + "?limit=2&labelSelector=!x").at("metadata").contains("remainingItemCount"));
}

TEST_F(ReadTest, AnExpiredPageOffersToGoOnInconsistently) {
  for (const char* name : {"a", "b", "c"}) create(kPodsUrl, test_pod(name));
  const std::string token = get(kPodsUrl + "?limit=1").at("metadata").at("continue").get<std::string>();
  for (int i = 0; i < 60; ++i) create(kConfigMapsUrl, {{"metadata", {{"name", "c" + std::to_string(i)}}}});

  const Json expired = expect(410, {.target = kPodsUrl + "?limit=1&continue=" + http::percent_encode(token)});
  EXPECT_EQ(expired.at("reason"), "Expired");
  const std::string fresh = expired.at("metadata").at("continue").get<std::string>();
  EXPECT_EQ(names_of(get(kPodsUrl + "?continue=" + http::percent_encode(fresh))), (std::vector<std::string>{"b", "c"}));
  EXPECT_EQ(call({.target = kPodsUrl + "?continue=rubbish"}).status, 400);
}

TEST_F(ReadTest, AnExactRevisionIsServedFromHistory) {
  create(kPodsUrl, test_pod("a"));
  const std::string then = version_of(create(kPodsUrl, test_pod("b")));
  expect(200, {.method = "DELETE", .target = kPodsUrl + "/a"});

  const std::string exact = kPodsUrl + "?resourceVersionMatch=Exact&resourceVersion=";
  EXPECT_EQ(names_of(get(exact + then)), (std::vector<std::string>{"a", "b"}));
  for (int i = 0; i < 60; ++i) create(kConfigMapsUrl, {{"metadata", {{"name", "c" + std::to_string(i)}}}});
  EXPECT_EQ(expect(410, {.target = exact + then}).at("message"),
            "The resourceVersion for the provided list is too old.");
  EXPECT_EQ(call({.target = kPodsUrl + "?resourceVersionMatch=Exact"}).status, 422);
}

TEST_F(ReadTest, AFutureRevisionIsWaitedForThenTimesOut) {
  const Json timeout = expect(504, {.target = kPodsUrl + "?resourceVersion=99999999"});
  EXPECT_EQ(timeout.at("reason"), "Timeout");
  EXPECT_EQ(timeout.at("details").at("causes").at(0).at("reason"), "ResourceVersionTooLarge");
  EXPECT_EQ(clock_.now(), kTestStart + 3s);

  const std::string next = std::to_string(store().revision() + 1);
  clock_.call_after(1s, [this] { (void)store().create({"", "configmaps"}, {{"metadata", {{"name", "x"}}}}); });
  EXPECT_EQ(call({.target = kPodsUrl + "?resourceVersion=" + next}).status, 200);
}

TEST_F(ReadTest, TheFourNamespacesExistAndAreFurnished) {
  EXPECT_EQ(names_of(get("/api/v1/namespaces")),
            (std::vector<std::string>{"default", "kube-node-lease", "kube-public", "kube-system"}));
  get("/api/v1/namespaces/default/serviceaccounts/default");
  get("/api/v1/namespaces/default/configmaps/kube-root-ca.crt");
}

TEST_F(ReadTest, LegacyDiscovery) {
  const Json core = get("/api");
  EXPECT_EQ(core.at("kind"), "APIVersions");
  EXPECT_EQ(core.at("versions"), Json::array({"v1"}));
  bool found = false;
  const Json list = get("/apis");
  for (const Json& group : list.at("groups")) {
    if (group.at("name") != "autoscaling") continue;
    found = true;
    EXPECT_EQ(group.at("preferredVersion").at("groupVersion"), "autoscaling/v2");
  }
  EXPECT_TRUE(found);
  EXPECT_EQ(get("/apis/gamenight").at("preferredVersion").at("groupVersion"), "gamenight/v1");
}

TEST_F(ReadTest, ResourceListsNameScaleShortNamesAndCategories) {
  Json deployments;
  Json scale;
  const Json list = get("/apis/apps/v1");
  for (const Json& resource : list.at("resources")) {
    if (resource.at("name") == "deployments") deployments = resource;
    if (resource.at("name") == "deployments/scale") scale = resource;
  }
  EXPECT_EQ(deployments.at("shortNames"), Json::array({"deploy"}));
  EXPECT_EQ(deployments.at("categories"), Json::array({"all"}));
  EXPECT_EQ(scale.at("kind"), "Scale");
  EXPECT_EQ(scale.at("group"), "autoscaling");
  EXPECT_EQ(scale.at("version"), "v1");
}

TEST_F(ReadTest, AggregatedDiscoveryNamesItselfInTheContentType) {
  for (const std::string version : {"v2", "v2beta1"}) {
    const std::string accept =
        "application/json;g=apidiscovery.k8s.io;v=" + version + ";as=APIGroupDiscoveryList,application/json";
    const http::Response response = call({.target = "/apis", .accept = accept});
    EXPECT_EQ(response.headers.get("Content-Type"),
              "application/json;g=apidiscovery.k8s.io;v=" + version + ";as=APIGroupDiscoveryList");
    EXPECT_EQ(Json::parse(response.body).at("apiVersion"), "apidiscovery.k8s.io/" + version);

    http::Request again;
    again.target = "/apis";
    again.headers.set("Accept", accept);
    again.headers.set("If-None-Match", std::string(*response.headers.get("ETag")));
    base::TaskGroup tasks(clock_.executor());
    int status = 0;
    const auto ask = [&](http::Request request) -> boost::asio::awaitable<void> {
      auto answer = co_await transport_.round_trip(std::move(request));
      status = answer ? answer->status : 0;
    };
    tasks.spawn(ask(std::move(again)));
    clock_.run_ready();
    EXPECT_EQ(status, 304);
  }
  const Json core =
      expect(200, {.target = "/api", .accept = "application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList"});
  EXPECT_EQ(core.at("items").size(), 1u);
  EXPECT_FALSE(core.at("items").at(0).at("metadata").contains("name"));
}

TEST_F(ReadTest, TheOpenApiDocumentComesAsProtobuf) {
  const http::Response response =
      call({.target = "/openapi/v2", .accept = "application/com.github.proto-openapi.spec.v2@v1.0+protobuf"});
  EXPECT_EQ(response.status, 200);
  EXPECT_EQ(response.body.substr(0, 5),
            "\n\x03"
            "2.0");
  EXPECT_EQ(response.headers.get("Content-Type"), "application/com.github.proto-openapi.spec.v2.v1.0+protobuf");
}

TEST_F(ReadTest, TablesHaveColumnsAndAgesOfTheServersClock) {
  create(kDeploymentsUrl, test_deployment("web"));
  clock_.run_for(200s);
  const Json table = expect(200, {.target = kDeploymentsUrl + "?limit=500", .accept = kTableAccept});
  EXPECT_EQ(table.at("kind"), "Table");
  EXPECT_EQ(table.at("apiVersion"), "meta.k8s.io/v1");
  EXPECT_EQ(version_of(table), std::to_string(store().revision()));
  EXPECT_EQ(table.at("columnDefinitions").size(), 8u);
  const Json& row = table.at("rows").at(0);
  EXPECT_EQ(row.at("cells"), Json::array({"web", "0/3", 0, 0, "3m20s", "main", "app:1", "app=web"}));
  EXPECT_EQ(row.at("object").at("kind"), "PartialObjectMetadata");
  EXPECT_FALSE(row.at("object").contains("spec"));

  const Json full = expect(200, {.target = kDeploymentsUrl + "?includeObject=Object", .accept = kTableAccept});
  EXPECT_EQ(full.at("rows").at(0).at("object").at("kind"), "Deployment");
  const Json one = expect(200, {.target = kDeploymentsUrl + "/web", .accept = kTableAccept});
  EXPECT_EQ(one.at("rows").size(), 1u);
}

TEST_F(ReadTest, PartialMetadataHoldsNothingElse) {
  create(kPodsUrl, test_pod("a"));
  const Json list =
      expect(200, {.target = kPodsUrl, .accept = "application/json;as=PartialObjectMetadataList;g=meta.k8s.io;v=v1"});
  EXPECT_EQ(list.at("kind"), "PartialObjectMetadataList");
  const Json& item = list.at("items").at(0);
  EXPECT_EQ(item.at("kind"), "PartialObjectMetadata");
  EXPECT_EQ(item.size(), 3u);
}

TEST_F(ReadTest, PrettyIsForPeople) {
  EXPECT_NE(call({.target = "/version?pretty=true"}).body.find("\n  \"gitVersion\""), std::string::npos);
}

class MeasuredPods final : public MetricsSource {
 public:
  std::vector<PodMetrics> pod_metrics(const std::string&) override {
    const base::Time at = kTestStart + 15s;
    return {{"default", "a", at, 15s, {{"main", 8'912'345, 50u << 20}}},
            {"default", "b", at, 15s, {{"main", 1, 1000}}}};
  }
  std::vector<NodeMetrics> node_metrics() override { return {{"n1", kTestStart, 15s, 5, 1024}}; }
  std::vector<PodMetricValue> pod_values(const std::string&, const std::string& metric) override {
    if (metric != "rps") return {};
    return {{"default", "a", kTestStart, 30s, 12.5}, {"default", "b", kTestStart, 30s, 7}};
  }
  std::vector<std::string> pod_value_names() override { return {"rps"}; }
  std::optional<ObjectMetricValue> object_value(const std::string& ns, const DescribedResource& object,
                                                const std::string& metric, const std::string& selector) override {
    asked = ns + " " + object.group + " " + object.resource + " " + object.name + " " + selector;
    if (metric == "sick") return ObjectMetricValue{kTestStart, 60s, std::nan("")};
    if (metric == "debt") return ObjectMetricValue{kTestStart, 60s, -2.5};
    if (metric != "hits") return std::nullopt;
    return ObjectMetricValue{kTestStart, 60s, 0.25};
  }
  std::optional<std::vector<ExternalMetricValue>> external_values(const std::string& ns, const std::string& metric,
                                                                  const std::string& selector) override {
    asked = ns + " " + selector;
    if (metric != "lag") return std::nullopt;
    return std::vector<ExternalMetricValue>{{{{"topic", "a"}}, kTestStart, 60s, 3},
                                            {{{"topic", "b"}}, kTestStart, 60s, 4}};
  }
  std::vector<ObjectMetricName> object_value_names() override { return {{"apps", "deployments", "hits"}}; }
  std::vector<std::string> external_value_names() override { return {"lag"}; }

  std::string asked;
};

TEST_F(ReadTest, MetricsGroupsExistOnlyWithASource) {
  const std::string pods = "/apis/metrics.k8s.io/v1beta1/namespaces/default/pods";
  EXPECT_EQ(call({.target = pods}).status, 404);
  MeasuredPods source;
  server_.set_metrics_source(&source);
  create(kPodsUrl, test_pod("a", {{"app", "web"}}));
  create(kPodsUrl, test_pod("b", {{"app", "api"}}));

  EXPECT_EQ(get(pods).at("kind"), "PodMetricsList");
  const Json list = get(pods + "?labelSelector=app%3Dweb");
  ASSERT_EQ(list.at("items").size(), 1u);
  const Json& item = list.at("items").at(0);
  EXPECT_EQ(item.at("timestamp"), "2026-01-01T00:00:15Z");
  EXPECT_EQ(item.at("window"), "15s");
  EXPECT_EQ(item.at("containers").at(0).at("usage"), (Json{{"cpu", "8912345n"}, {"memory", "51200Ki"}}));
  EXPECT_EQ(item.at("metadata").at("labels").at("app"), "web");
  EXPECT_EQ(get(pods + "/b").at("containers").at(0).at("usage").at("memory"), "1000");
  EXPECT_EQ(call({.target = pods + "/none"}).status, 404);
  EXPECT_EQ(get("/apis/metrics.k8s.io/v1beta1/nodes").at("items").at(0).at("usage").at("cpu"), "5n");
  EXPECT_EQ(get("/apis/metrics.k8s.io/v1beta1").at("resources").size(), 2u);
  EXPECT_EQ(call({.method = "POST", .target = pods}).status, 405);
  server_.set_metrics_source(nullptr);
}

TEST_F(ReadTest, CustomMetricsAreServedInBothVersions) {
  MeasuredPods source;
  server_.set_metrics_source(&source);
  create(kPodsUrl, test_pod("a", {{"app", "web"}}));
  create(kPodsUrl, test_pod("b", {{"app", "api"}}));

  const std::string base = "/apis/custom.metrics.k8s.io/v1beta1/namespaces/default/pods/";
  const Json all = get(base + "%2A/rps");
  EXPECT_EQ(all.at("kind"), "MetricValueList");
  ASSERT_EQ(all.at("items").size(), 2u);
  const Json& first = all.at("items").at(0);
  EXPECT_EQ(first.at("metricName"), "rps");
  EXPECT_EQ(first.at("value"), "12500m");
  EXPECT_EQ(first.at("window"), 30);
  EXPECT_FALSE(first.contains("windowSeconds"));
  const Json second = get("/apis/custom.metrics.k8s.io/v1beta2/namespaces/default/pods/a/rps").at("items").at(0);
  EXPECT_EQ(second.at("windowSeconds"), 30);
  EXPECT_FALSE(second.contains("window"));
  EXPECT_EQ(first.at("describedObject").at("name"), "a");
  EXPECT_EQ(get(base + "*/rps?labelSelector=app%3Dapi").at("items").at(0).at("value"), "7");
  EXPECT_EQ(get(base + "b/rps").at("items").size(), 1u);
  EXPECT_EQ(expect(404, {.target = base + "*/none"}).at("message"),
            "the server could not find the metric none for pods");
  const Json v2 = get("/apis/custom.metrics.k8s.io/v1beta2/namespaces/default/pods/*/rps");
  EXPECT_EQ(v2.at("items").at(0).at("metric").at("name"), "rps");
  server_.set_metrics_source(nullptr);
}

TEST_F(ReadTest, CustomMetricsOfObjectsAreServed) {
  MeasuredPods source;
  server_.set_metrics_source(&source);
  const std::string base = "/apis/custom.metrics.k8s.io/v1beta2/namespaces/default/";

  const Json hits = get(base + "deployments.apps/web/hits?metricLabelSelector=verb%3DGET");
  EXPECT_EQ(source.asked, "default apps deployments web verb=GET");
  ASSERT_EQ(hits.at("items").size(), 1u);
  EXPECT_EQ(hits.at("items").at(0).at("value"), "250m");
  EXPECT_EQ(hits.at("items").at(0).at("describedObject"),
            (Json{{"kind", "Deployment"}, {"namespace", "default"}, {"name", "web"}, {"apiVersion", "apps/v1"}}));
  const Json whole = get(base + "metrics/hits");
  EXPECT_EQ(source.asked, "default  namespaces default ");
  EXPECT_EQ(whole.at("items").at(0).at("describedObject").at("kind"), "Namespace");
  EXPECT_EQ(get(base + "services/web/debt").at("items").at(0).at("value"), "-2500m");
  EXPECT_EQ(get(base + "services/web/sick").at("items").at(0).at("value"), "NaN");
  EXPECT_EQ(expect(404, {.target = base + "services/web/none"}).at("message"),
            "the server could not find the metric none for services web");
  EXPECT_EQ(expect(404, {.target = base + "metrics/none"}).at("message"),
            "the server could not find the metric none for namespaces default");
  EXPECT_EQ(call({.target = base + "services/web/hits?metricLabelSelector=%21%21"}).status, 400);
  server_.set_metrics_source(nullptr);
}

TEST_F(ReadTest, ExternalMetricsAreSelectedByTheirLabels) {
  MeasuredPods source;
  server_.set_metrics_source(&source);
  const std::string base = "/apis/external.metrics.k8s.io/v1beta1/namespaces/default/";

  const Json all = get(base + "lag");
  EXPECT_EQ(all.at("kind"), "ExternalMetricValueList");
  EXPECT_EQ(all.at("items").size(), 2u);
  const Json one = get(base + "lag?labelSelector=topic%3Db");
  EXPECT_EQ(source.asked, "default topic=b");
  ASSERT_EQ(one.at("items").size(), 1u);
  EXPECT_EQ(one.at("items").at(0), (Json{{"metricName", "lag"},
                                         {"metricLabels", {{"topic", "b"}}},
                                         {"timestamp", "2026-01-01T00:00:00Z"},
                                         {"window", 60},
                                         {"value", "4"}}));
  EXPECT_EQ(get(base + "lag?labelSelector=topic%3Dc").at("items").size(), 0u);
  EXPECT_EQ(expect(404, {.target = base + "none"}).at("reason"), "NotFound");
  server_.set_metrics_source(nullptr);
}

TEST_F(ReadTest, DiscoveryListsTheMetricsOfObjectsAndTheExternalOnes) {
  MeasuredPods source;
  server_.set_metrics_source(&source);
  const auto names = [&](const std::string& path) {
    std::vector<std::string> found;
    const Json list = get(path);
    for (const Json& resource : list.at("resources")) found.push_back(resource.at("name").get<std::string>());
    return found;
  };

  EXPECT_EQ(names("/apis/custom.metrics.k8s.io/v1beta1"),
            (std::vector<std::string>{"pods/rps", "deployments.apps/hits"}));
  EXPECT_EQ(names("/apis/external.metrics.k8s.io/v1beta1"), std::vector<std::string>{"lag"});
  EXPECT_EQ(call({.target = "/apis/external.metrics.k8s.io/v1beta2"}).status, 404);
  server_.set_metrics_source(nullptr);
}

}  // namespace
}  // namespace fakeapi
