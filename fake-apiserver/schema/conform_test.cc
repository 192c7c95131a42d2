#include "fake-apiserver/schema/conform.h"

#include <gtest/gtest.h>

#include "fake-apiserver/schema/quantity.h"
#include "fake-apiserver/schema/utf8.h"

namespace fakeapi {
namespace {

Conformity conform_to(const char* group, const char* kind, Json& document) {
  return conform(*Schema::builtin().of_kind(group, "v1", kind), document);
}

TEST(ConformTest, UnknownFieldsAreTakenAwayAndNamedByTheirPaths) {
  Json deployment = Json::parse(R"({"apiVersion":"apps/v1","kind":"Deployment","metadata":{"name":"a","nme":1},
    "spec":{"replica":3,"replicas":2,"template":{"spec":{"containers":[
      {"name":"x","imagee":"y","ports":[{"containerPort":1},{"containerPort":2,"foo":{}}]}]}}},"extra":[]})");
  const Conformity result = conform_to("apps", "Deployment", deployment);
  EXPECT_FALSE(result.error);
  EXPECT_EQ(result.unknown, (std::vector<std::string>{"extra", "metadata.nme", "spec.replica",
                                                      "spec.template.spec.containers[0].imagee",
                                                      "spec.template.spec.containers[0].ports[1].foo"}));
  EXPECT_EQ(deployment, Json::parse(R"({"apiVersion":"apps/v1","kind":"Deployment","metadata":{"name":"a"},
    "spec":{"replicas":2,"template":{"spec":{"containers":[
      {"name":"x","ports":[{"containerPort":1},{"containerPort":2}]}]}}}})"));
}

TEST(ConformTest, NamesDifferInCase) {
  Json pod = Json::parse(R"({"spec":{"hostnetwork":true}})");
  EXPECT_EQ(conform_to("", "Pod", pod).unknown, std::vector<std::string>{"spec.hostnetwork"});
}

TEST(ConformTest, NullsAndZerosThatSayNothingAreTakenAway) {
  Json pod = Json::parse(R"({"metadata":{"name":"a","namespace":"","creationTimestamp":null,"labels":{},
      "annotations":{"a":null,"b":"x"}},
    "spec":{"hostNetwork":false,"nodeName":"","terminationGracePeriodSeconds":0,"tolerations":[],"nodeSelector":null,
      "securityContext":{},"containers":[{"name":"","resources":{},"stdin":false,"command":null}]}})");
  EXPECT_FALSE(conform_to("", "Pod", pod).error);
  EXPECT_EQ(pod, Json::parse(R"({"metadata":{"name":"a","annotations":{"a":"","b":"x"}},
    "spec":{"terminationGracePeriodSeconds":0,"securityContext":{},"containers":[{"name":"","resources":{}}]}})"));
}

TEST(ConformTest, InlinedFieldsAreKnown) {
  Json pod = Json::parse(R"({"spec":{"volumes":[{"name":"v","configMap":{"name":"c"}}],"containers":[{"name":"x",
    "livenessProbe":{"exec":{"command":["a"]}},"env":[{"name":"E","valueFrom":{"secretKeyRef":{"name":"s","key":"k"}}}]
    }]}})");
  const Json before = pod;
  const Conformity result = conform_to("", "Pod", pod);
  EXPECT_TRUE(result.unknown.empty());
  EXPECT_EQ(pod, before);
}

struct WrongType {
  const char* kind;
  const char* document;
  const char* error;
};

TEST(ConformTest, ValuesOfAnotherTypeAreNamedAsADecoderDoes) {
  const WrongType cases[] = {
      {"Deployment", R"({"spec":{"replicas":"3"}})",
       "json: cannot unmarshal string into Go struct field DeploymentSpec.spec.replicas of type int32"},
      {"Deployment", R"({"spec":{"replicas":1.5}})",
       "json: cannot unmarshal number 1.5 into Go struct field DeploymentSpec.spec.replicas of type int32"},
      {"Deployment", R"({"spec":{"replicas":3000000000}})",
       "json: cannot unmarshal number 3000000000 into Go struct field DeploymentSpec.spec.replicas of type int32"},
      {"Deployment", R"({"metadata":[]})",
       "json: cannot unmarshal array into Go struct field Deployment.metadata of type v1.ObjectMeta"},
      {"Deployment", R"({"metadata":{"labels":{"a":1}}})",
       "json: cannot unmarshal number 1 into Go struct field ObjectMeta.metadata.labels of type string"},
      {"Deployment", R"({"spec":{"template":{"spec":{"containers":{}}}}})",
       "json: cannot unmarshal object into Go struct field PodSpec.spec.template.spec.containers of type "
       "[]v1.Container"},
      {"Deployment", R"({"spec":{"paused":"yes"}})",
       "json: cannot unmarshal string into Go struct field DeploymentSpec.spec.paused of type bool"},
      {"Deployment", R"({"spec":{"template":{"spec":{"containers":[{"resources":{"limits":{"cpu":"much"}}}]}}}})",
       "quantities must match the regular expression '^([+-]?[0-9.]+)([eEinumkKMGTP]*[-+]?[0-9]*)$'"},
      {"Deployment", R"({"metadata":{"creationTimestamp":"now"}})",
       "parsing time \"now\" as \"2006-01-02T15:04:05Z07:00\": cannot parse \"now\" as \"2006\""},
  };
  for (const WrongType& c : cases) {
    Json document = Json::parse(c.document);
    const Conformity result = conform_to("apps", c.kind, document);
    ASSERT_TRUE(result.error) << c.document;
    EXPECT_EQ(*result.error, c.error);
  }
  Json secret = Json::parse(R"({"data":{"a":"abc*"}})");
  EXPECT_EQ(*conform_to("", "Secret", secret).error, "illegal base64 data at input byte 3");
}

TEST(ConformTest, TimesAndQuantitiesAreWrittenInOneWay) {
  Json pod = Json::parse(R"({"metadata":{"creationTimestamp":"2026-01-01T02:00:00.75+02:00"},
    "spec":{"containers":[{"name":"a","resources":{"requests":{"cpu":0.5,"memory":"1024Mi","gpu":2}}}]}})");
  EXPECT_FALSE(conform_to("", "Pod", pod).error);
  EXPECT_EQ(pod["metadata"]["creationTimestamp"], "2026-01-01T00:00:00Z");
  EXPECT_EQ(pod["spec"]["containers"][0]["resources"]["requests"],
            Json::parse(R"({"cpu":"500m","memory":"1Gi","gpu":"2"})"));
}

TEST(ConformTest, SchemasOfDefinitionsMayBeVariants) {
  Json definition = Json::parse(R"({"spec":{"versions":[{"name":"v1","served":true,"storage":true,"schema":{
    "openAPIV3Schema":{"type":"object","additionalProperties":false,"foo":1,"default":{"any":null},
      "properties":{"a":{"type":"array","items":{"type":"string","bar":2}}}}}}]}})");
  const Conformity result = conform_to("apiextensions.k8s.io", "CustomResourceDefinition", definition);
  EXPECT_FALSE(result.error);
  EXPECT_EQ(result.unknown,
            (std::vector<std::string>{"spec.versions[0].schema.openAPIV3Schema.foo",
                                      "spec.versions[0].schema.openAPIV3Schema.properties.a.items.bar"}));
  EXPECT_EQ(definition["spec"]["versions"][0]["schema"]["openAPIV3Schema"]["default"], Json::parse(R"({"any":null})"));
}

TEST(QuantityTest, EachIsWrittenInOneWay) {
  const std::pair<const char*, const char*> cases[] = {
      {"0", "0"},
      {"0m", "0"},
      {"1", "1"},
      {"1000m", "1"},
      {"0.5", "500m"},
      {"1.5", "1500m"},
      {"1000", "1k"},
      {"1500", "1500"},
      {"100k", "100k"},
      {"1e3", "1e3"},
      {"1E3", "1e3"},
      {"12e6", "12e6"},
      {"1024Mi", "1Gi"},
      {"1.5Gi", "1536Mi"},
      {"100Mi", "100Mi"},
      {"512", "512"},
      {"1Ki", "1Ki"},
      {"0.5Ki", "512"},
      {"500m", "500m"},
      {"8912345n", "8912345n"},
      {"1u", "1u"},
      {"1000u", "1m"},
      {"0.1n", "1n"},
      {"-1.5", "-1500m"},
      {"+2", "2"},
      {".5", "500m"},
      {"5.", "5"},
      {"1E", "1E"},
      {"100E", "9223372036854775807"},
      {"1M", "1M"},
      {"1000000Ki", "1000000Ki"},
  };
  for (const auto& [text, expected] : cases) EXPECT_EQ(canonical_quantity(text), expected) << text;
  for (const char* text :
       {"", "x", "1x", "1.2.3", "--1", "1 ", " 1", "1kk", "1Zi", "e3", "1e", "1e1000", ".", "0x10"}) {
    EXPECT_EQ(canonical_quantity(text), std::nullopt) << text;
  }
}

TEST(Utf8Test, OverlongFormsSurrogatesAndEndsInTheMiddleAreRefused) {
  EXPECT_TRUE(is_utf8(""));
  EXPECT_TRUE(is_utf8("a\xc3\xa4\xe2\x82\xac\xf0\x9f\x8e\xae"));
  for (const char* text : {"\xff", "\xc0\x80", "\xc3", "\xe0\x80\x80", "\xed\xa0\x80", "\xf0\x80\x80\x80",
                           "\xf4\x90\x80\x80", "\x80", "\xe2\x82"}) {
    EXPECT_FALSE(is_utf8(text));
  }
}

}  // namespace
}  // namespace fakeapi
