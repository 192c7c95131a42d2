#include "fake-apiserver/api/body.h"

#include <gtest/gtest.h>

#include "common/base/random.h"
#include "fake-apiserver/api/base64.h"
#include "fake-apiserver/api/negotiation.h"

namespace fakeapi {
namespace {

TEST(BodyTest, NoContentTypeMeansJson) {
  EXPECT_EQ(*parse_body(R"({"a":1})", ""), (Json{{"a", 1}}));
  EXPECT_EQ(*parse_body(R"({"a":1})", "application/json; charset=utf-8"), (Json{{"a", 1}}));
  EXPECT_EQ(parse_body("{", "application/json").error().code, 400);
  EXPECT_EQ(parse_body("", "application/json").error().code, 400);
}

TEST(BodyTest, OtherMediaTypesAreRefusedWithTheAcceptedOnes) {
  const auto refused = parse_body("{}", "application/cbor");
  EXPECT_EQ(refused.error().code, 415);
  EXPECT_EQ(refused.error().message,
            "the body of the request was in an unknown format - accepted media types include: application/json, "
            "application/yaml, application/vnd.kubernetes.protobuf");
}

TEST(BodyTest, KeysThatComeAgainAreNamedByTheirPathsAndTheLastHolds) {
  const auto body = read_json(R"({"a":{"b":[{"c":1,"c":2}],"b":3},"d":1,"d":{"e":1}})");
  ASSERT_TRUE(body);
  EXPECT_EQ(body->value, Json::parse(R"({"a":{"b":3},"d":{"e":1}})"));
  EXPECT_EQ(body->complaints, (std::vector<std::string>{"duplicate field \"a.b[0].c\"", "duplicate field \"a.b\"",
                                                        "duplicate field \"d\""}));
}

TEST(BodyTest, YamlScalarsGetTheirTypes) {
  const auto document = parse_body(
      "a: 1\nb: 1.5\nc: true\nd: null\ne: \"1\"\nf: text\ng: 0644\nh: !!str 7\ni: -3\nj: 1e3\nk: 500m\nl: '~'\nm:\n"
      "n: 2026-01-01T00:00:00Z\n",
      "application/yaml");
  ASSERT_TRUE(document);
  EXPECT_EQ(*document, (Json{{"a", 1},
                             {"b", 1.5},
                             {"c", true},
                             {"d", nullptr},
                             {"e", "1"},
                             {"f", "text"},
                             {"g", 420},
                             {"h", "7"},
                             {"i", -3},
                             {"j", 1000.0},
                             {"k", "500m"},
                             {"l", "~"},
                             {"m", nullptr},
                             {"n", "2026-01-01T00:00:00Z"}}));
}

TEST(BodyTest, YamlStructuresAndAliases) {
  const auto document = parse_body("x: &x {k: [1, two]}\ny: *x\n", "application/yaml");
  EXPECT_EQ(*document, Json::parse(R"({"x":{"k":[1,"two"]},"y":{"k":[1,"two"]}})"));
  EXPECT_EQ(parse_body("a: [1", "application/yaml").error().code, 400);
  EXPECT_EQ(parse_body("? [a]\n: b\n", "application/yaml").error().code, 400);
}

TEST(BodyTest, DepthAndAliasBombsAreRefused) {
  const std::string deep = std::string(100'000, '[') + std::string(100'000, ']');
  EXPECT_EQ(parse_body(deep, "application/json").error().code, 400);
  EXPECT_EQ(parse_body(deep, "application/yaml").error().code, 400);
  std::string bomb = "a0: &a0 [x,x,x,x,x,x,x,x,x,x]\n";
  for (int i = 1; i < 9; ++i) {
    const std::string last = "*a" + std::to_string(i - 1);
    bomb += "a" + std::to_string(i) + ": &a" + std::to_string(i) + " [";
    for (int k = 0; k < 10; ++k) bomb += (k == 0 ? "" : ",") + last;
    bomb += "]\n";
  }
  EXPECT_EQ(parse_body(bomb, "application/yaml").error().code, 400);
}

TEST(Base64Test, RoundTripsAllLengths) {
  base::Random random(1);
  for (std::size_t size = 0; size < 40; ++size) {
    std::string bytes;
    for (std::size_t i = 0; i < size; ++i) bytes += static_cast<char>(random.below(256));
    EXPECT_EQ(base64_decode(base64_encode(bytes)), bytes);
  }
  EXPECT_EQ(base64_encode("hello"), "aGVsbG8=");
  EXPECT_EQ(base64_decode("abc"), std::nullopt);
  EXPECT_EQ(base64_decode("a*c="), std::nullopt);
}

TEST(NegotiationTest, JsonIsTheFallBackOfProtobuf) {
  for (const char* accept :
       {"", "*/*", "application/json", "application/json, */*;q=0.8", "application/vnd.kubernetes.protobuf, */*",
        "application/vnd.kubernetes.protobuf,application/json"}) {
    ASSERT_TRUE(negotiate(accept, true)) << accept;
    EXPECT_EQ(negotiate(accept, true)->form, Form::kObject) << accept;
  }
  EXPECT_FALSE(negotiate("application/vnd.kubernetes.protobuf", true));
  EXPECT_FALSE(negotiate("text/html", false));
  EXPECT_FALSE(negotiate("application/json;q=0", false));
  EXPECT_TRUE(negotiate("text/html, application/json;q=0.5", false));
}

TEST(NegotiationTest, TheFirstEntryThatCanBeProducedWins) {
  const auto table = negotiate("application/json;as=Table;v=v1beta1;g=meta.k8s.io,application/json", true);
  EXPECT_EQ(table->form, Form::kTable);
  EXPECT_EQ(table->meta_version, "v1beta1");
  EXPECT_EQ(negotiate("application/json;g=meta.k8s.io;v=v1;as=Table", false)->form, Form::kTable);
  EXPECT_EQ(negotiate("application/json;as=Table;v=v9;g=meta.k8s.io,application/json", true)->form, Form::kObject);
}

TEST(NegotiationTest, PartialMetadataHasOneKindForListsAndOneForObjects) {
  const std::string list =
      "application/vnd.kubernetes.protobuf;as=PartialObjectMetadataList;g=meta.k8s.io;v=v1,"
      "application/json;as=PartialObjectMetadataList;g=meta.k8s.io;v=v1";
  EXPECT_EQ(negotiate(list, true)->form, Form::kPartialMetadata);
  EXPECT_FALSE(negotiate(list, false));
  EXPECT_EQ(negotiate("application/json;as=PartialObjectMetadata;g=meta.k8s.io;v=v1", false)->form,
            Form::kPartialMetadata);
}

TEST(NegotiationTest, DiscoveryIsAggregatedOnDemand) {
  const std::string v2 =
      "application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList;profile=nopeer,"
      "application/json;g=apidiscovery.k8s.io;v=v2beta1;as=APIGroupDiscoveryList,application/json";
  EXPECT_EQ(negotiate_discovery(v2), "v2");
  EXPECT_EQ(negotiate_discovery("application/json;g=apidiscovery.k8s.io;v=v2beta1;as=APIGroupDiscoveryList"),
            "v2beta1");
  EXPECT_EQ(negotiate_discovery("application/json"), "");
  EXPECT_EQ(negotiate_discovery("application/vnd.kubernetes.protobuf"), std::nullopt);
}

TEST(BodyTest, ABrokenDocumentIsToldInOurOwnWords) {
  const auto message = [](std::string_view text) { return read_json(text).error().message; };
  const std::string begin = "couldn't get version/kind; json parse error: ";
  EXPECT_EQ(message(R"({"a":)"), begin + "unexpected end of JSON input");
  EXPECT_EQ(message(""), begin + "unexpected end of JSON input");
  EXPECT_EQ(message(R"({"a":x})"), begin + "invalid character 'x' at offset 5");
  EXPECT_EQ(message(R"({"a":1e999})"), begin + "a number is out of range");
  EXPECT_EQ(message("\x01"), begin + "invalid byte at offset 0");
}

// Positions of every value by its pointer would make gigabytes of such a body.
TEST(BodyTest, DeepYamlCostsWhatItIsLong) {
  std::string text;
  for (int i = 0; i < 100; ++i) text += "{" + std::string(1000, 'k') + ": ";
  text += "[" + std::string(1, '1');
  for (int i = 0; i < 100'000; ++i) text += ",1";
  text += "]" + std::string(100, '}');
  const auto body = read_yaml(text);
  ASSERT_TRUE(body);
  EXPECT_TRUE(body->complaints.empty());
}

}  // namespace
}  // namespace fakeapi
