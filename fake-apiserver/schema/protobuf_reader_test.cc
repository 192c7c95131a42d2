#include "fake-apiserver/schema/protobuf_reader.h"

#include <gtest/gtest.h>

#include <fstream>
#include <sstream>

#include "common/base/random.h"
#include "fake-apiserver/schema/test_encoder.h"
#include "fake-apiserver/store/json_access.h"

namespace fakeapi {
namespace {

using wire::bytes;
using wire::entry;
using wire::envelope;
using wire::metadata;
using wire::number;

Json read(const std::string& body) {
  const auto object = read_protobuf(body);
  EXPECT_TRUE(object) << object.error().message;
  return object ? *object : Json();
}

TEST(ProtobufReaderTest, WhatIsEmptyInANamespaceIsLeftOut) {
  // metadata, spec and status are all written, and in metadata namespace, uid, creationTimestamp ...
  const std::string ns = bytes(1, metadata("games")) + bytes(2, "") + bytes(3, bytes(1, ""));
  EXPECT_EQ(read(envelope("v1", "Namespace", ns)),
            Json::parse(R"({"apiVersion":"v1","kind":"Namespace","metadata":{"name":"games"}})"));
}

TEST(ProtobufReaderTest, ALeaseKeepsItsMicroseconds) {
  const std::string spec = bytes(1, "holder-a") + number(2, 15) + bytes(3, wire::time(1'790'000'000, 123'456'000)) +
                           bytes(4, wire::time(1'790'000'010, 7'000)) + number(5, 0);
  const std::string lease = bytes(1, metadata("leader", "kube-system")) + bytes(2, spec);
  EXPECT_EQ(read(envelope("coordination.k8s.io/v1", "Lease", lease)), Json::parse(R"({
    "apiVersion": "coordination.k8s.io/v1", "kind": "Lease",
    "metadata": {"name": "leader", "namespace": "kube-system"},
    "spec": {"holderIdentity": "holder-a", "leaseDurationSeconds": 15, "acquireTime": "2026-09-21T14:13:20.123456Z",
             "renewTime": "2026-09-21T14:13:30.000007Z", "leaseTransitions": 0}})"));
}

TEST(ProtobufReaderTest, ACoreEventHasTimesOfBothKinds) {
  const std::string involved = bytes(1, "Pod") + bytes(2, "default") + bytes(3, "web-0") + bytes(4, "uid-1") +
                               bytes(5, "v1") + bytes(6, "17") + bytes(7, "");
  const std::string event = bytes(1, metadata("web-0.17f", "default")) + bytes(2, involved) + bytes(3, "Started") +
                            bytes(4, "Started container") + bytes(5, bytes(1, "kubelet") + bytes(2, "n1")) +
                            bytes(6, wire::time(1'790'000'000)) + bytes(7, wire::time(1'790'000'060)) + number(8, 2) +
                            bytes(9, "Normal") + bytes(10, "") + bytes(12, "") + bytes(14, "") + bytes(15, "");
  EXPECT_EQ(read(envelope("v1", "Event", event)), Json::parse(R"({
    "apiVersion": "v1", "kind": "Event", "metadata": {"name": "web-0.17f", "namespace": "default"},
    "involvedObject": {"kind": "Pod", "namespace": "default", "name": "web-0", "uid": "uid-1", "apiVersion": "v1",
                       "resourceVersion": "17"},
    "reason": "Started", "message": "Started container", "source": {"component": "kubelet", "host": "n1"},
    "firstTimestamp": "2026-09-21T14:13:20Z", "lastTimestamp": "2026-09-21T14:14:20Z", "count": 2, "type": "Normal",
    "reportingComponent": "", "reportingInstance": ""})"));
}

TEST(ProtobufReaderTest, AnEventOfTheNewerGroupHasItsOwnNumbers) {
  const std::string regarding = bytes(1, "Pod") + bytes(2, "default") + bytes(3, "web-0");
  const std::string event = bytes(1, metadata("e", "default")) + bytes(2, wire::time(1'790'000'000, 1'000)) +
                            bytes(3, number(1, 3) + bytes(2, wire::time(1'790'000'001))) + bytes(4, "sched") +
                            bytes(5, "sched-1") + bytes(6, "Binding") + bytes(7, "Scheduled") + bytes(8, regarding) +
                            bytes(10, "assigned") + bytes(11, "Normal") + bytes(12, "") + bytes(13, "") +
                            bytes(14, "") + number(15, 0);
  EXPECT_EQ(read(envelope("events.k8s.io/v1", "Event", event)), Json::parse(R"({
    "apiVersion": "events.k8s.io/v1", "kind": "Event", "metadata": {"name": "e", "namespace": "default"},
    "eventTime": "2026-09-21T14:13:20.000001Z", "series": {"count": 3, "lastObservedTime":
    "2026-09-21T14:13:21.000000Z"}, "reportingController": "sched", "reportingInstance": "sched-1",
    "action": "Binding", "reason": "Scheduled", "regarding": {"kind": "Pod", "namespace": "default", "name": "web-0"},
    "note": "assigned", "type": "Normal"})"));
}

TEST(ProtobufReaderTest, AnAutoscalerHasQuantitiesMetricsAndBehavior) {
  const std::string target = bytes(1, "AverageValue") + bytes(3, wire::quantity("500m"));
  const std::string pods = bytes(1, bytes(1, "requests")) + bytes(2, target);
  const std::string cpu = bytes(1, "cpu") + bytes(2, bytes(1, "Utilization") + number(4, 60));
  const std::string policy = bytes(1, "Percent") + number(2, 10) + number(3, 60);
  const std::string down = bytes(1, "Min") + bytes(2, policy) + number(3, 0);
  const std::string spec = bytes(1, bytes(1, "Deployment") + bytes(2, "web") + bytes(3, "apps/v1")) + number(2, 1) +
                           number(3, 20) + bytes(4, bytes(1, "Pods") + bytes(3, pods)) +
                           bytes(4, bytes(1, "Resource") + bytes(4, cpu)) + bytes(5, bytes(2, down));
  const std::string status = number(3, 0) + number(4, 0);
  const std::string hpa = bytes(1, metadata("web", "default")) + bytes(2, spec) + bytes(3, status);
  const Json object = read(envelope("autoscaling/v2", "HorizontalPodAutoscaler", hpa));
  EXPECT_EQ(object["spec"], Json::parse(R"({
    "scaleTargetRef": {"kind": "Deployment", "name": "web", "apiVersion": "apps/v1"}, "minReplicas": 1,
    "maxReplicas": 20, "metrics": [
      {"type": "Pods", "pods": {"metric": {"name": "requests"}, "target": {"type": "AverageValue",
                                                                           "averageValue": "500m"}}},
      {"type": "Resource", "resource": {"name": "cpu", "target": {"type": "Utilization", "averageUtilization": 60}}}],
    "behavior": {"scaleDown": {"selectPolicy": "Min", "stabilizationWindowSeconds": 0,
                               "policies": [{"type": "Percent", "value": 10, "periodSeconds": 60}]}}})"));
  // What JSON always has is kept although it is zero.
  EXPECT_EQ(object["status"], Json::parse(R"({"desiredReplicas": 0})"));
}

// A container whose probe, environment and volumes are messages of their own on the wire.
std::string test_container() {
  const std::string http = bytes(1, "/healthz") + bytes(2, wire::string_of("web")) + bytes(3, "") + bytes(4, "HTTP");
  const std::string probe =
      bytes(1, bytes(2, http)) + number(2, 5) + number(3, 0) + number(4, 10) + number(5, 0) + number(6, 0);
  const std::string secret_key = bytes(1, bytes(1, "db")) + bytes(2, "password") + number(3, 0);
  const std::string env = bytes(1, "PASSWORD") + bytes(2, "") + bytes(3, bytes(4, secret_key));
  const std::string env_from = bytes(1, "APP_") + bytes(2, bytes(1, bytes(1, "settings")));
  const std::string port = bytes(1, "web") + number(2, 0) + number(3, 8080) + bytes(4, "TCP") + bytes(5, "");
  const std::string resources = bytes(2, bytes(1, "cpu") + bytes(2, wire::quantity("250m")));
  return bytes(1, "app") + bytes(2, "shop:1") + bytes(4, "--verbose") + bytes(5, "") + bytes(6, port) + bytes(7, env) +
         bytes(8, resources) + bytes(9, bytes(1, "config") + number(2, 0) + bytes(3, "/etc/app")) + bytes(11, probe) +
         number(16, 0) + bytes(19, env_from);
}

TEST(ProtobufReaderTest, ADeploymentsNestedMessagesStandAmongTheirParentsFieldsInJson) {
  const std::string volume = bytes(1, "config") + bytes(2, bytes(19, bytes(1, bytes(1, "settings")) + number(3, 420)));
  const std::string empty_dir = bytes(1, "tmp") + bytes(2, bytes(2, bytes(1, "")));
  const std::string pod =
      bytes(1, volume) + bytes(1, empty_dir) + bytes(2, test_container()) + bytes(3, "") + number(4, 0) + number(11, 0);
  const std::string selector = entry(1, "app", "shop");
  const std::string strategy =
      bytes(1, "RollingUpdate") + bytes(2, bytes(1, wire::string_of("25%")) + bytes(2, wire::int_of(0)));
  const std::string pod_metadata = metadata("", "", entry(11, "app", "shop"));
  const std::string spec = number(1, 0) + bytes(2, selector) + bytes(3, bytes(1, pod_metadata) + bytes(2, pod)) +
                           bytes(4, strategy) + number(5, 0) + number(7, 0);
  const std::string deployment =
      bytes(1, metadata("shop", "default")) + bytes(2, spec) + bytes(3, number(1, 0) + number(2, 0));
  EXPECT_EQ(read(envelope("apps/v1", "Deployment", deployment)), Json::parse(R"({
    "apiVersion": "apps/v1", "kind": "Deployment", "metadata": {"name": "shop", "namespace": "default"},
    "spec": {"replicas": 0, "selector": {"matchLabels": {"app": "shop"}},
      "strategy": {"type": "RollingUpdate", "rollingUpdate": {"maxUnavailable": "25%", "maxSurge": 0}},
      "template": {"metadata": {"labels": {"app": "shop"}}, "spec": {
        "terminationGracePeriodSeconds": 0,
        "volumes": [{"name": "config", "configMap": {"name": "settings", "defaultMode": 420}},
                    {"name": "tmp", "emptyDir": {}}],
        "containers": [{"name": "app", "image": "shop:1", "args": ["--verbose"],
          "ports": [{"name": "web", "containerPort": 8080, "protocol": "TCP"}],
          "env": [{"name": "PASSWORD", "valueFrom": {"secretKeyRef": {"name": "db", "key": "password",
                                                                      "optional": false}}}],
          "envFrom": [{"prefix": "APP_", "configMapRef": {"name": "settings"}}],
          "resources": {"requests": {"cpu": "250m"}},
          "volumeMounts": [{"name": "config", "mountPath": "/etc/app"}],
          "readinessProbe": {"httpGet": {"path": "/healthz", "port": "web", "scheme": "HTTP"},
                             "initialDelaySeconds": 5, "periodSeconds": 10}}]}}}})"));
}

TEST(ProtobufReaderTest, TheBytesOfASecretBecomeBase64) {
  const std::string secret = bytes(1, metadata("s", "default")) + entry(2, "key", std::string("\x00\xff\x10", 3)) +
                             entry(2, "empty", "") + bytes(3, "Opaque");
  EXPECT_EQ(read(envelope("v1", "Secret", secret)),
            Json::parse(R"({"apiVersion":"v1","kind":"Secret","metadata":{"name":"s","namespace":"default"},
                            "data":{"key":"AP8Q","empty":""},"type":"Opaque"})"));
}

TEST(ProtobufReaderTest, ReviewsEvictionsBindingsTokensAndOptionsAreRead) {
  const std::string attributes = bytes(1, "default") + bytes(2, "list") + bytes(3, "") + bytes(4, "*") +
                                 bytes(5, "pods") + bytes(6, "") + bytes(7, "");
  const std::string access = bytes(1, metadata("")) + bytes(2, bytes(1, attributes)) + bytes(3, number(1, 0));
  EXPECT_EQ(read(envelope("authorization.k8s.io/v1", "SelfSubjectAccessReview", access))["spec"],
            Json::parse(R"({"resourceAttributes":{"namespace":"default","verb":"list","version":"*",
                            "resource":"pods"}})"));
  const std::string whoami = bytes(1, metadata("")) + bytes(2, bytes(1, bytes(1, "") + bytes(2, "")));
  EXPECT_EQ(read(envelope("authentication.k8s.io/v1", "SelfSubjectReview", whoami)),
            Json::parse(R"({"apiVersion":"authentication.k8s.io/v1","kind":"SelfSubjectReview"})"));
  const std::string subject = bytes(3, "alice") + bytes(4, "dev") + bytes(4, "qa") +
                              bytes(5, bytes(1, "scopes") + bytes(2, bytes(1, "a") + bytes(1, "b")));
  EXPECT_EQ(read(envelope("authorization.k8s.io/v1", "SubjectAccessReview", bytes(2, subject)))["spec"],
            Json::parse(R"({"user":"alice","groups":["dev","qa"],"extra":{"scopes":["a","b"]}})"));
  const std::string bound = bytes(1, "Pod") + bytes(2, "v1") + bytes(3, "web") + bytes(4, "u-1");
  const std::string token = bytes(1, metadata("")) + bytes(2, bytes(1, "api") + bytes(3, bound) + number(4, 3600));
  EXPECT_EQ(read(envelope("authentication.k8s.io/v1", "TokenRequest", token))["spec"],
            Json::parse(R"({"audiences":["api"],"expirationSeconds":3600,
                            "boundObjectRef":{"kind":"Pod","apiVersion":"v1","name":"web","uid":"u-1"}})"));
  const std::string options = number(1, 0) + bytes(2, bytes(1, "u-1")) + bytes(4, "Background") + bytes(5, "All");
  EXPECT_EQ(read(envelope("apps/v1", "DeleteOptions", options)),
            Json::parse(R"({"apiVersion":"apps/v1","kind":"DeleteOptions","gracePeriodSeconds":0,
                            "preconditions":{"uid":"u-1"},"propagationPolicy":"Background","dryRun":["All"]})"));
  const std::string eviction = bytes(1, metadata("web", "default")) + bytes(2, options);
  EXPECT_EQ(at_path(read(envelope("policy/v1", "Eviction", eviction)), {"deleteOptions", "gracePeriodSeconds"}), 0);
  const std::string binding = bytes(1, metadata("web", "default")) + bytes(2, bytes(1, "Node") + bytes(3, "n1"));
  EXPECT_EQ(read(envelope("v1", "Binding", binding))["target"], Json::parse(R"({"kind":"Node","name":"n1"})"));
}

std::string file_text(const std::string& path) {
  std::ifstream file("fake-apiserver/schema/testdata/" + path, std::ios::binary);
  std::stringstream text;
  text << file.rdbuf();
  return text.str();
}

// Bodies of kubectl 1.37: create namespace, deployment, token ..., autoscale, auth can-i and whoami.
TEST(ProtobufReaderTest, WhatKubectlSendsIsWhatItWouldHaveSentInJson) {
  const Json expected = Json::parse(file_text("kubectl-1.37/expected.json"));
  EXPECT_EQ(expected.size(), 13u);
  for (const auto& [name, object] : expected.items())
    EXPECT_EQ(read(file_text("kubectl-1.37/" + name)), object) << name;
}

TEST(ProtobufReaderTest, FieldsThatNobodyKnowsAreSkipped) {
  const std::string ns = bytes(1, metadata("a")) + bytes(99, "x") + number(100, 1) + wire::tag(101, 5) + "abcd" +
                         wire::tag(102, 1) + "abcdefgh";
  EXPECT_EQ(read(envelope("v1", "Namespace", ns))["metadata"], Json::parse(R"({"name":"a"})"));
}

TEST(ProtobufReaderTest, TheLastOfASingleFieldHoldsAndMessagesMerge) {
  const std::string ns = bytes(1, bytes(1, "a") + bytes(1, "b")) + bytes(1, entry(11, "k", "v"));
  EXPECT_EQ(read(envelope("v1", "Namespace", ns))["metadata"], Json::parse(R"({"name":"b","labels":{"k":"v"}})"));
}

TEST(ProtobufReaderTest, ListsOfNumbersMayBePacked) {
  const std::string context = bytes(4, wire::varint(7) + wire::varint(300)) + number(4, 9);
  const auto object = read_protobuf_message(*Schema::builtin().type("io.k8s.api.core.v1.PodSecurityContext"), context);
  ASSERT_TRUE(object);
  EXPECT_EQ(*object, Json::parse(R"({"supplementalGroups":[7,300,9]})"));
}

TEST(ProtobufReaderTest, VariantsOfASchemaAreTheValuesThatAreSet) {
  const std::string inner = bytes(5, "string");
  const std::string schema = bytes(5, "object") +
                             bytes(29, bytes(1, "tags") + bytes(2, bytes(5, "array") + bytes(24, bytes(1, inner)))) +
                             bytes(30, number(1, 0) + bytes(2, inner)) + bytes(8, bytes(1, R"({"tags":[]})"));
  const SchemaType& type =
      *Schema::builtin().type("io.k8s.apiextensions-apiserver.pkg.apis.apiextensions.v1.JSONSchemaProps");
  const auto object = read_protobuf_message(type, schema);
  ASSERT_TRUE(object) << object.error().message;
  EXPECT_EQ(*object, Json::parse(R"({"type":"object","default":{"tags":[]},"additionalProperties":{"type":"string"},
                                     "properties":{"tags":{"type":"array","items":{"type":"string"}}}})"));
  const auto closed = read_protobuf_message(type, bytes(30, number(1, 0)));
  EXPECT_EQ(*closed, Json::parse(R"({"additionalProperties":false})"));
}

TEST(ProtobufReaderTest, AKindThatIsNotBuiltInIs415AndNamesWhatIsAccepted) {
  const auto refused = read_protobuf(envelope("keda.sh/v1alpha1", "ScaledObject", bytes(1, metadata("a"))));
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, 415);
  EXPECT_NE(refused.error().message.find("application/json, application/yaml"), std::string::npos);
  EXPECT_EQ(read_protobuf(std::string("k8s\0", 4)).error().code, 415);
}

TEST(ProtobufReaderTest, WhatIsNoMessageIsABadRequest) {
  const std::string deep = [] {
    std::string schema = bytes(5, "object");
    for (int i = 0; i < 2000; ++i) schema = bytes(28, schema);  // `not`, which holds a schema
    return schema;
  }();
  const std::string definition = bytes(1, metadata("a")) + bytes(2, bytes(7, bytes(4, bytes(1, deep))));
  const std::string cases[] = {
      "",
      "{}",
      "k8s",
      std::string("k8s\0\x0a", 5),                                            // a length is missing
      std::string("k8s\0\x0a\x7f", 6),                                        // longer than what follows
      std::string("k8s\0\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\x01", 15),   // more than 64 bits
      std::string("k8s\0\x0b", 5),                                            // a group
      std::string("k8s\0\x02\x01", 6),                                        // field number 0
      envelope("v1", "Namespace", bytes(1, bytes(1, "\xff\xfe"))),            // not UTF-8
      envelope("v1", "Namespace", number(1, 5)),                              // a number for a message
      envelope("v1", "Namespace", bytes(1, number(1, 5))),                    // a number for a string
      envelope("v1", "Namespace", bytes(1, bytes(8, number(1, 1LL << 60)))),  // no such year
      envelope("apps/v1", "ControllerRevision", bytes(2, bytes(1, "{\"a\":"))),
      envelope("apiextensions.k8s.io/v1", "CustomResourceDefinition", definition),
  };
  for (const std::string& body : cases) {
    const auto refused = read_protobuf(body);
    ASSERT_FALSE(refused) << body.size();
    EXPECT_EQ(refused.error().code, 400);
  }
}

TEST(ProtobufReaderTest, MillionsOfEmptyMessagesAreRefused) {
  std::string lists;
  for (int i = 0; i < 1'000'000; ++i) lists += bytes(2, "");
  const auto refused = read_protobuf(envelope("v1", "Pod", bytes(2, lists)));
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, 400);
}

TEST(ProtobufReaderTest, NoBytesWhateverMakeItStumble) {
  base::Random random(7);
  const std::string good =
      envelope("v1", "Pod", bytes(1, metadata("a", "b", entry(11, "k", "v"))) + bytes(2, bytes(2, test_container())));
  for (int round = 0; round < 20'000; ++round) {
    std::string body = good;
    for (std::uint64_t changes = random.below(4) + 1; changes > 0; --changes) {
      body[random.below(body.size())] = static_cast<char>(random.below(256));
    }
    body.resize(body.size() - random.below(body.size() / 4));
    const auto object = read_protobuf(body);
    if (object) {
      EXPECT_TRUE(object->is_object());
      EXPECT_FALSE(object->dump().empty());  // throws if a string is not UTF-8
    } else {
      EXPECT_TRUE(object.error().code == 400 || object.error().code == 415);
    }
  }
}

}  // namespace
}  // namespace fakeapi
