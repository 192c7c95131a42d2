#include "common/config/document.h"

#include <gtest/gtest.h>

#include <filesystem>

namespace config {
namespace {

Document one(std::string_view text) {
  auto documents = parse_yaml(text, "x.yaml");
  if (!documents || documents->size() != 1) {
    ADD_FAILURE() << (documents ? "not one document" : documents.error().message);
    return {};
  }
  return documents->front();
}

std::string complaint(std::string_view text) {
  const auto documents = parse_yaml(text, "x.yaml");
  return documents ? "accepted" : documents.error().message;
}

TEST(YamlTest, RepeatedKeysAreNotedOnDemandAndTheLastHolds) {
  const auto documents = parse_yaml("a: 1\nb:\n  c: 2\n  c: 3\n", "x.yaml", YamlOptions{.repeated_keys = true});
  ASSERT_TRUE(documents);
  EXPECT_EQ(documents->front().value, Json::parse(R"({"a": 1, "b": {"c": 3}})"));
  ASSERT_EQ(documents->front().repeated.size(), 1u);
  EXPECT_EQ(documents->front().repeated[0].first, "c");
  EXPECT_EQ(documents->front().repeated[0].second.line, 4);
}

TEST(DocumentTest, ScalarsFollowTheCoreSchema) {
  const Json v = one("{a: 12, b: 1.5, c: true, d: yes, e: '12', f: 0123, g: 1e3, h: ~, i: 90s, j: on, k: -7}").value;

  EXPECT_EQ(v["a"], Json(12));
  EXPECT_EQ(v["b"], Json(1.5));
  EXPECT_EQ(v["c"], Json(true));
  EXPECT_EQ(v["d"], Json("yes"));
  EXPECT_EQ(v["e"], Json("12"));
  EXPECT_EQ(v["f"], Json(123));
  EXPECT_EQ(v["g"], Json(1000.0));
  EXPECT_TRUE(v["h"].is_null());
  EXPECT_EQ(v["i"], Json("90s"));
  EXPECT_EQ(v["j"], Json("on"));
  EXPECT_EQ(v["k"], Json(-7));
}

TEST(DocumentTest, ValuesAndKeysAreLocated) {
  const Document d = one("spec:\n  traffic:\n    - {name: a, rps: 3}\n");

  EXPECT_EQ(d.locate("/spec/traffic/0/rps"), "x.yaml:3:22");
  EXPECT_EQ(d.locate_key("/spec/traffic/0/rps"), "x.yaml:3:17");
  EXPECT_EQ(d.locate("/spec/traffic/0/absent"), "x.yaml:3:7");
}

TEST(DocumentTest, WithoutAFileThePlaceIsAFieldPath) {
  EXPECT_EQ(from_json(Json::object()).locate("/spec/metrics/0/type"), "spec.metrics[0].type");
}

TEST(DocumentTest, DuplicateKeysAreRefused) {
  EXPECT_EQ(complaint("a: 1\nb: 2\na: 3\n"), "x.yaml:3:1: duplicate key \"a\", first given in line 1");
}

TEST(DocumentTest, BrokenYamlIsRefusedWithItsPlace) {
  EXPECT_EQ(complaint("a: [1, 2\nb: 3\n").rfind("x.yaml:2:2: not valid YAML", 0), 0U) << complaint("a: [1, 2\nb: 3\n");
  EXPECT_EQ(complaint("? [a]\n: 1\n"), "x.yaml:1:3: a key must be a text");
}

TEST(DocumentTest, YamlThatTheParserNeverFinishesIsRefused) {
  EXPECT_EQ(complaint("\"a\",\"b\":1\n"), "x.yaml:1:4: not valid YAML: nothing can follow here");
  EXPECT_EQ(complaint("\"v1\",\"kind\":\"x\",\"me\":{\"n{a\":\"s\":{\"z\":1}}").rfind("x.yaml:1:", 0), 0U);
}

TEST(DocumentTest, WhatIsNotUtf8IsRefusedWithItsPlace) {
  EXPECT_EQ(complaint("a: 1\nb: vi\xe9w\n"), "x.yaml:2:6: not UTF-8 text");
  EXPECT_EQ(complaint(std::string_view("a: \0b", 5)), "x.yaml:1:4: not UTF-8 text");
  EXPECT_EQ(complaint("a: \xc0\xaf"), "x.yaml:1:4: not UTF-8 text");
  EXPECT_EQ(complaint("a: \xed\xa0\x80"), "x.yaml:1:4: not UTF-8 text");
  EXPECT_EQ(complaint("a: \xe2\x82"), "x.yaml:1:4: not UTF-8 text");
  EXPECT_EQ(complaint("a: \xe2\x82\xac \xf0\x9f\x8f\x86"), "accepted");
}

TEST(DocumentTest, OctalNumbersAreReadOnRequest) {
  const auto documents = parse_yaml("{a: 0644, b: 0899, c: '0644'}", "x.yaml", YamlOptions{.octal = true});

  ASSERT_TRUE(documents);
  EXPECT_EQ(documents->front().value, (Json{{"a", 420}, {"b", 899}, {"c", "0644"}}));
}

TEST(DocumentTest, ASmallTextCannotBecomeAHugeDocument) {
  std::string bomb = "a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n";
  for (int i = 1; i < 8; ++i) {
    const std::string previous = "*a" + std::to_string(i - 1);
    bomb += "a" + std::to_string(i) + ": &a" + std::to_string(i) + " [";
    for (int k = 0; k < 10; ++k) bomb += (k == 0 ? "" : ", ") + previous;
    bomb += "]\n";
  }
  EXPECT_NE(complaint(bomb).find("the document is too large"), std::string::npos);
  EXPECT_NE(complaint(std::string(300, '[') + std::string(300, ']')).find("nested too deeply"), std::string::npos);
}

TEST(DocumentTest, EmptyDocumentsAreLeftOut) {
  const auto documents = parse_yaml("---\na: 1\n---\n---\nb: 2\n", "x.yaml");

  ASSERT_TRUE(documents);
  EXPECT_EQ(documents->size(), 2U);
}

TEST(DocumentTest, APartKeepsItsPlaceInTheFile) {
  const auto documents = parse_yaml("items:\n- {name: a}\n- name: b\n  \"x/y\": [1]\n", "x.yaml");
  ASSERT_TRUE(documents);

  const Document part = part_of(documents->front(), "/items/1");

  EXPECT_EQ(part.value, Json({{"name", "b"}, {"x/y", {1}}}));
  EXPECT_EQ(part.locate(""), "x.yaml:3:3");
  EXPECT_EQ(part.locate("/name"), "x.yaml:3:9");
  EXPECT_EQ(part.locate_key("/x~1y"), "x.yaml:4:3");
  EXPECT_EQ(part.locate("/x~1y/0"), "x.yaml:4:11");
  EXPECT_EQ(part.locate("/spec"), "x.yaml:3:3") << "what is absent stands at the part's own place";
}

TEST(DocumentTest, APartIsNotMistakenForAnotherThatBeginsAlike) {
  std::string text = "items:\n";
  for (int i = 0; i < 11; ++i) text += "- {name: n" + std::to_string(i) + "}\n";
  const auto documents = parse_yaml(text, "x.yaml");
  ASSERT_TRUE(documents);

  EXPECT_EQ(part_of(documents->front(), "/items/1").locate("/name"), "x.yaml:3:10");
  EXPECT_EQ(part_of(documents->front(), "/items/1").positions.size(), 2U);
}

TEST(DocumentTest, AMissingFileIsNamed) {
  const auto documents = load_yaml("no/such/file.yaml");

  ASSERT_FALSE(documents);
  EXPECT_EQ(documents.error().message, "cannot open no/such/file.yaml: No such file or directory");
}

TEST(DocumentTest, SuggestsOnlyWhatIsNear) {
  EXPECT_EQ(did_you_mean("minReplica", {"maxReplicas", "minReplicas"}), "minReplicas");
  EXPECT_EQ(did_you_mean("colour", {"minReplicas"}), "");
}

TEST(DocumentTest, PositionsAreLeftOutWhereNobodyAsksForThem) {
  const auto documents = parse_yaml("a: {b: [1, {c: 2}]}\n", "x.yaml", {.positions = false});
  ASSERT_TRUE(documents);
  EXPECT_EQ(documents->front().value, Json::parse(R"({"a":{"b":[1,{"c":2}]}})"));
  EXPECT_TRUE(documents->front().positions.empty());
  EXPECT_TRUE(documents->front().keys.empty());
}

TEST(DocumentTest, RepeatedKeysAreFoundWithoutPositionsToo) {
  const auto refused = parse_yaml("x: {b: 1}\na: 1\na: 2\n", "x.yaml", {.positions = false});
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().message, "x.yaml:3:1: duplicate key \"a\", first given in line 2");
  const auto noted = parse_yaml("a: 1\na: 2\n", "x.yaml", {.repeated_keys = true, .positions = false});
  ASSERT_TRUE(noted);
  EXPECT_EQ(noted->front().value, Json::parse(R"({"a":2})"));
  EXPECT_EQ(noted->front().repeated.size(), 1U);
}

TEST(DocumentTest, AliasesCannotMakeATextLong) {
  std::string text = "a: &long " + std::string(100'000, 'x') + "\nb:\n";
  for (int i = 0; i < 1000; ++i) text += "- *long\n";
  const auto documents = parse_yaml(text, "x.yaml");
  ASSERT_FALSE(documents);
  EXPECT_NE(documents.error().message.find("the document is too large"), std::string::npos);
}

}  // namespace
}  // namespace config
