#include <gtest/gtest.h>

#include "fake-apiserver/custom/testing.h"

namespace fakeapi {
namespace {

class CustomResourceTest : public CustomTest {
 protected:
  CustomResourceTest() { define(cron_tab_definition()); }

  const std::string url_ = kCronTabsUrl + "/a";
};

TEST_F(CustomResourceTest, IsPrunedDefaultedAndCounted) {
  Json object = cron_tab("a", {{"cronSpec", "* * * * *"}, {"nonsense", 1}, {"extra", {{"free", {1, 2}}}}});
  object["spec"]["steps"] = Json::array({{{"name", "one"}}});
  object["status"] = {{"replicas", 9}};
  const Json created = create(kCronTabsUrl, object);
  EXPECT_EQ(created.at("spec"),
            Json::parse(R"({"cronSpec": "* * * * *", "extra": {"free": [1, 2]}, "replicas": 1, "policy": "Allow",
                            "steps": [{"name": "one", "retries": 3}]})"));
  EXPECT_FALSE(created.contains("status")) << "the status is for /status";
  EXPECT_EQ(created.at("metadata").at("generation"), 1);
  EXPECT_EQ(get(kCronTabsUrl).at("kind"), "CronTabList");
}

TEST_F(CustomResourceTest, UnknownFieldsAreReportedAsTheRequestWantsIt) {
  const Json object = cron_tab("a", {{"cronSpec", "* * * * *"}, {"nonsense", 1}});
  const Json refused = send(400, "POST", kCronTabsUrl + "?fieldValidation=Strict", object);
  EXPECT_EQ(refused.at("message"),
            "CronTab in version \"v1\" cannot be handled as a CronTab: strict decoding error: unknown field "
            "\"spec.nonsense\"");
  const http::Response warned = call({.method = "POST", .target = kCronTabsUrl, .body = object.dump()});
  EXPECT_EQ(warned.status, 201);
  EXPECT_EQ(warned.headers.get("Warning").value_or(""), "299 - \"unknown field \\\"spec.nonsense\\\"\"");
  const http::Response silent = call({.method = "PUT", .target = url_ + "?fieldValidation=Ignore", .body = [&] {
                                        Json next = get(url_);
                                        next["spec"]["nonsense"] = 1;
                                        return next.dump();
                                      }()});
  EXPECT_EQ(silent.status, 200);
  EXPECT_FALSE(silent.headers.get("Warning"));
}

TEST_F(CustomResourceTest, InvalidValuesAreRefusedWithAllTheirCauses) {
  const Json status =
      send(422, "POST", kCronTabsUrl, cron_tab("a", {{"cronSpec", "often"}, {"replicas", 11}, {"policy", "Maybe"}}));
  EXPECT_EQ(status.at("reason"), "Invalid");
  EXPECT_EQ(status.at("details").at("kind"), "CronTab");
  EXPECT_EQ(status.at("details").at("group"), "stable.example.com");
  ASSERT_EQ(status.at("details").at("causes").size(), 3u);
  const std::string message = text_at(status, {"message"});
  EXPECT_TRUE(message.starts_with("CronTab.stable.example.com \"a\" is invalid: [spec.cronSpec: Invalid value: "));
  EXPECT_NE(message.find("spec.replicas: Invalid value: 11: spec.replicas in body should be less than or equal to 10"),
            std::string::npos);
  EXPECT_NE(message.find("spec.policy: Unsupported value: \"Maybe\": supported values: \"Allow\", \"Forbid\""),
            std::string::npos);
  const Json missing = send(422, "POST", kCronTabsUrl, cron_tab("a", Json::object()));
  EXPECT_EQ(missing.at("message"), "CronTab.stable.example.com \"a\" is invalid: spec.cronSpec: Required value");
  EXPECT_TRUE(get(kCronTabsUrl).at("items").empty());
}

TEST_F(CustomResourceTest, AnUpdateNeedsTheRevisionAndAStrategicPatchIsUnsupported) {
  const Json created = create(kCronTabsUrl, cron_tab("a"));
  const Json blind = send(422, "PUT", url_, cron_tab("a"));
  EXPECT_EQ(blind.at("message"),
            "CronTab.stable.example.com \"a\" is invalid: metadata.resourceVersion: Invalid value: 0x0: must be "
            "specified for an update");
  Json next = created;
  next["spec"]["replicas"] = 3;
  EXPECT_EQ(send(200, "PUT", url_, next).at("metadata").at("generation"), 2);
  send(409, "PUT", url_, next);
  const Json refused =
      send(415, "PATCH", url_, {{"spec", {{"replicas", 2}}}}, "application/strategic-merge-patch+json");
  const std::string message = text_at(refused, {"message"});
  for (const char* type :
       {"application/json-patch+json", "application/merge-patch+json", "application/apply-patch+yaml"}) {
    EXPECT_NE(message.find(type), std::string::npos) << message;
  }
  EXPECT_EQ(patch(url_, {{"spec", {{"replicas", 2}}}}).at("spec").at("replicas"), 2);
}

TEST_F(CustomResourceTest, StatusAndSpecAreWrittenApart) {
  create(kCronTabsUrl, cron_tab("a"));
  const Json written =
      patch(url_ + "/status", {{"status", {{"replicas", 2}, {"unknown", 1}}}, {"spec", {{"replicas", 9}}}});
  EXPECT_EQ(written.at("status"), (Json{{"replicas", 2}}));
  EXPECT_EQ(written.at("spec").at("replicas"), 1);
  EXPECT_EQ(written.at("metadata").at("generation"), 1);
  const Json kept = patch(url_, {{"status", {{"replicas", 7}}}, {"spec", {{"replicas", 4}}}});
  EXPECT_EQ(kept.at("status").at("replicas"), 2);
  EXPECT_EQ(kept.at("metadata").at("generation"), 2);
  send(422, "PATCH", url_ + "/status", {{"status", {{"replicas", "two"}}}}, "application/merge-patch+json");
  Json whole = get(url_);
  whole["status"] = {{"replicas", 5}};
  EXPECT_EQ(send(200, "PUT", url_ + "/status", whole).at("status").at("replicas"), 5);
}

TEST_F(CustomResourceTest, WithoutAStatusSubresourceEveryChangeCounts) {
  Json definition = cron_tab_definition();
  definition["metadata"]["name"] = "plains.stable.example.com";
  definition["spec"]["names"] = {{"plural", "plains"}, {"kind", "Plain"}};
  definition["spec"]["versions"][0].erase("subresources");
  define(definition);
  const std::string plains = "/apis/stable.example.com/v1/namespaces/default/plains";
  Json object = cron_tab("a");
  object["kind"] = "Plain";
  object["status"] = {{"replicas", 1}};
  EXPECT_EQ(create(plains, object).at("status").at("replicas"), 1);
  EXPECT_EQ(patch(plains + "/a", {{"status", {{"replicas", 2}}}}).at("metadata").at("generation"), 2);
  EXPECT_EQ(patch(plains + "/a", {{"metadata", {{"labels", {{"x", "y"}}}}}}).at("metadata").at("generation"), 2);
  expect(404, {.target = plains + "/a/status"});
  expect(404, {.target = plains + "/a/scale"});
}

TEST_F(CustomResourceTest, MetadataHasTheTypesOfEveryOtherKind) {
  const auto with = [](const char* key, const Json& value) {
    Json object = cron_tab("a");
    object["metadata"][key] = value;
    return object;
  };
  const Json owner = {{"apiVersion", "v1"}, {"kind", "Pod"}, {"name", "p"}, {"uid", "1"}};
  Json wrong_owner = owner;
  wrong_owner["controller"] = "x";
  for (const Json& object :
       {with("ownerReferences", Json::array({wrong_owner})), with("creationTimestamp", "yesterday"),
        with("generation", "one"), with("managedFields", {{"a", 1}}), with("deletionGracePeriodSeconds", 1.5)}) {
    const Json refused = send(400, "POST", kCronTabsUrl, object);
    EXPECT_TRUE(text_at(refused, {"message"}).starts_with("CronTab in version \"v1\" cannot be handled as a CronTab: "))
        << refused;
  }
  expect(404, {.target = url_});
  Json right = with("ownerReferences", Json::array({owner}));
  right["metadata"]["creationTimestamp"] = nullptr;
  create(kCronTabsUrl, right);
  send(400, "PATCH", url_, {{"metadata", {{"ownerReferences", Json::array({wrong_owner})}}}},
       "application/merge-patch+json");
}

TEST_F(CustomResourceTest, CountsOfAScaleAreInt32) {
  Json definition = cron_tab_definition();
  definition["metadata"]["name"] = "wides.stable.example.com";
  definition["spec"]["names"] = {{"plural", "wides"}, {"kind", "Wide"}};
  definition["spec"]["versions"][0]["schema"]["openAPIV3Schema"]["properties"]["spec"] = {
      {"type", "object"}, {"properties", {{"replicas", {{"type", "integer"}}}}}};
  define(definition);
  const std::string url = "/apis/stable.example.com/v1/namespaces/default/wides";
  const auto wide = [](const Json& replicas) {
    return Json{{"metadata", {{"name", "w"}}}, {"spec", {{"replicas", replicas}}}};
  };
  const Json large = send(422, "POST", url, wide(2147483648));
  EXPECT_EQ(
      large.at("message"),
      "Wide.stable.example.com \"w\" is invalid: .spec.replicas: Invalid value: 2147483648: should be less than or "
      "equal to 2147483647");
  const Json negative = send(422, "POST", url, wide(-1));
  EXPECT_EQ(negative.at("details").at("causes").at(0).at("message"),
            "Invalid value: -1: should be a non-negative integer");
  create(url, wide(2147483647));
  EXPECT_EQ(get(url + "/w/scale").at("spec").at("replicas"), 2147483647);
  send(422, "PATCH", url + "/w", {{"spec", {{"replicas", 3000000000}}}}, "application/merge-patch+json");
  send(422, "PATCH", url + "/w/status", {{"status", {{"replicas", 3000000000}}}}, "application/merge-patch+json");
  patch(url + "/w/status", {{"status", {{"replicas", 7}}}});
}

TEST_F(CustomResourceTest, ScaleIsWhereTheDefinitionSaysItIs) {
  const Json created = create(kCronTabsUrl, cron_tab("a", {{"cronSpec", "* * * * *"}, {"replicas", 3}}));
  patch(url_ + "/status", {{"status", {{"replicas", 2}, {"labelSelector", "app=a"}}}});
  Json scale = get(url_ + "/scale");
  EXPECT_EQ(scale.at("kind"), "Scale");
  EXPECT_EQ(scale.at("apiVersion"), "autoscaling/v1");
  EXPECT_EQ(scale.at("metadata").at("uid"), created.at("metadata").at("uid"));
  EXPECT_EQ(scale.at("spec").at("replicas"), 3);
  EXPECT_EQ(scale.at("status"), (Json{{"replicas", 2}, {"selector", "app=a"}}));

  scale["spec"]["replicas"] = 5;
  const http::Response put = call({.method = "PUT", .target = url_ + "/scale", .body = scale.dump()});
  EXPECT_EQ(put.status, 200) << put.body;
  EXPECT_EQ(get(url_).at("spec").at("replicas"), 5);
  EXPECT_EQ(get(url_).at("metadata").at("generation"), 2);
  EXPECT_EQ(call({.method = "PUT", .target = url_ + "/scale", .body = scale.dump()}).status, 409)
      << "the revision is old";
  EXPECT_EQ(patch(url_ + "/scale", {{"spec", {{"replicas", 7}}}}).at("spec").at("replicas"), 7);
  send(422, "PATCH", url_ + "/scale", {{"spec", {{"replicas", 11}}}}, "application/merge-patch+json");
  EXPECT_EQ(get(url_).at("spec").at("replicas"), 7);
}

TEST_F(CustomResourceTest, TablesHaveTheColumnsOfTheDefinition) {
  create(kCronTabsUrl, cron_tab("a", {{"cronSpec", "* * * * *"}, {"image", "app:1"}}));
  patch(url_ + "/status", {{"status", {{"conditions", {{{"type", "Ready"}, {"status", "True"}}}}}}});
  clock_.run_for(std::chrono::minutes(5));
  const Json table = expect(200, {.target = kCronTabsUrl, .accept = kTableAccept});
  std::vector<std::string> names;
  for (const Json& column : table.at("columnDefinitions")) {
    names.push_back(text_at(column, {"name"}) + ":" + text_at(column, {"type"}) + ":" + column.at("priority").dump());
  }
  EXPECT_EQ(names, (std::vector<std::string>{"Name:string:0", "Spec:string:0", "Replicas:integer:0", "Ready:string:0",
                                             "Image:string:1", "Age:date:0"}));
  EXPECT_EQ(table.at("rows").at(0).at("cells"), Json::array({"a", "* * * * *", 1, "True", "app:1", "5m"}));
}

TEST_F(CustomResourceTest, WithoutColumnsATableShowsNameAndAge) {
  Json definition = cron_tab_definition();
  definition["metadata"]["name"] = "plains.stable.example.com";
  definition["spec"]["names"] = {{"plural", "plains"}, {"kind", "Plain"}};
  definition["spec"]["scope"] = "Cluster";
  definition["spec"]["versions"][0].erase("additionalPrinterColumns");
  define(definition);
  Json object = cron_tab("a");
  object["kind"] = "Plain";
  create("/apis/stable.example.com/v1/plains", object);
  const Json table = expect(200, {.target = "/apis/stable.example.com/v1/plains", .accept = kTableAccept});
  EXPECT_EQ(table.at("columnDefinitions").size(), 2u);
  EXPECT_EQ(table.at("rows").at(0).at("cells").at(0), "a");
}

TEST_F(CustomResourceTest, WatchesShowChangesAndDeletion) {
  auto events = watch(kCronTabsUrl + "?watch=true");
  create(kCronTabsUrl, cron_tab("a"));
  patch(url_, {{"spec", {{"replicas", 2}}}});
  patch(url_, {{"spec", {{"replicas", 2}}}});
  expect(200, {.method = "DELETE", .target = url_});
  expect(404, {.target = url_});
  EXPECT_EQ(events->take_names(), (std::vector<std::string>{"ADDED a", "MODIFIED a", "DELETED a"}));
}

TEST_F(CustomResourceTest, ServerSideApplyMergesListsByTheirKeys) {
  const auto apply = [&](const std::string& manager, const Json& spec) {
    return call({.method = "PATCH",
                 .target = url_ + "?fieldManager=" + manager,
                 .body = cron_tab("a", spec).dump(),
                 .content_type = "application/apply-patch+yaml"});
  };
  EXPECT_EQ(apply("one", {{"cronSpec", "* * * * *"}, {"steps", Json::array({{{"name", "x"}}})}}).status, 201);
  EXPECT_EQ(apply("two", {{"cronSpec", "* * * * *"}, {"steps", Json::array({{{"name", "y"}, {"retries", 1}}})}}).status,
            200);
  const Json steps = get(url_).at("spec").at("steps");
  ASSERT_EQ(steps.size(), 2u) << steps.dump();
  EXPECT_EQ(steps[0], (Json{{"name", "x"}, {"retries", 3}}));
  EXPECT_EQ(steps[1], (Json{{"name", "y"}, {"retries", 1}}));
  EXPECT_EQ(apply("two", {{"cronSpec", "1 * * * *"}}).status, 409);
}

TEST_F(CustomResourceTest, RandomDocumentsNeverBreakTheServer) {
  base::Random random(11);
  const std::vector<Json> values{nullptr,
                                 1,
                                 -1.5,
                                 "x",
                                 true,
                                 Json::array(),
                                 Json::object(),
                                 Json::array({nullptr}),
                                 Json::object({{"name", nullptr}})};
  for (int round = 0; round < 2'000; ++round) {
    Json object = cron_tab("r" + std::to_string(round));
    for (const char* key : {"cronSpec", "replicas", "steps", "labels", "extra", "port"}) {
      if (random.below(2) == 0) object["spec"][key] = values[random.below(values.size())];
    }
    if (random.below(4) == 0) object["status"] = values[random.below(values.size())];
    if (random.below(8) == 0) object["spec"] = values[random.below(values.size())];
    const int status = call({.method = "POST", .target = kCronTabsUrl, .body = object.dump()}).status;
    EXPECT_TRUE(status == 201 || status == 400 || status == 422) << status << " " << object.dump();
  }
}

}  // namespace
}  // namespace fakeapi
