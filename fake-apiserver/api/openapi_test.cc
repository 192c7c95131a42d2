#include "fake-apiserver/api/openapi.h"

#include <gtest/gtest.h>

#include <set>

#include "fake-apiserver/api/openapi_test_support.h"

namespace fakeapi {
namespace {

constexpr const char* kV2Accept = "application/com.github.proto-openapi.spec.v2@v1.0+protobuf";

class OpenApiTest : public OpenApiDocuments {
 protected:
  http::Response get(const std::string& target, const std::string& accept = "", const std::string& known = "") {
    http::Request request;
    request.target = target;
    if (!accept.empty()) request.headers.set("Accept", accept);
    if (!known.empty()) request.headers.set("If-None-Match", known);
    return openapi_.answer(request, *http::parse_target(target));
  }
  Json document(const std::string& target) {
    const http::Response response = get(target);
    EXPECT_EQ(response.status, 200) << target;
    return Json::parse(response.body);
  }
};

TEST_F(OpenApiTest, TheIndexNamesADocumentForEachGroupAndVersion) {
  const Json index = document("/openapi/v3");
  for (const char* path : {"api/v1", "apis/apps/v1", "apis/autoscaling/v2", "apis/coordination.k8s.io/v1"}) {
    ASSERT_TRUE(index["paths"].contains(path)) << path;
    const auto url = index["paths"][path]["serverRelativeURL"].get<std::string>();
    EXPECT_EQ(url.rfind("/openapi/v3/" + std::string(path) + "?hash=", 0), 0u);
    EXPECT_EQ(document(url)["openapi"], "3.0.0");
  }
}

TEST_F(OpenApiTest, EveryReferenceOfEveryDocumentIsThere) {
  const Json index = document("/openapi/v3");
  for (const auto& [path, entry] : index["paths"].items()) {
    const Json text = document("/openapi/v3/" + path);
    for (const std::string& reference : references(text)) {
      const std::string name = reference.substr(std::string("#/components/schemas/").size());
      EXPECT_TRUE(text["components"]["schemas"].contains(name)) << path << " " << name;
    }
  }
}

TEST_F(OpenApiTest, APatchTellsThatTheServerValidatesFields) {
  const Json paths = document("/openapi/v3/apis/apps/v1")["paths"];
  const Json& patch = paths["/apis/apps/v1/namespaces/{namespace}/deployments/{name}"]["patch"];
  EXPECT_EQ(patch["x-kubernetes-group-version-kind"],
            Json::parse(R"({"group":"apps","version":"v1","kind":"Deployment"})"));
  std::set<std::string> names;
  for (const Json& parameter : patch["parameters"]) {
    names.insert(parameter["name"].get<std::string>());
    EXPECT_EQ(parameter["in"], "query");
  }
  EXPECT_TRUE(names.contains("fieldValidation"));
  EXPECT_TRUE(names.contains("dryRun"));
  EXPECT_EQ(paths["/apis/apps/v1/namespaces/{namespace}/deployments/{name}/scale"]["get"]
                 ["x-kubernetes-group-version-kind"]["kind"],
            "Scale");
  EXPECT_TRUE(paths["/apis/apps/v1/deployments"].contains("get"));
  EXPECT_FALSE(paths["/apis/apps/v1/deployments"].contains("post"));
}

TEST_F(OpenApiTest, SchemasDescribeTheFieldsAndHowListsMerge) {
  const Json schemas = document("/openapi/v3/apis/apps/v1")["components"]["schemas"];
  const Json& spec = schemas["io.k8s.api.apps.v1.DeploymentSpec"];
  EXPECT_EQ(spec["properties"]["replicas"]["type"], "integer");
  EXPECT_EQ(spec["properties"]["replicas"]["format"], "int32");
  EXPECT_FALSE(spec["properties"]["replicas"]["description"].get<std::string>().empty());
  const Json& containers = schemas["io.k8s.api.core.v1.PodSpec"]["properties"]["containers"];
  EXPECT_EQ(containers["x-kubernetes-list-type"], "map");
  EXPECT_EQ(containers["x-kubernetes-list-map-keys"], Json::array({"name"}));
  EXPECT_EQ(containers["x-kubernetes-patch-merge-key"], "name");
  EXPECT_EQ(schemas["io.k8s.api.core.v1.PodSpec"]["properties"]["volumes"]["x-kubernetes-patch-strategy"],
            "merge,retainKeys");
  EXPECT_TRUE(schemas["io.k8s.api.core.v1.Volume"]["properties"].contains("configMap"));
  EXPECT_EQ(schemas["io.k8s.api.apps.v1.Deployment"]["x-kubernetes-group-version-kind"],
            Json::parse(R"([{"group":"apps","version":"v1","kind":"Deployment"}])"));
  EXPECT_TRUE(schemas.contains("io.k8s.api.apps.v1.DeploymentList"));
}

TEST_F(OpenApiTest, ADocumentThatTheClientHasIsNotSentAgain) {
  for (const std::string target : {"/openapi/v3", "/openapi/v3/apis/apps/v1", "/openapi/v2"}) {
    const std::string accept = target == "/openapi/v2" ? kV2Accept : "application/json";
    const http::Response first = get(target, accept);
    const std::string tag(first.headers.get("ETag").value_or(""));
    ASSERT_FALSE(tag.empty()) << target;
    const http::Response again = get(target, accept, tag);
    EXPECT_EQ(again.status, 304) << target;
    EXPECT_TRUE(again.body.empty());
    EXPECT_EQ(get(target, accept, "\"other\"").status, 200);
  }
}

TEST_F(OpenApiTest, VersionTwoComesAsProtobufAndAsJson) {
  const http::Response response = get("/openapi/v2", kV2Accept);
  EXPECT_EQ(response.status, 200);
  EXPECT_EQ(response.headers.get("Content-Type"), "application/com.github.proto-openapi.spec.v2.v1.0+protobuf");
  EXPECT_EQ(Json::parse(get("/openapi/v2", "application/json").body)["swagger"], "2.0");
  EXPECT_EQ(get("/openapi/v2", "text/html").status, 406);
}

TEST_F(OpenApiTest, WhatIsNotThereIsNotFound) {
  EXPECT_EQ(get("/openapi/v3/apis/nothing/v1").status, 404);
  EXPECT_EQ(get("/openapi/v4").status, 404);
  EXPECT_EQ(get("/openapi").status, 404);
  EXPECT_EQ(get("/openapi/v3", "text/html").status, 406);
}

TEST_F(OpenApiTest, ANewDefinitionChangesItsDocumentAndNoOther) {
  const Json before = document("/openapi/v3");
  ResourceInfo info;
  info.resource = Resource{"example.com", "things"};
  info.versions = {"v1"};
  info.kind = "Thing";
  info.singular = "thing";
  info.custom = true;
  registry_.install(info);
  const Json after = document("/openapi/v3");
  EXPECT_TRUE(after["paths"].contains("apis/example.com/v1"));
  EXPECT_EQ(after["paths"]["apis/apps/v1"], before["paths"]["apis/apps/v1"]);
  const Json schemas = document("/openapi/v3/apis/example.com/v1")["components"]["schemas"];
  EXPECT_TRUE(schemas.contains("com.example.v1.Thing"));
}

}  // namespace
}  // namespace fakeapi
