// What goes over the wire: forms of bodies and answers, unknown fields, warnings, and input that is no good.
#include <gtest/gtest.h>

#include "fake-apiserver/api/compression.h"
#include "fake-apiserver/api/deprecation.h"
#include "fake-apiserver/api/testing.h"
#include "fake-apiserver/api/warnings.h"
#include "fake-apiserver/schema/protobuf_reader.h"
#include "fake-apiserver/schema/test_encoder.h"

namespace fakeapi {
namespace {

using wire::bytes;
using wire::entry;
using wire::envelope;
using wire::metadata;
using wire::number;

const std::string kProtobuf(kProtobufMediaType);
const std::string kLeases = "/apis/coordination.k8s.io/v1/namespaces/default/leases";
const std::string kAutoscalers = "/apis/autoscaling/v2/namespaces/default/horizontalpodautoscalers";
const std::string kSecrets = "/api/v1/namespaces/default/secrets";

class WireTest : public ApiTest {
 protected:
  Json post_protobuf(const std::string& collection, const std::string& body) {
    return expect(201, {.method = "POST",
                        .target = collection,
                        .body = body,
                        .content_type = kProtobuf,
                        .accept = "application/vnd.kubernetes.protobuf,application/json"});
  }
};

// What the server gives each object of its own.
Json without_identity(Json object) {
  for (const char* key : {"name", "uid", "resourceVersion", "creationTimestamp", "managedFields"}) {
    object["metadata"].erase(key);
  }
  return object;
}

TEST_F(WireTest, ANamespaceInProtobufIsCreatedAndAnsweredInJson) {
  const http::Response response = call({.method = "POST",
                                        .target = "/api/v1/namespaces",
                                        .body = envelope("v1", "Namespace", bytes(1, metadata("games"))),
                                        .content_type = kProtobuf,
                                        .accept = "application/vnd.kubernetes.protobuf, */*"});
  EXPECT_EQ(response.status, 201);
  EXPECT_EQ(response.headers.get("Content-Type"), "application/json");
  const Json object = Json::parse(response.body);
  EXPECT_EQ(object["kind"], "Namespace");
  EXPECT_EQ(object["metadata"]["name"], "games");
}

TEST_F(WireTest, ALeaseInProtobufKeepsItsMicrosecondsThroughPostAndPut) {
  const auto lease = [](std::string_view version, std::int64_t nanos) {
    const std::string spec = bytes(1, "a") + number(2, 15) + bytes(4, wire::time(1'790'000'000, nanos));
    return envelope("coordination.k8s.io/v1", "Lease",
                    bytes(1, metadata("leader", "default", bytes(6, version))) + bytes(2, spec));
  };
  const Json created = post_protobuf(kLeases, lease("", 123'456'000));
  EXPECT_EQ(created["spec"]["renewTime"], "2026-09-21T14:13:20.123456Z");
  expect(409, {.method = "POST", .target = kLeases, .body = lease("", 1000), .content_type = kProtobuf});
  const Json renewed = expect(200, {.method = "PUT",
                                    .target = kLeases + "/leader",
                                    .body = lease(version_of(created), 654'321'000),
                                    .content_type = kProtobuf});
  EXPECT_EQ(renewed["spec"]["renewTime"], "2026-09-21T14:13:20.654321Z");
  expect(409, {.method = "PUT",
               .target = kLeases + "/leader",
               .body = lease(version_of(created), 1000),
               .content_type = kProtobuf});
}

TEST_F(WireTest, AnAutoscalerIsTheSameInProtobufAndInJson) {
  const std::string target = bytes(1, "AverageValue") + bytes(3, wire::quantity("500m"));
  const std::string pods = bytes(1, bytes(1, "requests")) + bytes(2, target);
  const std::string spec = bytes(1, bytes(1, "Deployment") + bytes(2, "web") + bytes(3, "apps/v1")) + number(3, 20) +
                           bytes(4, bytes(1, "Pods") + bytes(3, pods));
  const Json sent = post_protobuf(kAutoscalers, envelope("autoscaling/v2", "HorizontalPodAutoscaler",
                                                         bytes(1, metadata("a", "default")) + bytes(2, spec)));
  const Json same = create(kAutoscalers, Json::parse(R"({"metadata":{"name":"b"},"spec":{
      "scaleTargetRef":{"kind":"Deployment","name":"web","apiVersion":"apps/v1"},"maxReplicas":20,"metrics":[
        {"type":"Pods","pods":{"metric":{"name":"requests"},"target":{"type":"AverageValue","averageValue":"0.5"}}}]
      }})"));
  EXPECT_EQ(without_identity(sent), without_identity(same));
}

TEST_F(WireTest, ADeploymentIsTheSameInProtobufAndInJson) {
  const std::string http = bytes(1, "/ready") + bytes(2, wire::int_of(8080)) + bytes(3, "") + bytes(4, "");
  const std::string probe = bytes(1, bytes(2, http)) + number(2, 5) + number(3, 0) + number(4, 0);
  const std::string env = bytes(1, "P") + bytes(3, bytes(4, bytes(1, bytes(1, "db")) + bytes(2, "password")));
  const std::string container = bytes(1, "app") + bytes(2, "shop:1") + bytes(5, "") + bytes(7, env) + bytes(8, "") +
                                bytes(11, probe) + number(16, 0);
  const std::string volume = bytes(1, "config") + bytes(2, bytes(19, bytes(1, bytes(1, "settings"))));
  const std::string pod = bytes(1, metadata("", "", entry(11, "app", "shop"))) +
                          bytes(2, bytes(1, volume) + bytes(2, container) + bytes(3, ""));
  const std::string strategy = bytes(1, "") + bytes(2, bytes(2, wire::string_of("50%")));
  const std::string spec = number(1, 2) + bytes(2, entry(1, "app", "shop")) + bytes(3, pod) + bytes(4, strategy);
  const Json sent = post_protobuf(
      kDeploymentsUrl, envelope("apps/v1", "Deployment", bytes(1, metadata("a", "default")) + bytes(2, spec)));
  const Json same = create(kDeploymentsUrl, Json::parse(R"({"metadata":{"name":"b"},"spec":{"replicas":2,
      "selector":{"matchLabels":{"app":"shop"}},"strategy":{"rollingUpdate":{"maxSurge":"50%"}},
      "template":{"metadata":{"labels":{"app":"shop"}},"spec":{
        "volumes":[{"name":"config","configMap":{"name":"settings"}}],
        "containers":[{"name":"app","image":"shop:1",
          "env":[{"name":"P","valueFrom":{"secretKeyRef":{"name":"db","key":"password"}}}],
          "readinessProbe":{"httpGet":{"path":"/ready","port":8080},"initialDelaySeconds":5}}]}}}})"));
  EXPECT_EQ(without_identity(sent)["spec"], without_identity(same)["spec"]);
}

TEST_F(WireTest, ASecretInProtobufHasItsDataInBase64) {
  const Json secret = post_protobuf(
      kSecrets,
      envelope("v1", "Secret", bytes(1, metadata("s", "default")) + entry(2, "k", "\xff\x01") + bytes(3, "Opaque")));
  EXPECT_EQ(secret["data"], Json::parse(R"({"k":"/wE="})"));
}

TEST_F(WireTest, OptionsOfADeletionMayBeInProtobuf) {
  create(kConfigMapsUrl, {{"metadata", {{"name", "a"}}}});
  const std::string options = envelope("v1", "DeleteOptions", bytes(2, bytes(1, "another-uid")));
  expect(409, {.method = "DELETE", .target = kConfigMapsUrl + "/a", .body = options, .content_type = kProtobuf});
  expect(200, {.method = "DELETE",
               .target = kConfigMapsUrl + "/a",
               .body = envelope("v1", "DeleteOptions", ""),
               .content_type = kProtobuf});
}

TEST_F(WireTest, ProtobufThatCannotBeReadCostsOnlyItsSender) {
  const std::vector<std::string> before = names_of(get(kConfigMapsUrl));
  const Json refused = expect(415, {.method = "POST",
                                    .target = kConfigMapsUrl,
                                    .body = envelope("example.com/v1", "Thing", ""),
                                    .content_type = kProtobuf});
  EXPECT_EQ(refused["reason"], "UnsupportedMediaType");
  expect(400,
         {.method = "POST", .target = kConfigMapsUrl, .body = std::string("k8s\0\xff", 5), .content_type = kProtobuf});
  expect(400, {.method = "POST", .target = kConfigMapsUrl, .body = "{}", .content_type = kProtobuf});
  expect(415, {.method = "POST", .target = kConfigMapsUrl, .body = "{}", .content_type = "application/cbor"});
  EXPECT_EQ(names_of(get(kConfigMapsUrl)), before);
}

Json misspelt() {
  Json deployment = test_deployment("web");
  deployment["spec"]["replica"] = 3;
  return deployment;
}

TEST_F(WireTest, AnUnknownFieldIsRefusedWarnedOfOrIgnoredAsTheClientWants) {
  const Json refused =
      expect(400, {.method = "POST", .target = kDeploymentsUrl + "?fieldValidation=Strict", .body = misspelt().dump()});
  EXPECT_EQ(refused["reason"], "BadRequest");
  EXPECT_EQ(refused["message"],
            "Deployment in version \"v1\" cannot be handled as a Deployment: strict decoding error: unknown field "
            "\"spec.replica\"");
  const http::Response ignored = call(
      {.method = "POST", .target = kDeploymentsUrl + "?fieldValidation=Ignore&dryRun=All", .body = misspelt().dump()});
  EXPECT_EQ(ignored.status, 201);
  EXPECT_EQ(ignored.headers.get("Warning"), std::nullopt);
  for (const char* query : {"?fieldValidation=Warn&dryRun=All", "?dryRun=All", ""}) {
    const http::Response warned =
        call({.method = "POST", .target = kDeploymentsUrl + query, .body = misspelt().dump()});
    EXPECT_EQ(warned.status, 201) << query;
    EXPECT_EQ(warned.headers.get("Warning"), "299 - \"unknown field \\\"spec.replica\\\"\"") << query;
  }
  EXPECT_FALSE(get(kDeploymentsUrl + "/web")["spec"].contains("replica"));
  const Json wrong = expect(
      422,
      {.method = "POST", .target = kDeploymentsUrl + "?fieldValidation=Maybe", .body = test_deployment("x").dump()});
  EXPECT_EQ(wrong["reason"], "Invalid");
}

TEST_F(WireTest, UnknownFieldsOfAPatchAreReportedToo) {
  create(kDeploymentsUrl, test_deployment("web"));
  const std::string patch = R"({"spec":{"replica":5}})";
  const std::string url = kDeploymentsUrl + "/web?fieldValidation=";
  const Json refused = expect(
      422,
      {.method = "PATCH", .target = url + "Strict", .body = patch, .content_type = "application/merge-patch+json"});
  EXPECT_NE(refused["message"].get<std::string>().find("strict decoding error: unknown field \"spec.replica\""),
            std::string::npos);
  const http::Response warned =
      call({.method = "PATCH", .target = url + "Warn", .body = patch, .content_type = "application/merge-patch+json"});
  EXPECT_EQ(warned.status, 200);
  EXPECT_EQ(warned.headers.get("Warning"), "299 - \"unknown field \\\"spec.replica\\\"\"");
}

TEST_F(WireTest, FieldsThatComeTwiceAreReportedAndTheLastHolds) {
  const std::string json = R"({"metadata":{"name":"a"},"data":{"k":"1","k":"2"}})";
  const Json refused =
      expect(400, {.method = "POST", .target = kConfigMapsUrl + "?fieldValidation=Strict", .body = json});
  EXPECT_NE(refused["message"].get<std::string>().find("duplicate field \"data.k\""), std::string::npos);
  const http::Response warned = call({.method = "POST", .target = kConfigMapsUrl, .body = json});
  EXPECT_EQ(warned.status, 201);
  EXPECT_EQ(warned.headers.get("Warning"), "299 - \"duplicate field \\\"data.k\\\"\"");
  EXPECT_EQ(get(kConfigMapsUrl + "/a")["data"], Json::parse(R"({"k":"2"})"));
  const Json yaml = expect(400, {.method = "POST",
                                 .target = kConfigMapsUrl + "?fieldValidation=Strict",
                                 .body = "metadata:\n  name: b\n  name: c\n",
                                 .content_type = "application/yaml"});
  EXPECT_NE(yaml["message"].get<std::string>().find("line 3: key \"name\" already set in map"), std::string::npos);
}

TEST_F(WireTest, AValueOfTheWrongTypeIsNamed) {
  Json deployment = test_deployment("web");
  deployment["spec"]["replicas"] = "three";
  const Json refused = expect(400, {.method = "POST", .target = kDeploymentsUrl, .body = deployment.dump()});
  EXPECT_EQ(refused["message"],
            "Deployment in version \"v1\" cannot be handled as a Deployment: json: cannot unmarshal string into Go "
            "struct field DeploymentSpec.spec.replicas of type int32");
}

TEST_F(WireTest, JsonThatIsNoneIsABadRequestAndNothingIsWritten) {
  const std::vector<std::string> before = names_of(get(kConfigMapsUrl));
  std::string deep = R"({"metadata":{"name":"a"},"x":)";
  deep += std::string(100'000, '[') + std::string(100'000, ']') + "}";
  const std::string cases[] = {"",
                               "{",
                               R"({"metadata":{"name":"a")",
                               "[]",
                               "null",
                               "7",
                               "{\"metadata\":{\"name\":\"\xff\"}}",
                               R"({"metadata":{"name":"a"}} x)",
                               deep,
                               std::string("{\"a\0\":1}", 8)};
  for (const std::string& body : cases) {
    const Json refused = expect(400, {.method = "POST", .target = kConfigMapsUrl, .body = body});
    EXPECT_EQ(refused["reason"], "BadRequest") << body.substr(0, 40);
  }
  EXPECT_EQ(names_of(get(kConfigMapsUrl)), before);
}

TEST_F(WireTest, TwoMebibytesAreAcceptedAndMoreThanThreeAreNot) {
  const auto body = [](std::size_t size) {
    return Json{{"metadata", {{"generateName", "big-"}}}, {"data", {{"k", std::string(size, 'x')}}}}.dump();
  };
  const http::Response taken = call({.method = "POST",
                                     .target = kSecrets + "?dryRun=All",
                                     .body = Json{{"metadata", {{"name", "a"}}},
                                                  {"data", Json::object()},
                                                  {"stringData", {{"k", std::string(1000, 'x')}}}}
                                                 .dump()});
  EXPECT_EQ(taken.status, 201);
  EXPECT_NE(call({.method = "POST", .target = kConfigMapsUrl, .body = body(2u << 20)}).status, 413);
  const Json refused = expect(413, {.method = "POST", .target = kConfigMapsUrl, .body = body(3u << 20)});
  EXPECT_EQ(refused["reason"], "RequestEntityTooLarge");
}

TEST_F(WireTest, ErrorsAreStatusesInJsonWhateverIsAsked) {
  for (const std::string& accept : {kTableAccept, std::string("application/vnd.kubernetes.protobuf"),
                                    std::string("application/json;as=PartialObjectMetadata;g=meta.k8s.io;v=v1")}) {
    const http::Response response = call({.target = kPodsUrl + "/none", .accept = accept});
    EXPECT_EQ(response.headers.get("Content-Type"), "application/json");
    EXPECT_EQ(Json::parse(response.body)["kind"], "Status") << accept;
  }
}

TEST(DeprecationTest, OldVersionsNameTheirSuccessor) {
  EXPECT_EQ(deprecation_warning("policy", "v1beta1", "PodDisruptionBudget", 32),
            "policy/v1beta1 PodDisruptionBudget is deprecated in v1.21+, unavailable in v1.25+; use policy/v1 "
            "PodDisruptionBudget");
  EXPECT_EQ(deprecation_warning("policy", "v1beta1", "PodDisruptionBudget", 20), std::nullopt);
  EXPECT_EQ(deprecation_warning("policy", "v1", "PodDisruptionBudget", 32), std::nullopt);
  EXPECT_EQ(deprecation_warning("", "v1", "ComponentStatus", 32), "v1 ComponentStatus is deprecated in v1.19+");
}

TEST(WarningsTest, EachIsSentOnceQuotedAndNotBeyondWhatAHeaderHolds) {
  Warnings warnings;
  warnings.add("say \"a\\b\"");
  warnings.add("say \"a\\b\"");
  warnings.add("two\r\nlines");
  http::Headers headers;
  warnings.write_to(headers);
  ASSERT_EQ(headers.all().size(), 2u);
  EXPECT_EQ(headers.all()[0].second, R"(299 - "say \"a\\b\"")");
  EXPECT_EQ(headers.all()[1].second, "299 - \"two  lines\"");
  for (int i = 0; i < 100; ++i) warnings.add(std::string(100, 'x') + std::to_string(i));
  http::Headers many;
  warnings.write_to(many);
  EXPECT_LT(many.all().size(), 40u);
}

TEST(CompressionTest, OnlyLargeAnswersArePacked) {
  http::Response small;
  small.body = std::string(128u << 10, 'x');
  compress(small);
  EXPECT_EQ(small.headers.get("Content-Encoding"), std::nullopt);
  http::Response large;
  large.body = std::string((128u << 10) + 1, 'x');
  compress(large);
  EXPECT_EQ(large.headers.get("Content-Encoding"), "gzip");
  EXPECT_LT(large.body.size(), 4096u);
  EXPECT_EQ(large.body.substr(0, 2), "\x1f\x8b");
  EXPECT_TRUE(accepts_gzip("gzip"));
  EXPECT_TRUE(accepts_gzip("deflate, gzip;q=0.5"));
  EXPECT_FALSE(accepts_gzip("gzip;q=0"));
  EXPECT_FALSE(accepts_gzip("deflate"));
  EXPECT_FALSE(accepts_gzip(""));
}

}  // namespace
}  // namespace fakeapi
