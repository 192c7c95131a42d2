#include "fake-apiserver/api/openapi_v2.h"

#include <gtest/gtest.h>

#include <map>
#include <set>

#include "fake-apiserver/api/openapi_test_support.h"
#include "fake-apiserver/schema/protobuf_wire.h"

namespace fakeapi {
namespace {

constexpr const char* kProtobuf = "application/com.github.proto-openapi.spec.v2@v1.0+protobuf";

// The fields of a message that hold bytes, by number. The document is read by numbers, not by the table that wrote it.
std::multimap<int, std::string> parts(std::string_view message) {
  std::multimap<int, std::string> found;
  WireReader reader(message);
  while (const auto field = reader.next()) {
    if (field->type == WireType::kBytes) found.emplace(field->number, std::string(field->bytes));
  }
  EXPECT_FALSE(reader.broken());
  return found;
}

std::string part(std::string_view message, int number) {
  const auto all = parts(message);
  const auto found = all.find(number);
  return found == all.end() ? "" : found->second;
}

// Messages that are entries of a name (1) and a value (2), by name.
std::map<std::string, std::string> entries(std::string_view message, int number) {
  std::map<std::string, std::string> found;
  const auto all = parts(message);
  for (auto [entry, end] = all.equal_range(number); entry != end; ++entry) {
    found[part(entry->second, 1)] = part(entry->second, 2);
  }
  return found;
}

class OpenApiV2Test : public OpenApiDocuments {
 protected:
  http::Response get(const std::string& accept) {
    http::Request request;
    request.target = "/openapi/v2";
    request.headers.set("Accept", accept);
    return openapi_.answer(request, *http::parse_target(request.target));
  }
};

TEST_F(OpenApiV2Test, EveryReferenceIsToADefinition) {
  const Json swagger = Json::parse(get("application/json").body);
  EXPECT_EQ(swagger["swagger"], "2.0");
  const std::set<std::string> all = references(swagger);
  EXPECT_FALSE(all.empty());
  for (const std::string& reference : all) {
    ASSERT_EQ(reference.rfind("#/definitions/", 0), 0u) << reference;
    EXPECT_TRUE(swagger["definitions"].contains(reference.substr(14))) << reference;
  }
}

TEST_F(OpenApiV2Test, ProtobufHoldsTheKindsWithTheirFieldsAndHowTheyMerge) {
  const http::Response response = get(kProtobuf);
  EXPECT_EQ(response.headers.get("Content-Type"), "application/com.github.proto-openapi.spec.v2.v1.0+protobuf");
  EXPECT_EQ(part(response.body, 1), "2.0");
  const auto definitions = entries(part(response.body, 9), 1);
  const std::string& deployment = definitions.at("io.k8s.api.apps.v1.Deployment");
  EXPECT_EQ(part(part(deployment, 22), 1), "object");
  EXPECT_EQ(part(entries(deployment, 31).at("x-kubernetes-group-version-kind"), 2),
            R"([{"group":"apps","kind":"Deployment","version":"v1"}])");
  EXPECT_EQ(part(entries(part(deployment, 25), 1).at("spec"), 1), "#/definitions/io.k8s.api.apps.v1.DeploymentSpec");
  const auto spec = entries(part(definitions.at("io.k8s.api.apps.v1.DeploymentSpec"), 25), 1);
  EXPECT_EQ(part(part(spec.at("replicas"), 22), 1), "integer");
  EXPECT_EQ(part(spec.at("replicas"), 2), "int32");
  const auto pod = entries(part(definitions.at("io.k8s.api.core.v1.PodSpec"), 25), 1);
  EXPECT_EQ(part(entries(pod.at("containers"), 31).at("x-kubernetes-patch-merge-key"), 2), "\"name\"");
  EXPECT_EQ(part(part(part(pod.at("containers"), 23), 1), 1), "#/definitions/io.k8s.api.core.v1.Container");
  EXPECT_EQ(part(part(definitions.at("io.k8s.apimachinery.pkg.api.resource.Quantity"), 22), 1), "string");
}

TEST_F(OpenApiV2Test, ProtobufTellsThatPatchesMayBeTriedDry) {
  const auto paths = entries(part(get(kProtobuf).body, 8), 2);
  const std::string patch = part(paths.at("/apis/apps/v1/namespaces/{namespace}/deployments/{name}"), 8);
  EXPECT_EQ(part(entries(patch, 13).at("x-kubernetes-group-version-kind"), 2),
            R"({"group":"apps","kind":"Deployment","version":"v1"})");
  std::set<std::string> names;
  const auto all = parts(patch);
  for (auto [item, end] = all.equal_range(8); item != end; ++item) {
    const std::string query = part(part(part(item->second, 1), 2), 3);
    if (!query.empty()) names.insert(part(query, 4));
  }
  EXPECT_EQ(names, (std::set<std::string>{"dryRun", "fieldManager", "fieldValidation", "force"}));
}

TEST_F(OpenApiV2Test, ANewDefinitionChangesTheDocument) {
  const std::string tag(get(kProtobuf).headers.get("ETag").value_or(""));
  ResourceInfo info;
  info.resource = Resource{"example.com", "things"};
  info.versions = {"v1"};
  info.kind = "Thing";
  info.singular = "thing";
  info.custom = true;
  registry_.install(info);
  const http::Response after = get(kProtobuf);
  EXPECT_NE(after.headers.get("ETag").value_or(""), tag);
  EXPECT_EQ(entries(part(after.body, 9), 1).count("com.example.v1.Thing"), 1u);
}

Json converted(const char* schema) {
  Json swagger = Json::object();
  const Json document = {{"components", {{"schemas", {{"x", Json::parse(schema)}}}}}, {"paths", Json::object()}};
  add_to_swagger(document, swagger);
  return swagger["definitions"]["x"];
}

TEST(ToSwagger, WhatVersionTwoHasNoWordsForIsLeftOut) {
  EXPECT_EQ(converted(R"({"type":"object","properties":{"a":{"type":"string","nullable":true},
                          "b":{"type":"array"},"c":{"anyOf":[{"type":"string"}],"x-kubernetes-int-or-string":true}}})"),
            Json::parse(R"({"type":"object","properties":{"a":{},"b":{},"c":{"x-kubernetes-int-or-string":true}}})"));
}

TEST(ToSwagger, AnObjectWithUnknownFieldsNamesNone) {
  EXPECT_EQ(converted(R"({"type":"object","x-kubernetes-preserve-unknown-fields":true,
                          "properties":{"a":{"type":"string"}}})"),
            Json::parse(R"({"type":"object","x-kubernetes-preserve-unknown-fields":true})"));
}

TEST(ToSwagger, FieldsMayBeCalledAsKeywordsAre) {
  EXPECT_EQ(converted(R"({"type":"object","properties":{"type":{"type":"string"},"oneOf":{"type":"integer"}}})"),
            Json::parse(R"({"type":"object","properties":{"type":{"type":"string"},"oneOf":{"type":"integer"}}})"));
}

TEST(ToSwagger, ASchemaOfOddShapesIsNoCrash) {
  for (const char* schema : {R"({"type":7,"properties":[],"oneOf":[{"type":1}]})", R"({"allOf":[3],"$ref":5})", "[]",
                             R"({"type":"array","items":9,"required":"x","maximum":"y","enum":1})"}) {
    Json swagger = {{"swagger", "2.0"}, {"info", {{"title", ""}, {"version", ""}}}, {"paths", Json::object()}};
    add_to_swagger({{"components", {{"schemas", {{"x", Json::parse(schema)}}}}}, {"paths", Json::object()}}, swagger);
    EXPECT_EQ(entries(part(swagger_to_protobuf(swagger), 9), 1).count("x"), 1u) << schema;
  }
}

}  // namespace
}  // namespace fakeapi
