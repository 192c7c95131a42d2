// Patches over the API: server-side apply, the managers of all kinds of writes, and what a patch may not do.
#include "fake-apiserver/api/testing.h"
#include "fake-apiserver/apply/test_types.h"

namespace fakeapi {
namespace {

constexpr const char* kApplyPatch = "application/apply-patch+yaml";

class ServerSideApplyTest : public ApiTest {
 protected:
  ServerSideApplyTest() : ServerSideApplyTest(FakeApiServerOptions()) {}
  explicit ServerSideApplyTest(FakeApiServerOptions options) : ApiTest(std::move(options)) {}

  Json apply(int status, const std::string& target, const Json& stated) {
    return expect(status, {.method = "PATCH", .target = target, .body = stated.dump(), .content_type = kApplyPatch});
  }
  Json refused(int status, const std::string& target, const std::string& body, const std::string& type) {
    return expect(status, {.method = "PATCH", .target = target, .body = body, .content_type = type});
  }

  static boost::asio::awaitable<void> send(http::Transport& transport, http::Request request) {
    const auto response = co_await transport.round_trip(std::move(request));
    EXPECT_TRUE(response && response->status == 201);
  }

  // The Deployment "web" with one container.
  static Json web(int replicas, const std::string& image = "app:1") {
    Json deployment = test_deployment("web", replicas);
    deployment["apiVersion"] = "apps/v1";
    deployment["kind"] = "Deployment";
    deployment["spec"]["template"]["spec"]["containers"][0]["image"] = image;
    return deployment;
  }
  static Json settings(const Json& data) {
    return {{"apiVersion", "v1"}, {"kind", "ConfigMap"}, {"metadata", {{"name", "x"}}}, {"data", data}};
  }

  const std::string web_ = kDeploymentsUrl + "/web";
  const std::string x_ = kConfigMapsUrl + "/x";
};

TEST_F(ServerSideApplyTest, ApplyOfWhatIsNotThereCreatesAndAgainKeepsTheRevision) {
  const Json created = apply(201, web_ + "?fieldManager=one", web(3));
  EXPECT_EQ(created.at("spec").at("progressDeadlineSeconds"), 600) << "with defaults";
  const Json& entry = created.at("metadata").at("managedFields").at(0);
  EXPECT_EQ(entry.at("manager"), "one");
  EXPECT_EQ(entry.at("operation"), "Apply");
  EXPECT_EQ(entry.at("apiVersion"), "apps/v1");
  EXPECT_TRUE(entry.at("fieldsV1").at("f:spec").contains("f:replicas"));
  EXPECT_FALSE(entry.at("fieldsV1").at("f:spec").contains("f:progressDeadlineSeconds")) << "defaults are nobody's";
  clock_.run_until(clock_.now() + std::chrono::minutes(1));
  EXPECT_EQ(apply(200, web_ + "?fieldManager=one", web(3)), created);
}

TEST_F(ServerSideApplyTest, AConfigurationMayBeYaml) {
  const Json created =
      expect(201, {.method = "PATCH",
                   .target = x_ + "?fieldManager=one",
                   .body = "apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: x\ndata:\n  a: \"1\"\n",
                   .content_type = kApplyPatch});
  EXPECT_EQ(created.at("data").at("a"), "1");
}

TEST_F(ServerSideApplyTest, ADroppedFieldGoesUnlessItIsShared) {
  apply(201, x_ + "?fieldManager=one", settings({{"a", "1"}, {"b", "1"}}));
  apply(200, x_ + "?fieldManager=two", settings({{"b", "1"}}));
  EXPECT_EQ(apply(200, x_ + "?fieldManager=one", settings({{"c", "1"}})).at("data"), json(R"({"b":"1","c":"1"})"));
  EXPECT_EQ(owners(get(x_)), R"(one (applies): {"f:data":{"f:c":{}}}; two (applies): {"f:data":{"f:b":{}}})");
}

TEST_F(ServerSideApplyTest, AConflictNamesItsCausesAndForceTakesTheField) {
  create(kDeploymentsUrl + "?fieldManager=kubectl-client-side-apply", web(3));
  const Json refused = apply(409, web_ + "?fieldManager=two", web(4));
  EXPECT_EQ(refused.at("reason"), "Conflict");
  EXPECT_EQ(refused.at("message"),
            "Apply failed with 1 conflict: conflict with \"kubectl-client-side-apply\" using apps/v1: .spec.replicas");
  EXPECT_EQ(refused.at("details").at("causes"), json(R"([{"reason":"FieldManagerConflict","field":".spec.replicas",
                      "message":"conflict with \"kubectl-client-side-apply\" using apps/v1"}])"));
  EXPECT_EQ(get(web_).at("spec").at("replicas"), 3);
  const Json forced = apply(200, web_ + "?fieldManager=two&force=true", web(4));
  EXPECT_EQ(forced.at("spec").at("replicas"), 4);
  EXPECT_EQ(forced.at("metadata").at("generation"), 2);
  for (const Json& entry : forced.at("metadata").at("managedFields")) {
    EXPECT_EQ(entry.at("fieldsV1").at("f:spec").contains("f:replicas"), entry.at("manager") == "two");
  }
}

TEST_F(ServerSideApplyTest, ADryRunAnswersAndStoresNothing) {
  EXPECT_EQ(apply(201, web_ + "?fieldManager=one&dryRun=All", web(3)).at("spec").at("replicas"), 3);
  EXPECT_EQ(call({.target = web_}).status, 404);
  const Json before = apply(201, web_ + "?fieldManager=one", web(3));
  EXPECT_EQ(apply(200, web_ + "?fieldManager=one&dryRun=All", web(5)).at("spec").at("replicas"), 5);
  EXPECT_EQ(get(web_), before);
}

TEST_F(ServerSideApplyTest, OptionsMustFitTheKindOfPatch) {
  create(kConfigMapsUrl, settings({{"a", "1"}}));
  const Json nobody = apply(422, x_, settings({{"a", "2"}}));
  EXPECT_EQ(nobody.at("message"),
            "PatchOptions.meta.k8s.io \"\" is invalid: fieldManager: Required value: is required for apply patch");
  EXPECT_EQ(nobody.at("details").at("causes").at(0).at("reason"), "FieldValueRequired");
  EXPECT_EQ(refused(422, x_ + "?force=true", "{}", "application/merge-patch+json").at("message"),
            "PatchOptions.meta.k8s.io \"\" is invalid: force: Forbidden: may not be specified for non-apply patch");
  const std::string long_name(129, 'm');
  EXPECT_EQ(apply(422, x_ + "?fieldManager=" + long_name, settings({{"a", "2"}})).at("message"),
            "PatchOptions.meta.k8s.io \"\" is invalid: fieldManager: Too long: may not be more than 128 bytes");
  expect(422, {.method = "POST", .target = kConfigMapsUrl + "?fieldManager=a%0Ab", .body = settings({}).dump()});
  EXPECT_EQ(get(x_).at("data").at("a"), "1");
}

TEST_F(ServerSideApplyTest, StatusAndScaleAreAppliedWithTheirSubresource) {
  apply(201, web_ + "?fieldManager=one", web(3));
  Json status = web(9);
  status["status"] = {{"replicas", 2}, {"observedGeneration", 1}};
  const Json with_status = apply(200, web_ + "/status?fieldManager=controller", status);
  EXPECT_EQ(with_status.at("spec").at("replicas"), 3);
  EXPECT_EQ(with_status.at("status").at("replicas"), 2);
  EXPECT_EQ(with_status.at("metadata").at("generation"), 1);

  const Json scale = {{"apiVersion", "autoscaling/v1"}, {"kind", "Scale"}, {"spec", {{"replicas", 5}}}};
  const Json refused = apply(409, web_ + "/scale?fieldManager=scaler", scale);
  EXPECT_EQ(refused.at("message"), "Apply failed with 1 conflict: conflict with \"one\": .spec.replicas");
  EXPECT_EQ(apply(200, web_ + "/scale?fieldManager=scaler&force=true", scale).at("kind"), "Scale");
  const Json after = get(web_);
  EXPECT_EQ(after.at("spec").at("replicas"), 5);
  std::map<std::string, Json> entries;
  for (const Json& entry : after.at("metadata").at("managedFields")) {
    entries[text_at(entry, {"manager"}) + "/" + text_at(entry, {"subresource"})] = entry;
  }
  EXPECT_EQ(entries.at("controller/status").at("fieldsV1"),
            json(R"({"f:status":{"f:observedGeneration":{},"f:replicas":{}}})"));
  EXPECT_EQ(entries.at("scaler/scale").at("fieldsV1"), json(R"({"f:spec":{"f:replicas":{}}})"));
  EXPECT_EQ(entries.at("scaler/scale").at("operation"), "Apply");
  EXPECT_EQ(entries.at("scaler/scale").at("apiVersion"), "apps/v1");
  EXPECT_FALSE(entries.at("one/").at("fieldsV1").at("f:spec").contains("f:replicas"));
  apply(404, kDeploymentsUrl + "/none/status?fieldManager=one", status);
  apply(404, kDeploymentsUrl + "/none/scale?fieldManager=one", scale);
}

TEST_F(ServerSideApplyTest, AJsonPatchMayRewriteTheManagers) {
  create(kDeploymentsUrl + "?fieldManager=kubectl-client-side-apply", web(3));
  const Json live = get(web_);
  Json entry = live.at("metadata").at("managedFields").at(0);
  entry["manager"] = "kubectl";
  entry["operation"] = "Apply";
  const Json migration =
      Json::array({{{"op", "replace"}, {"path", "/metadata/managedFields"}, {"value", Json::array({entry})}},
                   {{"op", "replace"}, {"path", "/metadata/resourceVersion"}, {"value", version_of(live)}}});
  const Json migrated = patch(web_ + "?fieldManager=kubectl", migration, "json-patch");
  EXPECT_EQ(migrated.at("metadata").at("managedFields"), Json::array({entry}));
  EXPECT_EQ(migrated.at("metadata").at("generation"), 1);
  apply(200, web_ + "?fieldManager=kubectl", web(4));
  refused(409, web_, migration.dump(), "application/json-patch+json");
  EXPECT_FALSE(patch(web_, json(R"([{"op":"replace","path":"/metadata/managedFields","value":[{}]}])"), "json-patch")
                   .at("metadata")
                   .contains("managedFields"));
}

TEST_F(ServerSideApplyTest, EveryKindOfWriteHasItsManager) {
  create(kDeploymentsUrl + "?fieldManager=creator", web(3));
  patch(web_ + "?fieldManager=labeller", {{"metadata", {{"labels", {{"a", "1"}}}}}});
  patch(web_ + "/status?fieldManager=controller", {{"status", {{"replicas", 1}}}});
  patch(web_ + "/scale?fieldManager=scaler", {{"spec", {{"replicas", 7}}}});
  Json whole = get(web_);
  whole["metadata"].erase("managedFields");
  whole["spec"]["paused"] = true;
  expect(200, {.method = "PUT", .target = web_, .body = whole.dump()});
  std::map<std::string, Json> entries;
  const Json after = get(web_);
  for (const Json& entry : after.at("metadata").at("managedFields")) {
    EXPECT_EQ(entry.at("operation"), "Update");
    entries[text_at(entry, {"manager"}) + "/" + text_at(entry, {"subresource"})] = entry.at("fieldsV1");
  }
  ASSERT_EQ(entries.size(), 5u);
  EXPECT_EQ(entries.at("labeller/"), json(R"({"f:metadata":{"f:labels":{".":{},"f:a":{}}}})"));
  EXPECT_EQ(entries.at("controller/status"), json(R"({"f:status":{"f:replicas":{}}})"));
  EXPECT_EQ(entries.at("scaler/scale"), json(R"({"f:spec":{"f:replicas":{}}})"));
  EXPECT_EQ(entries.at("unknown/"), json(R"({"f:spec":{"f:paused":{}}})")) << "a client without a name";
  EXPECT_FALSE(entries.at("creator/").at("f:spec").contains("f:replicas"));
  EXPECT_TRUE(entries.at("creator/").at("f:spec").contains("f:progressDeadlineSeconds"));
}

TEST_F(ServerSideApplyTest, AnAutoscalerHasManagersInBothItsVersions) {
  const std::string v1 = "/apis/autoscaling/v1/namespaces/default/horizontalpodautoscalers/h";
  const std::string v2 = "/apis/autoscaling/v2/namespaces/default/horizontalpodautoscalers/h";
  Json stated = json(R"({"apiVersion":"autoscaling/v1","kind":"HorizontalPodAutoscaler","metadata":{"name":"h"},
                         "spec":{"maxReplicas":9,"targetCPUUtilizationPercentage":60,
                                 "scaleTargetRef":{"apiVersion":"apps/v1","kind":"Deployment","name":"web"}}})");
  const Json created = apply(201, v1 + "?fieldManager=one", stated);
  EXPECT_EQ(apply(200, v1 + "?fieldManager=one", stated), created);
  patch(v2 + "?fieldManager=two", {{"spec", {{"maxReplicas", 5}}}});
  const Json refused = apply(409, v1 + "?fieldManager=one", stated);
  EXPECT_EQ(refused.at("message"),
            "Apply failed with 1 conflict: conflict with \"two\" using autoscaling/v2: .spec.maxReplicas");
}

TEST_F(ServerSideApplyTest, AConfigurationMustBeOfTheObjectThatTheUrlNames) {
  Json other = web(3);
  other["metadata"]["name"] = "other";
  apply(400, web_ + "?fieldManager=one", other);
  other = web(3);
  other["kind"] = "ReplicaSet";
  apply(400, web_ + "?fieldManager=one", other);
  other = web(3);
  other.erase("apiVersion");
  apply(400, web_ + "?fieldManager=one", other);
  other = web(3);
  other["spec"]["replica"] = 3;
  EXPECT_EQ(apply(500, web_ + "?fieldManager=one", other).at("message"),
            "failed to create typed patch object (/web; apps/v1, Kind=Deployment): .spec.replica: field not declared "
            "in schema");
  apply(422, web_ + "?fieldManager=one", web(-1));
  EXPECT_EQ(call({.target = web_}).status, 404);
  apply(404, "/apis/apps/v1/namespaces/nope/deployments/web?fieldManager=one", web(1));
}

TEST_F(ServerSideApplyTest, ARevisionInAConfigurationIsAPrecondition) {
  const std::string old = version_of(apply(201, x_ + "?fieldManager=one", settings({{"a", "1"}})));
  apply(200, x_ + "?fieldManager=one", settings({{"a", "2"}}));
  Json stale = settings({{"a", "3"}});
  stale["metadata"]["resourceVersion"] = old;
  EXPECT_EQ(apply(409, x_ + "?fieldManager=one", stale).at("reason"), "Conflict");
  EXPECT_EQ(get(x_).at("data").at("a"), "2");
}

TEST_F(ServerSideApplyTest, CustomResourcesWithoutASchemaMergeTheirObjects) {
  const std::string policy = "/apis/gamenight/v1/namespaces/default/scalingpolicies/p";
  const auto stated = [](const Json& spec) {
    return Json{
        {"apiVersion", "gamenight/v1"}, {"kind", "ScalingPolicy"}, {"metadata", {{"name", "p"}}}, {"spec", spec}};
  };
  apply(201, policy + "?fieldManager=one", stated({{"a", {{"x", 1}}}, {"l", {1}}}));
  const Json both = apply(200, policy + "?fieldManager=two", stated({{"a", {{"y", 2}}}}));
  EXPECT_EQ(both.at("spec"), json(R"({"a":{"x":1,"y":2},"l":[1]})"));
  EXPECT_EQ(apply(409, policy + "?fieldManager=two", stated({{"l", {2}}})).at("message"),
            "Apply failed with 1 conflict: conflict with \"one\": .spec.l");
}

TEST_F(ServerSideApplyTest, SystemFieldsAreNotForPatchesToChange) {
  const Json before = create(kConfigMapsUrl, settings({{"a", "1"}}));
  patch(x_, json(R"({"metadata":{"creationTimestamp":"2020-01-01T00:00:00Z","generation":7,
                                 "deletionTimestamp":"2020-01-01T00:00:00Z","selfLink":"/x"}})"));
  EXPECT_EQ(get(x_), before);
  refused(409, x_, R"({"metadata":{"uid":"other"}})", "application/merge-patch+json");
  refused(400, x_, R"({"metadata":{"name":"other"}})", "application/merge-patch+json");
  refused(400, x_, R"({"metadata":{"namespace":"other"}})", "application/merge-patch+json");
  EXPECT_EQ(get(x_), before);
}

TEST_F(ServerSideApplyTest, TheManagerOfANamelessClientIsItsProgram) {
  http::Request request;
  request.method = "POST";
  request.target = kConfigMapsUrl;
  request.headers.set("User-Agent", "OpenAPI-Generator/22.6.0/python");
  request.body = settings({{"a", "1"}}).dump();
  base::TaskGroup tasks(clock_.executor());
  tasks.spawn(send(transport_, std::move(request)));
  clock_.run_ready();
  EXPECT_EQ(owners(get(x_)), R"(OpenAPI-Generator: {"f:data":{".":{},"f:a":{}}})");
}

class UntrackedTest : public ServerSideApplyTest {
 protected:
  static FakeApiServerOptions untracked() {
    FakeApiServerOptions options;
    options.router.writer.track_managers = false;
    return options;
  }
  UntrackedTest() : ServerSideApplyTest(untracked()) {}
};

TEST_F(UntrackedTest, TrackingCanBeSwitchedOffButForWhatIsApplied) {
  EXPECT_FALSE(create(kConfigMapsUrl, settings({{"a", "1"}})).at("metadata").contains("managedFields"));
  EXPECT_FALSE(patch(x_, {{"data", {{"a", "2"}}}}).at("metadata").contains("managedFields"));
  apply(200, x_ + "?fieldManager=one&force=true", settings({{"b", "1"}}));
  EXPECT_EQ(owners(patch(x_, {{"data", {{"a", "3"}}}})).find("one (applies): {\"f:data\":{\"f:b\":{}}}"), 0u);
  EXPECT_EQ(apply(200, x_ + "?fieldManager=one", settings({{"c", "1"}})).at("data"), json(R"({"a":"3","c":"1"})"));
}

}  // namespace
}  // namespace fakeapi
