#include "fake-apiserver/api/patch.h"

#include <gtest/gtest.h>

#include "common/base/random.h"

namespace fakeapi {
namespace {

struct JsonPatchCase {
  const char* name;
  const char* before;
  const char* operations;
  const char* after;  // null: refused
  friend void PrintTo(const JsonPatchCase& c, std::ostream* out) { *out << c.name; }
};

class JsonPatchTest : public testing::TestWithParam<JsonPatchCase> {};

TEST_P(JsonPatchTest, FollowsRfc6902) {
  Json target = Json::parse(GetParam().before);
  const auto applied = apply_json_patch(target, Json::parse(GetParam().operations));
  if (!GetParam().after) {
    ASSERT_FALSE(applied);
    EXPECT_EQ(applied.error().code, 422);
    EXPECT_EQ(applied.error().message, "the server rejected our request due to an error in our request");
    return;
  }
  ASSERT_TRUE(applied);
  EXPECT_EQ(target, Json::parse(GetParam().after));
}

INSTANTIATE_TEST_SUITE_P(
    Operations, JsonPatchTest,
    testing::Values(
        JsonPatchCase{"add_member", R"({"a":1})", R"([{"op":"add","path":"/b","value":2}])", R"({"a":1,"b":2})"},
        JsonPatchCase{"add_into_array", R"([1,3])", R"([{"op":"add","path":"/1","value":2}])", R"([1,2,3])"},
        JsonPatchCase{"append", R"([1])", R"([{"op":"add","path":"/-","value":2}])", R"([1,2])"},
        JsonPatchCase{"add_at_end_index", R"([1])", R"([{"op":"add","path":"/1","value":2}])", R"([1,2])"},
        JsonPatchCase{"add_beyond_end", R"([1])", R"([{"op":"add","path":"/2","value":2}])", nullptr},
        JsonPatchCase{"add_without_parent", R"({})", R"([{"op":"add","path":"/a/b","value":2}])", nullptr},
        JsonPatchCase{"add_to_scalar", R"({"a":"x"})", R"([{"op":"add","path":"/a/b","value":2}])", nullptr},
        JsonPatchCase{"add_to_null", R"({"a":null})", R"([{"op":"add","path":"/a/b","value":2}])", nullptr},
        JsonPatchCase{"add_whole", R"({"a":1})", R"([{"op":"add","path":"","value":{"b":2}}])", R"({"b":2})"},
        JsonPatchCase{"add_without_value", R"({})", R"([{"op":"add","path":"/a"}])", nullptr},
        JsonPatchCase{"remove", R"({"a":1,"b":2})", R"([{"op":"remove","path":"/a"}])", R"({"b":2})"},
        JsonPatchCase{"remove_from_array", R"([1,2,3])", R"([{"op":"remove","path":"/1"}])", R"([1,3])"},
        JsonPatchCase{"remove_absent", R"({})", R"([{"op":"remove","path":"/a"}])", nullptr},
        JsonPatchCase{"remove_whole", R"({})", R"([{"op":"remove","path":""}])", nullptr},
        JsonPatchCase{"replace", R"({"a":1})", R"([{"op":"replace","path":"/a","value":[2]}])", R"({"a":[2]})"},
        JsonPatchCase{"replace_absent", R"({})", R"([{"op":"replace","path":"/a","value":2}])", nullptr},
        JsonPatchCase{"move", R"({"a":{"b":1}})", R"([{"op":"move","from":"/a/b","path":"/c"}])", R"({"a":{},"c":1})"},
        JsonPatchCase{"move_into_itself", R"({"a":{"b":1}})", R"([{"op":"move","from":"/a","path":"/a/b"}])", nullptr},
        JsonPatchCase{"copy", R"({"a":[1]})", R"([{"op":"copy","from":"/a","path":"/b"}])", R"({"a":[1],"b":[1]})"},
        JsonPatchCase{"test_holds", R"({"a":1})", R"([{"op":"test","path":"/a","value":1}])", R"({"a":1})"},
        JsonPatchCase{"test_fails", R"({"a":1})", R"([{"op":"test","path":"/a","value":2}])", nullptr},
        JsonPatchCase{"escapes", R"({"a/b":{"c~d":1}})", R"([{"op":"replace","path":"/a~1b/c~0d","value":2}])",
                      R"({"a/b":{"c~d":2}})"},
        JsonPatchCase{"bad_escape", R"({"a":1})", R"([{"op":"remove","path":"/a~2"}])", nullptr},
        JsonPatchCase{"leading_zero", R"([1,2])", R"([{"op":"remove","path":"/01"}])", nullptr},
        JsonPatchCase{"negative_index", R"([1,2])", R"([{"op":"remove","path":"/-1"}])", nullptr},
        JsonPatchCase{"huge_index", R"([1,2])", R"([{"op":"remove","path":"/99999999999999999999"}])", nullptr},
        JsonPatchCase{"no_slash", R"({"a":1})", R"([{"op":"remove","path":"a"}])", nullptr},
        JsonPatchCase{"unknown_operation", R"({"a":1})", R"([{"op":"twist","path":"/a","value":1}])", nullptr},
        JsonPatchCase{"not_an_operation", R"({"a":1})", R"([5])", nullptr},
        JsonPatchCase{"in_order", R"({})",
                      R"([{"op":"add","path":"/a","value":{}},{"op":"add","path":"/a/b","value":1}])",
                      R"({"a":{"b":1}})"}),
    [](const auto& test) { return test.param.name; });

TEST(JsonPatchLimitTest, CopiesCannotGrowTheDocumentWithoutBound) {
  Json operations = Json::array();
  for (int i = 0; i < 60; ++i) {
    operations.push_back({{"op", "copy"}, {"from", "/a"}, {"path", "/a/k" + std::to_string(i)}});
  }
  Json target = {{"a", {{"x", 1}}}};
  EXPECT_FALSE(apply_json_patch(target, operations));
}

TEST(JsonPatchLimitTest, TenThousandOperationsAreTheMost) {
  const Json one = {{"op", "test"}, {"path", "/a"}, {"value", 1}};
  Json target = {{"a", 1}};
  EXPECT_TRUE(apply_json_patch(target, Json(10'000, one)));
  const auto refused = apply_json_patch(target, Json(10'001, one));
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, 413);
  EXPECT_EQ(refused.error().message,
            "Request entity too large: The allowed maximum operations in a JSON patch is 10000, got 10001");
}

TEST(MergePatchTest, FollowsRfc7386) {
  struct Case {
    const char* before;
    const char* patch;
    const char* after;
  };
  for (const Case& c : {Case{R"({"a":"b"})", R"({"a":"c"})", R"({"a":"c"})"},
                        Case{R"({"a":"b"})", R"({"b":"c"})", R"({"a":"b","b":"c"})"},
                        Case{R"({"a":"b","b":"c"})", R"({"a":null})", R"({"b":"c"})"},
                        Case{R"({"a":["b"]})", R"({"a":"c"})", R"({"a":"c"})"},
                        Case{R"({"a":"c"})", R"({"a":["b"]})", R"({"a":["b"]})"},
                        Case{R"({"a":{"b":"c"}})", R"({"a":{"b":"d","c":null}})", R"({"a":{"b":"d"}})"},
                        Case{R"({"a":[{"b":"c"}]})", R"({"a":[1]})", R"({"a":[1]})"},
                        Case{R"({"a":"foo"})", R"({"a":{"b":{"c":null}}})", R"({"a":{"b":{}}})"}}) {
    Json target = Json::parse(c.before);
    apply_merge_patch(target, Json::parse(c.patch));
    EXPECT_EQ(target, Json::parse(c.after)) << c.patch;
  }
}

TEST(ParsePatchTest, TheContentTypeNamesTheKind) {
  EXPECT_EQ(parse_patch("[]", "application/json-patch+json", false)->type, PatchType::kJson);
  EXPECT_EQ(parse_patch("{}", "application/merge-patch+json; charset=utf-8", false)->type, PatchType::kMerge);
  EXPECT_EQ(parse_patch("{}", "application/strategic-merge-patch+json", false)->type, PatchType::kStrategic);
}

TEST(ParsePatchTest, CustomResourcesHaveNoStrategicMerge) {
  const auto refused = parse_patch("{}", "application/strategic-merge-patch+json", true);
  EXPECT_EQ(refused.error().code, 415);
  EXPECT_EQ(refused.error().message.find("strategic"), std::string::npos);
  EXPECT_NE(refused.error().message.find("application/merge-patch+json"), std::string::npos);
  EXPECT_NE(refused.error().message.find("application/apply-patch+yaml"), std::string::npos);
}

TEST(ParsePatchTest, AConfigurationIsYamlOrJson) {
  const char* type = "application/apply-patch+yaml";
  const auto yaml = parse_patch("kind: Pod\nspec: {a: 1}\n", type, true);
  const auto json = parse_patch(" \n{\"kind\":\"Pod\",\"spec\":{\"a\":1}}", type, true);
  ASSERT_TRUE(yaml && json);
  EXPECT_EQ(yaml->type, PatchType::kApply);
  EXPECT_EQ(yaml->document, json->document);
  EXPECT_EQ(parse_patch("- a", type, true).error().code, 400);
  EXPECT_EQ(parse_patch("{", type, true).error().code, 400);
  EXPECT_EQ(parse_patch("", type, true).error().code, 400);
}

TEST(ParsePatchTest, RejectsTheWrongShape) {
  EXPECT_EQ(parse_patch("{}", "application/json-patch+json", false).error().code, 400);
  EXPECT_EQ(parse_patch("[]", "application/merge-patch+json", false).error().code, 400);
  EXPECT_EQ(parse_patch("{", "application/merge-patch+json", false).error().code, 400);
  EXPECT_EQ(parse_patch("{}", "application/json", false).error().code, 415);
  EXPECT_EQ(parse_patch("{}", "", false).error().code, 415);
}

Json random_document(base::Random& random, int depth) {
  constexpr const char* kKeys[] = {"a",
                                   "name",
                                   "containers",
                                   "$patch",
                                   "env",
                                   "metadata",
                                   "spec",
                                   "finalizers",
                                   "$setElementOrder/env",
                                   "$deleteFromPrimitiveList/finalizers",
                                   "$retainKeys"};
  constexpr const char* kTexts[] = {"x", "replace", "delete", "merge", ""};
  switch (random.below(depth > 4 ? 3 : 5)) {
    case 0: return nullptr;
    case 1: return random.below(3);
    case 2: return kTexts[random.below(5)];
    case 3: {
      Json list = Json::array();
      for (std::uint64_t n = random.below(4); n > 0; --n) list.push_back(random_document(random, depth + 1));
      return list;
    }
    default: {
      Json map = Json::object();
      for (std::uint64_t n = random.below(5); n > 0; --n) {
        map[kKeys[random.below(std::size(kKeys))]] = random_document(random, depth + 1);
      }
      return map;
    }
  }
}

TEST(PatchFuzzTest, NoPatchBreaksTheServer) {
  base::Random random(11);
  const SchemaType* pod = Schema::builtin().of_kind("", "v1", "Pod");
  int applied = 0;
  int refused = 0;
  for (int i = 0; i < 5'000; ++i) {
    Json target = {{"spec", random_document(random, 0)}, {"metadata", random_document(random, 0)}};
    Json patch = random_document(random, 0);
    if (patch.is_object()) (void)apply_patch(target, Patch{PatchType::kStrategic, patch}, pod);
    apply_merge_patch(target, patch);
    Json operations = Json::array();
    for (std::uint64_t n = random.below(4); n > 0; --n) {
      constexpr const char* kOps[] = {"add", "remove", "replace", "move", "copy", "test"};
      constexpr const char* kPaths[] = {"", "/", "/spec", "/spec/0", "/spec/-", "/spec/a/name", "/metadata/env", "x"};
      operations.push_back({{"op", kOps[random.below(6)]},
                            {"path", kPaths[random.below(8)]},
                            {"from", kPaths[random.below(8)]},
                            {"value", random_document(random, 3)}});
    }
    ++(apply_json_patch(target, operations) ? applied : refused);
    // Whatever came of it is a document that can be sent.
    EXPECT_EQ(Json::parse(target.dump()), target);
  }
  EXPECT_GT(applied, 100);
  EXPECT_GT(refused, 100);
}

// The depth of the deepest value; without recursion, as the document may be too deep for that.
std::size_t depth_of(const Json& document) {
  std::size_t depth = 0;
  std::vector<const Json*> level{&document};
  while (!level.empty()) {
    std::vector<const Json*> next;
    for (const Json* value : level) {
      if (!value->is_structured()) continue;
      for (const Json& item : *value) next.push_back(&item);
    }
    if (!next.empty()) ++depth;
    level = std::move(next);
  }
  return depth;
}

Patch json_patch(Json operations) {
  Patch patch;
  patch.type = PatchType::kJson;
  patch.document = std::move(operations);
  return patch;
}

TEST(PatchTest, CopiesCannotNestADocumentDeeperThanOneMayComeIn) {
  Json operations = Json::array();
  std::string tip = "/zz";
  operations.push_back({{"op", "add"}, {"path", tip}, {"value", Json::object()}});
  for (int i = 0; i < 12; ++i) {
    operations.push_back({{"op", "copy"}, {"from", "/zz"}, {"path", tip + "/a"}});
    std::string longer = tip;
    for (int k = 0; k < (1 << i); ++k) longer += "/a";
    tip = longer;
  }
  Json target = {{"metadata", {{"name", "x"}}}};
  const auto applied = apply_patch(target, json_patch(operations), nullptr);
  ASSERT_FALSE(applied);
  EXPECT_EQ(applied.error().code, 422);
  EXPECT_LE(depth_of(target), 200U);
}

TEST(PatchTest, AddMoveAndReplaceCannotEither) {
  Json deep = Json::object();
  std::string tip;
  for (int i = 0; i < 150; ++i) {
    deep = Json{{"a", std::move(deep)}};
    tip += "/a";
  }
  const Json start = {{"x", deep}, {"y", deep}};
  for (const Json& operation : {Json{{"op", "add"}, {"path", "/x" + tip + "/a"}, {"value", deep}},
                                Json{{"op", "replace"}, {"path", "/x" + tip}, {"value", deep}},
                                Json{{"op", "move"}, {"from", "/y"}, {"path", "/x" + tip + "/b"}}}) {
    Json target = start;
    const auto applied = apply_patch(target, json_patch(Json::array({operation})), nullptr);
    ASSERT_FALSE(applied) << operation.at("op");
    EXPECT_EQ(applied.error().code, 422);
    EXPECT_LE(depth_of(target), 200U);
  }
}

TEST(PatchTest, WhatAPatchMakesOfAnObjectIsAnObject) {
  for (const Json& whole : {Json(1), Json("x"), Json::array(), Json(nullptr)}) {
    Json target = {{"metadata", {{"name", "x"}}}};
    const auto applied =
        apply_patch(target, json_patch(Json::array({{{"op", "replace"}, {"path", ""}, {"value", whole}}})), nullptr);
    ASSERT_FALSE(applied) << whole;
    EXPECT_EQ(applied.error().code, 422);
  }
}

}  // namespace
}  // namespace fakeapi
