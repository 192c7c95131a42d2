#include "fake-apiserver/api/testing.h"

namespace fakeapi {
namespace {

using namespace std::chrono_literals;

class WriteTest : public ApiTest {
 protected:
  Json put(int status, const std::string& target, const Json& body) {
    return expect(status, {.method = "PUT", .target = target, .body = body.dump()});
  }
  Json remove(const std::string& target, const std::string& body = "") {
    return expect(200, {.method = "DELETE", .target = target, .body = body});
  }
  Json config_map(const std::string& name) { return {{"metadata", {{"name", name}}}, {"data", {{"k", "v"}}}}; }
};

TEST_F(WriteTest, CreateNeedsNeitherContentTypeNorKind) {
  const std::string before = version_of(get(kConfigMapsUrl));
  const Json created = create(kConfigMapsUrl, config_map("x"));

  EXPECT_EQ(created.at("kind"), "ConfigMap");
  EXPECT_EQ(created.at("apiVersion"), "v1");
  const Json& metadata = created.at("metadata");
  EXPECT_EQ(metadata.at("namespace"), "default");
  EXPECT_EQ(metadata.at("creationTimestamp"), "2026-01-01T00:00:00Z");
  EXPECT_EQ(metadata.at("uid").get<std::string>().size(), 36u);
  EXPECT_GT(std::stoull(version_of(created)), std::stoull(before));
}

TEST_F(WriteTest, CreateTakesYaml) {
  const Json created = expect(201, {.method = "POST",
                                    .target = kConfigMapsUrl,
                                    .body = "metadata:\n  name: y\ndata:\n  n: \"1\"\n",
                                    .content_type = "application/yaml"});
  EXPECT_EQ(created.at("data").at("n"), "1");
}

TEST_F(WriteTest, CreateRefusesWhatCannotBeStored) {
  const auto refused = [&](int status, const std::string& body, const std::string& target = kConfigMapsUrl) {
    return expect(status, {.method = "POST", .target = target, .body = body});
  };
  create(kConfigMapsUrl, config_map("x"));

  const Json exists = refused(409, config_map("x").dump());
  EXPECT_EQ(exists.at("reason"), "AlreadyExists");
  EXPECT_EQ(exists.at("message"), "configmaps \"x\" already exists");
  EXPECT_EQ(refused(422, "{}").at("details").at("causes").at(0).at("field"), "metadata.name");
  EXPECT_EQ(refused(422, R"({"metadata":{"name":"Not_A_Name"}})").at("reason"), "Invalid");
  EXPECT_EQ(refused(400, "{").at("reason"), "BadRequest");
  EXPECT_EQ(refused(400, "[]").at("reason"), "BadRequest");
  EXPECT_EQ(refused(400, R"({"metadata":{"name":"y","labels":{"a":1}}})").at("reason"), "BadRequest");
  EXPECT_EQ(refused(400, R"({"kind":"Secret","metadata":{"name":"y"}})").at("reason"), "BadRequest");
  EXPECT_EQ(refused(400, R"({"apiVersion":"v2","metadata":{"name":"y"}})").at("reason"), "BadRequest");
  EXPECT_EQ(refused(400, R"({"metadata":{"name":"y","namespace":"other"}})").at("message"),
            "the namespace of the provided object does not match the namespace sent on the request");
  const Json revision = refused(500, R"({"metadata":{"name":"y","resourceVersion":"5"}})");
  EXPECT_EQ(revision.at("message"), "resourceVersion should not be set on objects to be created");
  EXPECT_FALSE(revision.contains("reason"));
  EXPECT_EQ(call({.method = "POST", .target = kConfigMapsUrl + "/x", .body = "{}"}).status, 405);
}

TEST_F(WriteTest, BodiesHaveALimit) {
  Json large = test_deployment("large");  // configuration has a limit of its own
  Json& container = large["spec"]["template"]["spec"]["containers"][0];
  container["args"] = Json::array({std::string(2u << 20, 'x')});
  create(kDeploymentsUrl, large);
  container["args"][0] = std::string((3u << 20) + 1, 'x');
  EXPECT_EQ(expect(413, {.method = "POST", .target = kConfigMapsUrl, .body = large.dump()}).at("kind"), "Status");
}

TEST_F(WriteTest, MediaTypesAndMethodsAreChecked) {
  const Json type =
      expect(415, {.method = "POST", .target = kConfigMapsUrl, .body = "{}", .content_type = "application/cbor"});
  EXPECT_EQ(type.at("reason"), "UnsupportedMediaType");
  EXPECT_EQ(expect(405, {.method = "PUT", .target = kConfigMapsUrl, .body = "{}"}).at("reason"), "MethodNotAllowed");
  EXPECT_EQ(call({.method = "POST", .target = "/version"}).status, 405);
  EXPECT_EQ(call({.method = "BREW", .target = kConfigMapsUrl + "/x"}).status, 405);
  EXPECT_EQ(call({.method = "POST", .target = "/api/v1/configmaps", .body = "{}"}).status, 405);
  const http::Response not_acceptable =
      call({.method = "POST", .target = kConfigMapsUrl, .body = config_map("z").dump(), .accept = "text/html"});
  EXPECT_EQ(not_acceptable.status, 406);
  EXPECT_EQ(call({.target = kConfigMapsUrl + "/z"}).status, 404);
}

TEST_F(WriteTest, PutIsACompareAndSwap) {
  Json object = create(kConfigMapsUrl, config_map("x"));
  const Json old = object;
  object["data"]["k"] = "w";
  const Json updated = put(200, kConfigMapsUrl + "/x", object);
  EXPECT_GT(std::stoull(version_of(updated)), std::stoull(version_of(object)));

  const Json lost = put(409, kConfigMapsUrl + "/x", old);
  EXPECT_EQ(lost.at("reason"), "Conflict");
  EXPECT_EQ(lost.at("message"),
            "Operation cannot be fulfilled on configmaps \"x\": the object has been modified; please apply your "
            "changes to the latest version and try again");
  EXPECT_EQ(put(200, kConfigMapsUrl + "/x", config_map("x")).at("data").at("k"), "v");
  EXPECT_EQ(put(404, kConfigMapsUrl + "/none", config_map("none")).at("reason"), "NotFound");
  EXPECT_EQ(put(400, kConfigMapsUrl + "/x", config_map("y")).at("reason"), "BadRequest");
  Json other = config_map("x");
  other["metadata"]["uid"] = "abc";
  EXPECT_NE(put(409, kConfigMapsUrl + "/x", other)
                .at("message")
                .get<std::string>()
                .find("Precondition failed: UID in precondition: abc, UID in object meta: "),
            std::string::npos);
}

TEST_F(WriteTest, APutCreatesALease) {
  const std::string leases = "/apis/coordination.k8s.io/v1/namespaces/default/leases";
  const Json lease = {{"metadata", {{"name", "l"}}}, {"spec", {{"renewTime", "2026-01-01T00:00:00.123456Z"}}}};
  EXPECT_EQ(put(201, leases + "/l", lease).at("spec").at("renewTime"), "2026-01-01T00:00:00.123456Z");
}

TEST_F(WriteTest, CustomResourcesArePutOnlyWithTheirRevision) {
  const std::string policies = "/apis/gamenight/v1/namespaces/default/scalingpolicies";
  Json policy = create(policies, {{"metadata", {{"name", "p"}}}, {"spec", {{"anything", {1, 2}}}}});
  EXPECT_EQ(policy.at("apiVersion"), "gamenight/v1");
  EXPECT_EQ(policy.at("kind"), "ScalingPolicy");
  policy["spec"]["anything"] = "else";
  EXPECT_EQ(put(200, policies + "/p", policy).at("metadata").at("generation"), 2);
  policy["metadata"].erase("resourceVersion");
  put(422, policies + "/p", policy);
  EXPECT_EQ(call({.method = "PATCH",
                  .target = policies + "/p",
                  .body = "{}",
                  .content_type = "application/strategic-merge-patch+json"})
                .status,
            415);
  const std::string tuners = "/apis/webapp.streamotion.com.au/v1/namespaces/default/hpatuners";
  EXPECT_EQ(create(tuners, {{"metadata", {{"name", "t"}}}, {"spec", {{"minReplicas", 3}}}}).at("kind"), "HpaTuner");
}

TEST_F(WriteTest, MergePatchDeletesMergesAndReplaces) {
  create(kDeploymentsUrl, test_deployment("web"));
  const Json patched =
      patch(kDeploymentsUrl + "/web",
            {{"metadata", {{"labels", {{"x", "1"}}}}}, {"spec", {{"replicas", 5}, {"revisionHistoryLimit", nullptr}}}});
  EXPECT_EQ(patched.at("spec").at("replicas"), 5);
  EXPECT_EQ(patched.at("spec").at("revisionHistoryLimit"), 10) << "a deleted default comes back";
  EXPECT_EQ(patched.at("metadata").at("labels").at("x"), "1");
  const Json cleared = patch(kDeploymentsUrl + "/web", {{"metadata", {{"labels", {{"x", nullptr}}}}}});
  EXPECT_FALSE(cleared.at("metadata").contains("labels")) << "a map of nothing is not written";
}

TEST_F(WriteTest, StrategicPatchKeepsTheOtherContainers) {
  Json deployment = test_deployment("web");
  deployment["spec"]["template"]["spec"]["containers"].push_back({{"name", "side"}, {"image", "side:1"}});
  create(kDeploymentsUrl, deployment);
  Json change;
  change["spec"]["template"]["spec"]["containers"] = Json::array({{{"name", "main"}, {"image", "app:2"}}});
  const Json patched = patch(kDeploymentsUrl + "/web", change, "strategic-merge-patch");
  const Json& containers = patched.at("spec").at("template").at("spec").at("containers");
  ASSERT_EQ(containers.size(), 2u);
  EXPECT_EQ(containers.at(0).at("image"), "app:2");
  EXPECT_EQ(containers.at(1).at("image"), "side:1");
}

TEST_F(WriteTest, JsonPatchAppliesWhollyOrNotAtAll) {
  const std::string before = version_of(create(kConfigMapsUrl, config_map("x")));
  const Json refused = expect(422, {.method = "PATCH",
                                    .target = kConfigMapsUrl + "/x",
                                    .body = R"([{"op":"replace","path":"/data/k","value":"w"},
                                                {"op":"test","path":"/data/k","value":"v"}])",
                                    .content_type = "application/json-patch+json"});
  EXPECT_EQ(refused.at("message"), "the server rejected our request due to an error in our request");
  EXPECT_EQ(version_of(get(kConfigMapsUrl + "/x")), before);
  EXPECT_EQ(patch(kConfigMapsUrl + "/x", Json::parse(R"([{"op":"add","path":"/data/n","value":"2"}])"), "json-patch")
                .at("data")
                .at("n"),
            "2");
}

TEST_F(WriteTest, APatchMayCarryTheRevisionItIsMeantFor) {
  const std::string old = version_of(create(kConfigMapsUrl, config_map("x")));
  patch(kConfigMapsUrl + "/x", {{"data", {{"k", "w"}}}});
  const Json stale = {{"metadata", {{"resourceVersion", old}}}, {"data", {{"k", "z"}}}};
  expect(409, {.method = "PATCH",
               .target = kConfigMapsUrl + "/x",
               .body = stale.dump(),
               .content_type = "application/merge-patch+json"});
  EXPECT_EQ(call({.method = "PATCH",
                  .target = kConfigMapsUrl + "/none",
                  .body = "{}",
                  .content_type = "application/merge-patch+json"})
                .status,
            404);
}

TEST_F(WriteTest, AWriteThatChangesNothingKeepsRevisionAndSilence) {
  create(kConfigMapsUrl, config_map("x"));
  auto changes = watch(kConfigMapsUrl + "?watch=1&resourceVersion=" + std::to_string(store().revision()));
  const std::string before = version_of(get(kConfigMapsUrl + "/x"));
  EXPECT_EQ(version_of(patch(kConfigMapsUrl + "/x", {{"data", {{"k", "v"}}}})), before);
  EXPECT_EQ(version_of(put(200, kConfigMapsUrl + "/x", config_map("x"))), before);
  EXPECT_TRUE(changes->take().empty());
}

TEST_F(WriteTest, StatusIsWrittenOnlyThroughItsSubresource) {
  Json deployment = test_deployment("web");
  deployment["status"] = {{"replicas", 9}};
  EXPECT_EQ(create(kDeploymentsUrl, deployment).at("status"), Json::object());
  const std::string web = kDeploymentsUrl + "/web";

  const Json both = {{"spec", {{"replicas", 7}}}, {"status", {{"replicas", 7}}}};
  EXPECT_EQ(patch(web, both).at("status"), Json::object());
  const Json status =
      patch(web + "/status",
            {{"metadata", {{"labels", {{"no", "1"}}}}}, {"spec", {{"replicas", 1}}}, {"status", {{"replicas", 4}}}});
  EXPECT_EQ(status.at("status").at("replicas"), 4);
  EXPECT_EQ(status.at("spec").at("replicas"), 7);
  EXPECT_FALSE(status.at("metadata").contains("labels"));
  Json whole = get(web + "/status");
  whole["status"]["replicas"] = 5;
  EXPECT_EQ(put(200, web + "/status", whole).at("status").at("replicas"), 5);
}

TEST_F(WriteTest, GenerationFollowsTheSpec) {
  create(kDeploymentsUrl, test_deployment("web"));
  const std::string web = kDeploymentsUrl + "/web";
  const auto generation = [](const Json& object) { return object.at("metadata").at("generation").get<int>(); };

  EXPECT_EQ(generation(patch(web, {{"metadata", {{"labels", {{"a", "1"}}}}}})), 1);
  EXPECT_EQ(generation(patch(web + "/status", {{"status", {{"replicas", 1}}}})), 1);
  EXPECT_EQ(generation(patch(web, {{"spec", {{"replicas", 4}}}})), 2);
  EXPECT_EQ(generation(patch(web, {{"metadata", {{"annotations", {{"a", "1"}}}}}})), 3);
}

TEST_F(WriteTest, ScaleIsReadAndWrittenInAllWays) {
  create(kDeploymentsUrl, test_deployment("web"));
  const std::string scale_url = kDeploymentsUrl + "/web/scale";
  Json scale = get(scale_url);
  EXPECT_EQ(scale.at("kind"), "Scale");
  EXPECT_EQ(scale.at("apiVersion"), "autoscaling/v1");
  EXPECT_EQ(scale.at("spec").at("replicas"), 3);
  EXPECT_EQ(scale.at("status").at("selector"), "app=web");
  EXPECT_EQ(version_of(scale), version_of(get(kDeploymentsUrl + "/web")));

  scale["spec"]["replicas"] = 5;
  EXPECT_EQ(put(200, scale_url, scale).at("spec").at("replicas"), 5);
  EXPECT_EQ(put(409, scale_url, scale).at("reason"), "Conflict");
  EXPECT_EQ(patch(scale_url, {{"spec", {{"replicas", 6}}}}).at("spec").at("replicas"), 6);
  EXPECT_EQ(patch(scale_url, {{"spec", {{"replicas", 7}}}}, "strategic-merge-patch").at("spec").at("replicas"), 7);
  const Json operations = Json::parse(R"([{"op":"replace","path":"/spec/replicas","value":8}])");
  patch(scale_url, operations, "json-patch");
  const Json deployment = get(kDeploymentsUrl + "/web");
  EXPECT_EQ(deployment.at("spec").at("replicas"), 8);
  EXPECT_EQ(deployment.at("metadata").at("generation"), 5);
}

TEST_F(WriteTest, ScaleRefusesNonsense) {
  create(kDeploymentsUrl, test_deployment("web"));
  const std::string scale_url = kDeploymentsUrl + "/web/scale";
  const auto refused = [&](int status, const char* body) {
    return expect(
        status, {.method = "PATCH", .target = scale_url, .body = body, .content_type = "application/merge-patch+json"});
  };
  const Json negative = refused(422, R"({"spec":{"replicas":-1}})");
  EXPECT_EQ(
      negative.at("message"),
      "Scale.autoscaling \"web\" is invalid: spec.replicas: Invalid value: -1: must be greater than or equal to 0");
  refused(400, R"({"spec":{"replicas":"many"}})");
  refused(400, R"({"spec":{"replicas":1.5}})");
  refused(422, R"({"spec":{"replicas":99999999999}})");
  EXPECT_EQ(get(scale_url).at("spec").at("replicas"), 3);
  EXPECT_EQ(call({.target = kDeploymentsUrl + "/none/scale"}).status, 404);
}

TEST_F(WriteTest, DryRunAnswersAndStoresNothing) {
  const Revision before = store().revision();
  expect(201, {.method = "POST", .target = kConfigMapsUrl + "?dryRun=All", .body = config_map("x").dump()});
  EXPECT_EQ(call({.target = kConfigMapsUrl + "/x"}).status, 404);
  EXPECT_EQ(store().revision(), before);
  create(kConfigMapsUrl, config_map("x"));
  EXPECT_EQ(patch(kConfigMapsUrl + "/x?dryRun=All", {{"data", {{"k", "w"}}}}).at("data").at("k"), "w");
  remove(kConfigMapsUrl + "/x?dryRun=All");
  remove(kConfigMapsUrl + "/x", R"({"dryRun":["All"]})");
  EXPECT_EQ(get(kConfigMapsUrl + "/x").at("data").at("k"), "v");
  expect(422, {.method = "POST", .target = kConfigMapsUrl + "?dryRun=Some", .body = config_map("y").dump()});
}

TEST_F(WriteTest, DeleteAnswersWithAStatusThenWith404) {
  const Json created = create(kConfigMapsUrl, config_map("x"));
  const Json status = remove(kConfigMapsUrl + "/x", R"({"propagationPolicy":"Background"})");
  EXPECT_EQ(status.at("status"), "Success");
  EXPECT_EQ(status.at("details").at("uid"), created.at("metadata").at("uid"));
  expect(404, {.method = "DELETE", .target = kConfigMapsUrl + "/x"});
}

TEST_F(WriteTest, DeletePreconditionsHold) {
  create(kConfigMapsUrl, config_map("x"));
  const Json uid =
      expect(409, {.method = "DELETE", .target = kConfigMapsUrl + "/x", .body = R"({"preconditions":{"uid":"abc"}})"});
  EXPECT_NE(uid.at("message").get<std::string>().find("the UID in the precondition (abc) does not match"),
            std::string::npos);
  expect(409,
         {.method = "DELETE", .target = kConfigMapsUrl + "/x", .body = R"({"preconditions":{"resourceVersion":"1"}})"});
  expect(422, {.method = "DELETE", .target = kConfigMapsUrl + "/x", .body = R"({"propagationPolicy":"Sideways"})"});
  expect(400, {.method = "DELETE", .target = kConfigMapsUrl + "/x", .body = R"({"gracePeriodSeconds":"x"})"});
}

TEST_F(WriteTest, ARunningPodGetsItsGrace) {
  create(kPodsUrl, test_pod("idle"));
  EXPECT_EQ(remove(kPodsUrl + "/idle").at("kind"), "Pod");
  EXPECT_EQ(call({.target = kPodsUrl + "/idle"}).status, 404) << "a pod without a node goes at once";

  create(kPodsUrl, test_pod("busy"));
  expect(201, {.method = "POST", .target = kPodsUrl + "/busy/binding", .body = R"({"target":{"name":"n1"}})"});
  expect(409, {.method = "POST", .target = kPodsUrl + "/busy/binding", .body = R"({"target":{"name":"n2"}})"});
  const Json dying = remove(kPodsUrl + "/busy");
  EXPECT_EQ(dying.at("metadata").at("deletionTimestamp"), "2026-01-01T00:00:30Z");
  EXPECT_EQ(get(kPodsUrl + "/busy").at("metadata").at("deletionGracePeriodSeconds"), 30);
  remove(kPodsUrl + "/busy?gracePeriodSeconds=0");
  EXPECT_EQ(call({.target = kPodsUrl + "/busy"}).status, 404);
}

TEST_F(WriteTest, FinalizersHoldAnObjectUntilTheLastIsGone) {
  Json object = config_map("x");
  object["metadata"]["finalizers"] = {"a/b"};
  create(kConfigMapsUrl, object);
  EXPECT_TRUE(remove(kConfigMapsUrl + "/x").at("metadata").contains("deletionTimestamp"));
  const Json more = {{"metadata", {{"finalizers", {"a/b", "c/d"}}}}};
  EXPECT_EQ(call({.method = "PATCH",
                  .target = kConfigMapsUrl + "/x",
                  .body = more.dump(),
                  .content_type = "application/merge-patch+json"})
                .status,
            422);
  EXPECT_EQ(patch(kConfigMapsUrl + "/x", {{"metadata", {{"finalizers", nullptr}}}}).at("kind"), "ConfigMap");
  EXPECT_EQ(call({.target = kConfigMapsUrl + "/x"}).status, 404);
}

TEST_F(WriteTest, PropagationPoliciesBecomeFinalizers) {
  create(kDeploymentsUrl, test_deployment("a"));
  create(kDeploymentsUrl, test_deployment("b"));
  EXPECT_EQ(remove(kDeploymentsUrl + "/a", R"({"propagationPolicy":"Foreground"})").at("metadata").at("finalizers"),
            Json::array({"foregroundDeletion"}));
  EXPECT_EQ(remove(kDeploymentsUrl + "/b?propagationPolicy=Orphan").at("metadata").at("finalizers"),
            Json::array({"orphan"}));
}

TEST_F(WriteTest, DeleteCollectionObeysTheSelector) {
  create(kPodsUrl, test_pod("a", {{"app", "web"}}));
  create(kPodsUrl, test_pod("b", {{"app", "api"}}));
  const Json removed = remove(kPodsUrl + "?labelSelector=app%3Dweb");
  EXPECT_EQ(removed.at("kind"), "PodList");
  EXPECT_EQ(names_of(removed), (std::vector<std::string>{"a"}));
  EXPECT_EQ(names_of(get(kPodsUrl)), (std::vector<std::string>{"b"}));
}

TEST_F(WriteTest, ANamespaceTakesItsContentAlong) {
  create("/api/v1/namespaces", {{"metadata", {{"name", "shop"}}}});
  const std::string pods = "/api/v1/namespaces/shop/pods";
  Json pod = test_pod("p");
  create(pods, pod);
  expect(201, {.method = "POST", .target = pods + "/p/binding", .body = R"({"target":{"name":"n1"}})"});
  auto changes = watch("/api/v1/namespaces?watch=1&resourceVersion=" + std::to_string(store().revision()));

  EXPECT_EQ(remove("/api/v1/namespaces/shop").at("status").at("phase"), "Terminating");
  const Json refused = expect(403, {.method = "POST", .target = pods, .body = test_pod("q").dump()});
  EXPECT_EQ(refused.at("details").at("causes").at(0).at("reason"), "NamespaceTerminating");
  get("/api/v1/namespaces/shop");
  remove(pods + "/p?gracePeriodSeconds=0");
  clock_.run_for(std::chrono::seconds(1));
  EXPECT_EQ(call({.target = "/api/v1/namespaces/shop"}).status, 404);
  EXPECT_EQ(changes->take_names().back(), "DELETED shop");
}

TEST_F(WriteTest, GeneratedNamesDoNotCollide) {
  for (int i = 0; i < 10'000; ++i) create(kConfigMapsUrl, {{"metadata", {{"generateName", "g-"}}}});
  EXPECT_EQ(get(kConfigMapsUrl + "?fieldSelector=metadata.name!%3Dkube-root-ca.crt").at("items").size(), 10'000u);
}

TEST_F(WriteTest, DefaultsMakeTheObjectThatControllersExpect) {
  Json deployment = test_deployment("web");
  deployment["spec"].erase("replicas");
  deployment["spec"]["template"]["spec"]["containers"] =
      Json::array({{{"name", "main"},
                    {"image", "app"},
                    {"resources", {{"limits", {{"cpu", "1"}}}}},
                    {"ports", Json::array({{{"containerPort", 80}}})},
                    {"readinessProbe", {{"httpGet", {{"port", 80}}}}}},
                   {{"name", "pinned"}, {"image", "reg:5000/app:1"}}});
  const Json spec = create(kDeploymentsUrl, deployment).at("spec");

  EXPECT_EQ(spec.at("replicas"), 1);
  EXPECT_EQ(spec.at("strategy"), Json::parse(R"({"type":"RollingUpdate","rollingUpdate":{"maxSurge":"25%",
                                                  "maxUnavailable":"25%"}})"));
  EXPECT_EQ(spec.at("progressDeadlineSeconds"), 600);
  const Json& pod = spec.at("template").at("spec");
  EXPECT_EQ(pod.at("restartPolicy"), "Always");
  EXPECT_EQ(pod.at("terminationGracePeriodSeconds"), 30);
  const Json& container = pod.at("containers").at(0);
  EXPECT_EQ(container.at("imagePullPolicy"), "Always");
  EXPECT_EQ(container.at("resources").at("requests").at("cpu"), "1");
  EXPECT_EQ(container.at("ports").at(0).at("protocol"), "TCP");
  EXPECT_EQ(container.at("readinessProbe").at("periodSeconds"), 10);
  EXPECT_EQ(pod.at("containers").at(1).at("imagePullPolicy"), "IfNotPresent");
}

TEST_F(WriteTest, ValidationNamesTheField) {
  const auto causes = [&](const std::string& target, const Json& body) {
    std::vector<std::string> fields;
    const Json refused = expect(422, {.method = "POST", .target = target, .body = body.dump()});
    for (const Json& cause : refused.at("details").at("causes")) fields.push_back(text_at(cause, {"field"}));
    return fields;
  };
  using Fields = std::vector<std::string>;
  const Json named = {{"metadata", {{"name", "x"}}}, {"spec", Json::object()}};

  EXPECT_EQ(causes(kDeploymentsUrl, named),
            (Fields{"spec.selector", "spec.template.metadata.labels", "spec.template.spec.containers"}));
  Json mismatched = test_deployment("web");
  mismatched["spec"]["template"]["metadata"]["labels"] = {{"app", "other"}};
  EXPECT_EQ(causes(kDeploymentsUrl, mismatched), (Fields{"spec.template.metadata.labels"}));
  EXPECT_EQ(causes(kDeploymentsUrl, test_deployment("web", -1)), (Fields{"spec.replicas"}));
  EXPECT_EQ(causes(kPodsUrl, named), (Fields{"spec.containers"}));
  EXPECT_EQ(causes("/apis/autoscaling/v2/namespaces/default/horizontalpodautoscalers", named),
            (Fields{"spec.maxReplicas", "spec.maxReplicas", "spec.scaleTargetRef.kind", "spec.scaleTargetRef.name"}));
  create(kDeploymentsUrl, test_deployment("web"));
  Json moved;
  moved["spec"]["selector"]["matchLabels"]["app"] = "new";
  moved["spec"]["template"]["metadata"]["labels"]["app"] = "new";
  expect(422, {.method = "PATCH",
               .target = kDeploymentsUrl + "/web",
               .body = moved.dump(),
               .content_type = "application/merge-patch+json"});
}

TEST_F(WriteTest, AutoscalersAreServedInBothVersions) {
  const std::string v1 = "/apis/autoscaling/v1/namespaces/default/horizontalpodautoscalers";
  const std::string v2 = "/apis/autoscaling/v2/namespaces/default/horizontalpodautoscalers";
  const Json target = {{"kind", "Deployment"}, {"name", "web"}, {"apiVersion", "apps/v1"}};
  const Json created =
      create(v1, {{"metadata", {{"name", "h"}}},
                  {"spec", {{"maxReplicas", 9}, {"scaleTargetRef", target}, {"targetCPUUtilizationPercentage", 60}}}});
  EXPECT_EQ(created.at("apiVersion"), "autoscaling/v1");
  EXPECT_EQ(created.at("spec").at("minReplicas"), 1);
  EXPECT_EQ(get(v2 + "/h").at("spec").at("metrics").at(0).at("resource").at("target").at("averageUtilization"), 60);
  patch(v1 + "/h", {{"spec", {{"targetCPUUtilizationPercentage", 70}}}});
  EXPECT_EQ(get(v2).at("items").at(0).at("spec").at("metrics").size(), 1u);
  EXPECT_EQ(get(v2 + "/h").at("spec").at("metrics").at(0).at("resource").at("target").at("averageUtilization"), 70);
  EXPECT_EQ(get(v1).at("items").at(0).at("apiVersion"), "autoscaling/v1");
}

TEST_F(WriteTest, ServicesGetAnAddressAndKeepIt) {
  const std::string services = "/api/v1/namespaces/default/services";
  const Json service = {{"metadata", {{"name", "s"}}}, {"spec", {{"ports", Json::array({{{"port", 80}}})}}}};
  const Json first = create(services, service);
  EXPECT_EQ(first.at("spec").at("clusterIP"), "10.96.0.1");
  EXPECT_EQ(first.at("spec").at("ports").at(0).at("targetPort"), 80);
  EXPECT_EQ(create(services, {{"metadata", {{"name", "t"}}}, {"spec", service.at("spec")}}).at("spec").at("clusterIP"),
            "10.96.0.2");
  EXPECT_EQ(put(200, services + "/s", service).at("spec").at("clusterIP"), "10.96.0.1");
}

TEST_F(WriteTest, SecretsTakeTextAsWell) {
  const Json secret =
      create("/api/v1/namespaces/default/secrets", {{"metadata", {{"name", "s"}}}, {"stringData", {{"p", "hello"}}}});
  EXPECT_EQ(secret.at("data").at("p"), "aGVsbG8=");
  EXPECT_EQ(secret.at("type"), "Opaque");
  EXPECT_FALSE(secret.contains("stringData"));
}

}  // namespace
}  // namespace fakeapi
