#include <gtest/gtest.h>

#include "fake-apiserver/custom/testing.h"

namespace fakeapi {
namespace {

class DefinitionTest : public CustomTest {
 protected:
  std::vector<std::string> groups() {
    std::vector<std::string> names;
    const Json list = get("/apis");
    for (const Json& group : list.at("groups")) names.push_back(text_at(group, {"name"}));
    return names;
  }
  bool has_group(const std::string& name) {
    const auto all = groups();
    return std::find(all.begin(), all.end(), name) != all.end();
  }
  std::string discovery_tag() {
    const http::Response response =
        call({.target = "/apis", .accept = "application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList"});
    return std::string(response.headers.get("ETag").value_or(""));
  }
  // Installs `definition` with a change; expects the status, and the message to contain `text`.
  void refuse(const Json& definition, const std::string& text) {
    const Json status = send(422, "POST", kDefinitionsUrl, definition);
    EXPECT_NE(text_at(status, {"message"}).find(text), std::string::npos) << status.dump();
  }
};

TEST_F(DefinitionTest, IsEstablishedAtOnce) {
  define(cron_tab_definition());
  const Json object = get(kDefinitionsUrl + "/crontabs.stable.example.com");
  EXPECT_EQ(condition("crontabs.stable.example.com", "NamesAccepted").at("status"), "True");
  EXPECT_EQ(condition("crontabs.stable.example.com", "Established").at("status"), "True");
  EXPECT_EQ(condition("crontabs.stable.example.com", "Established").at("lastTransitionTime"), "2026-01-01T00:00:00Z");
  EXPECT_EQ(object.at("status").at("storedVersions"), Json::array({"v1"}));
  EXPECT_EQ(object.at("status").at("acceptedNames").at("listKind"), "CronTabList");
  EXPECT_EQ(object.at("metadata").at("finalizers"), Json::array({"customresourcecleanup.apiextensions.k8s.io"}));
  EXPECT_EQ(object.at("spec").at("conversion").at("strategy"), "None");
}

TEST_F(DefinitionTest, DiscoveryLearnsAndForgetsTheResource) {
  const std::string before = discovery_tag();
  define(cron_tab_definition());
  EXPECT_NE(discovery_tag(), before);
  EXPECT_TRUE(has_group("stable.example.com"));
  const Json list = get("/apis/stable.example.com/v1");
  ASSERT_EQ(list.at("resources").size(), 3u);
  EXPECT_EQ(list["resources"][0]["name"], "crontabs");
  EXPECT_EQ(list["resources"][0]["kind"], "CronTab");
  EXPECT_EQ(list["resources"][0]["singularName"], "crontab");
  EXPECT_EQ(list["resources"][0]["shortNames"], Json::array({"ct"}));
  EXPECT_EQ(list["resources"][0]["categories"], Json::array({"all"}));
  EXPECT_EQ(list["resources"][1]["name"], "crontabs/scale");
  EXPECT_EQ(list["resources"][1]["group"], "autoscaling");
  EXPECT_EQ(list["resources"][2]["name"], "crontabs/status");

  expect(200, {.method = "DELETE", .target = kDefinitionsUrl + "/crontabs.stable.example.com"});
  expect(404, {.target = kDefinitionsUrl + "/crontabs.stable.example.com"});
  EXPECT_FALSE(has_group("stable.example.com"));
  EXPECT_EQ(call({.target = "/apis/stable.example.com/v1"}).status, 404);
  EXPECT_EQ(discovery_tag(), before);
}

TEST_F(DefinitionTest, DeletionTakesTheObjectsAndEndsTheWatches) {
  define(cron_tab_definition());
  create(kCronTabsUrl, cron_tab("a"));
  create(kCronTabsUrl, cron_tab("b"));
  auto watch_crons = watch("/apis/stable.example.com/v1/crontabs?watch=true");
  EXPECT_EQ(watch_crons->take_names(), (std::vector<std::string>{"ADDED a", "ADDED b"}));
  expect(200, {.method = "DELETE", .target = kDefinitionsUrl + "/crontabs.stable.example.com"});
  EXPECT_EQ(watch_crons->take_names(), (std::vector<std::string>{"DELETED a", "DELETED b"}));
  EXPECT_TRUE(watch_crons->ended());
  EXPECT_EQ(call({.target = kCronTabsUrl}).status, 404);
  EXPECT_TRUE(store().list(Resource{"stable.example.com", "crontabs"}).empty());

  define(cron_tab_definition());
  EXPECT_TRUE(get(kCronTabsUrl).at("items").empty()) << "nothing comes back with the definition";
}

TEST_F(DefinitionTest, DeletionWaitsForFinalizersAndTakesNoNewObjects) {
  define(cron_tab_definition());
  Json held = cron_tab("held");
  held["metadata"]["finalizers"] = {"example.com/hold"};
  create(kCronTabsUrl, held);
  expect(200, {.method = "DELETE", .target = kDefinitionsUrl + "/crontabs.stable.example.com"});
  EXPECT_EQ(condition("crontabs.stable.example.com", "Terminating").at("status"), "True");
  EXPECT_TRUE(get(kCronTabsUrl + "/held").at("metadata").contains("deletionTimestamp"));
  const Json refused = send(405, "POST", kCronTabsUrl, cron_tab("late"));
  EXPECT_EQ(refused.at("message"), "create not allowed while custom resource definition is terminating");
  patch(kCronTabsUrl + "/held", {{"metadata", {{"finalizers", nullptr}}}});
  expect(404, {.target = kDefinitionsUrl + "/crontabs.stable.example.com"});
}

TEST_F(DefinitionTest, NamesThatSomebodyHasAreRefusedUntilTheyAreFree) {
  define(cron_tab_definition());
  Json rival = cron_tab_definition();
  rival["metadata"]["name"] = "cronjobs.stable.example.com";
  rival["spec"]["names"] = {{"plural", "cronjobs"}, {"singular", "cronjob"}, {"kind", "CronTab"}};
  define(rival);
  const Json refused = condition("cronjobs.stable.example.com", "NamesAccepted");
  EXPECT_EQ(refused.at("status"), "False");
  EXPECT_EQ(refused.at("reason"), "KindConflict");
  EXPECT_EQ(refused.at("message"), "\"CronTab\" is already in use");
  EXPECT_EQ(condition("cronjobs.stable.example.com", "Established").at("status"), "False");
  EXPECT_EQ(call({.target = "/apis/stable.example.com/v1/cronjobs"}).status, 404);

  expect(200, {.method = "DELETE", .target = kDefinitionsUrl + "/crontabs.stable.example.com"});
  EXPECT_EQ(condition("cronjobs.stable.example.com", "Established").at("status"), "True");
  get("/apis/stable.example.com/v1/cronjobs");
}

TEST_F(DefinitionTest, AnUpdateChangesTheLiveSchema) {
  define(cron_tab_definition());
  send(422, "POST", kCronTabsUrl, cron_tab("big", {{"cronSpec", "* * * * *"}, {"replicas", 50}}));
  patch(kDefinitionsUrl + "/crontabs.stable.example.com",
        Json::array({{{"op", "replace"},
                      {"path", "/spec/versions/0/schema/openAPIV3Schema/properties/spec/properties/replicas/maximum"},
                      {"value", 100}}}),
        "json-patch");
  create(kCronTabsUrl, cron_tab("big", {{"cronSpec", "* * * * *"}, {"replicas", 50}}));
}

TEST_F(DefinitionTest, VersionsShowTheSameObjects) {
  Json definition = cron_tab_definition();
  Json older = definition["spec"]["versions"][0];
  older["name"] = "v1beta1";
  older["storage"] = false;
  older["deprecated"] = true;
  definition["spec"]["versions"].push_back(older);
  define(definition);
  create(kCronTabsUrl, cron_tab("a"));
  const std::string beta = "/apis/stable.example.com/v1beta1/namespaces/default/crontabs";
  EXPECT_EQ(get(beta + "/a").at("apiVersion"), "stable.example.com/v1beta1");
  EXPECT_EQ(get(kCronTabsUrl + "/a").at("apiVersion"), "stable.example.com/v1");
  const Json group = get("/apis/stable.example.com");
  EXPECT_EQ(group.at("preferredVersion").at("version"), "v1");
  const http::Response warned = call({.target = beta + "/a"});
  EXPECT_EQ(warned.headers.get("Warning").value_or(""), "299 - \"stable.example.com/v1beta1 CronTab is deprecated\"");

  Json object = cron_tab("b");
  object["apiVersion"] = "stable.example.com/v1beta1";
  create(beta, object);
  EXPECT_EQ(names_of(get(kCronTabsUrl)), (std::vector<std::string>{"a", "b"}));

  Json gone = get(kDefinitionsUrl + "/crontabs.stable.example.com");
  gone["spec"]["versions"] = Json::array({gone["spec"]["versions"][1]});
  gone["spec"]["versions"][0]["storage"] = true;
  const Json status = send(422, "PUT", kDefinitionsUrl + "/crontabs.stable.example.com", gone);
  EXPECT_NE(text_at(status, {"message"})
                .find("status.storedVersions[0]: Invalid value: \"v1\": must appear in "
                      "spec.versions"),
            std::string::npos);
}

TEST_F(DefinitionTest, BadDefinitionsAreRefusedInAllTheirParts) {
  Json d = cron_tab_definition();
  d["metadata"]["name"] = "other.stable.example.com";
  refuse(d, "metadata.name: Invalid value: \"other.stable.example.com\": must be spec.names.plural+\".\"+spec.group");
  d = cron_tab_definition();
  d["spec"]["group"] = "stable";
  d["metadata"]["name"] = "crontabs.stable";
  refuse(d, "spec.group: Invalid value: \"stable\": should be a domain with at least one dot");
  d = cron_tab_definition();
  d["spec"]["scope"] = "Galaxy";
  refuse(d, "spec.scope: Unsupported value: \"Galaxy\": supported values: \"Cluster\", \"Namespaced\"");
  d = cron_tab_definition();
  d["spec"]["versions"][0]["storage"] = false;
  refuse(d, "must have exactly one version marked as storage version");
  d = cron_tab_definition();
  d["spec"]["versions"][0]["served"] = false;
  refuse(d, "must have at least one version that is served");
  d = cron_tab_definition();
  d["spec"]["versions"].push_back(d["spec"]["versions"][0]);
  refuse(d, "must contain unique version names");
  d = cron_tab_definition();
  d["spec"]["versions"][0].erase("schema");
  refuse(d, "spec.versions[0].schema.openAPIV3Schema: Required value: schemas are required");
  d = cron_tab_definition();
  d["spec"]["versions"][0]["schema"]["openAPIV3Schema"]["properties"]["spec"].erase("type");
  refuse(d, "openAPIV3Schema.properties[spec].type: Required value: must not be empty for specified object fields");
  d = cron_tab_definition();
  d["spec"]["versions"][0]["subresources"]["scale"]["specReplicasPath"] = ".status.replicas";
  refuse(d, "specReplicasPath: Invalid value: \".status.replicas\": should be a json path under .spec");
  d = cron_tab_definition();
  d["spec"]["versions"][0]["additionalPrinterColumns"][0]["jsonPath"] = "nowhere";
  refuse(d, "must be a simple json path starting with .");
  d = cron_tab_definition();
  d["spec"]["names"]["kind"] = "Cron Tab";
  refuse(d, "spec.names.kind");
  d = cron_tab_definition();
  d["spec"].erase("versions");
  refuse(d, "spec.versions");
  EXPECT_TRUE(get(kDefinitionsUrl).at("items").empty());
  EXPECT_FALSE(has_group("stable.example.com"));
}

TEST_F(DefinitionTest, WhatIsFixedStaysFixed) {
  define(cron_tab_definition());
  Json object = get(kDefinitionsUrl + "/crontabs.stable.example.com");
  object["spec"]["scope"] = "Cluster";
  const Json status = send(422, "PUT", kDefinitionsUrl + "/crontabs.stable.example.com", object);
  EXPECT_NE(text_at(status, {"message"}).find("spec.scope: Invalid value: \"Cluster\": field is immutable"),
            std::string::npos);
}

TEST_F(DefinitionTest, ExpressionsAreAcceptedWithAWarning) {
  Json definition = cron_tab_definition();
  definition["spec"]["versions"][0]["schema"]["openAPIV3Schema"]["properties"]["spec"]["x-kubernetes-validations"] =
      Json::array({{{"rule", "self.replicas < 5"}}});
  const http::Response response = call(
      {.method = "POST", .target = kDefinitionsUrl, .body = definition.dump(), .content_type = "application/json"});
  EXPECT_EQ(response.status, 201);
  EXPECT_NE(response.headers.get("Warning").value_or("").find("does not evaluate them"), std::string_view::npos);
}

TEST_F(DefinitionTest, TakesOverAResourceThatIsBuiltInForSimulations) {
  Json definition = cron_tab_definition();
  definition["metadata"]["name"] = "scaledobjects.keda.sh";
  definition["spec"]["group"] = "keda.sh";
  definition["spec"]["names"] = {{"plural", "scaledobjects"}, {"kind", "ScaledObject"}, {"shortNames", {"so"}}};
  definition["spec"]["versions"][0]["name"] = "v1alpha1";
  define(definition);
  EXPECT_EQ(condition("scaledobjects.keda.sh", "Established").at("status"), "True");
  const std::string url = "/apis/keda.sh/v1alpha1/namespaces/default/scaledobjects";
  Json object = {{"metadata", {{"name", "a"}}}, {"spec", {{"cronSpec", "* * * * *"}}}};
  EXPECT_EQ(create(url, object).at("spec").at("replicas"), 1);
  expect(200, {.method = "DELETE", .target = kDefinitionsUrl + "/scaledobjects.keda.sh"});
  EXPECT_TRUE(get(url).at("items").empty()) << "the row is there again, without objects";
}

TEST_F(DefinitionTest, WhatIsStoredPastTheApiIsServedOnlyIfItIsRight) {
  Json broken = cron_tab_definition();
  broken["spec"]["versions"] = Json::array();
  ASSERT_TRUE(store().create(Resource{"apiextensions.k8s.io", "customresourcedefinitions"}, broken));
  EXPECT_FALSE(has_group("stable.example.com"));
  expect(200, {.method = "DELETE", .target = kDefinitionsUrl + "/crontabs.stable.example.com"});
  ASSERT_TRUE(store().create(Resource{"apiextensions.k8s.io", "customresourcedefinitions"}, cron_tab_definition()));
  EXPECT_TRUE(has_group("stable.example.com"));
}

TEST_F(DefinitionTest, DryRunDefinesNothing) {
  send(201, "POST", kDefinitionsUrl + "?dryRun=All", cron_tab_definition());
  EXPECT_FALSE(has_group("stable.example.com"));
}

}  // namespace
}  // namespace fakeapi
