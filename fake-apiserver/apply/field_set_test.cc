#include "fake-apiserver/apply/field_set.h"

#include <gtest/gtest.h>

#include "common/base/random.h"

namespace fakeapi {
namespace {

using nlohmann::json;

FieldSet set(const char* text) {
  auto parsed = FieldSet::parse(json::parse(text));
  EXPECT_TRUE(parsed) << text;
  return parsed ? *parsed : FieldSet();
}

TEST(FieldSetTest, ReadsAndWritesFieldsV1) {
  const char* text =
      R"({"f:metadata":{"f:labels":{".":{},"f:app":{}}},
          "f:spec":{"f:containers":{"k:{\"name\":\"a\"}":{".":{},"f:image":{}}},"f:finalizers":{"v:\"x/y\"":{}},
                    "f:list":{"i:0":{}}}})";
  EXPECT_EQ(set(text).to_json(), json::parse(text));
  EXPECT_TRUE(set("{}").empty());
  EXPECT_TRUE(set(text).has({"f:metadata", "f:labels"}));
  EXPECT_FALSE(set(text).has({"f:metadata"})) << "what has fields below is no member unless it says so";
}

TEST(FieldSetTest, KeysAreTheSameHoweverTheyAreSpelt) {
  EXPECT_EQ(set(R"({"k:{ \"b\": 1, \"a\":\"x\" }":{}})"), set(R"({"k:{\"a\":\"x\",\"b\":1}":{}})"));
}

TEST(FieldSetTest, BrokenDocumentsAreRefused) {
  for (const char* text : {"[]", "null", "3", R"({"x":{}})", R"({"f:a":1})", R"({"f:a":{"b":{}}})", R"({"k:[1]":{}})",
                           R"({"k:{":{}})", R"({"k:{\"a\":{}}":{}})", R"({"v:[[]]":{}})", R"({"i:x":{}})"}) {
    EXPECT_FALSE(FieldSet::parse(json::parse(text))) << text;
  }
  EXPECT_EQ(set(R"({"q:later":{},"f:a":{}})"), set(R"({"f:a":{}})")) << "elements of a later kind are left out";
}

TEST(FieldSetTest, TheAlgebraKeepsApartAFieldAndWhatIsBelowIt) {
  const FieldSet both = set(R"({"f:a":{".":{},"f:b":{},"f:c":{}}})");
  FieldSet rest = both;
  rest.subtract(set(R"({"f:a":{}})"));
  EXPECT_EQ(rest, set(R"({"f:a":{"f:b":{},"f:c":{}}})"));
  rest.subtract(set(R"({"f:a":{"f:b":{},"f:c":{}}})"));
  EXPECT_TRUE(rest.empty());
  FieldSet common = both;
  common.intersect(set(R"({"f:a":{"f:c":{}},"f:d":{}})"));
  EXPECT_EQ(common, set(R"({"f:a":{"f:c":{}}})"));
  common.unite(set(R"({"f:a":{".":{},"f:b":{}}})"));
  EXPECT_EQ(common, both);
  common.erase("f:a");
  EXPECT_TRUE(common.empty());
}

TEST(FieldSetTest, PathsReadAsInMessages) {
  const FieldSet fields = set(
      R"({"f:spec":{"f:replicas":{},"f:containers":{"k:{\"name\":\"a\"}":{".":{},"f:image":{}}},
          "f:ports":{"k:{\"containerPort\":80,\"protocol\":\"TCP\"}":{}},"f:fin":{"v:\"x\"":{}},"f:l":{"i:2":{}}}})");
  EXPECT_EQ(fields.paths(), (std::vector<std::string>{".spec.replicas", ".spec.containers[name=\"a\"]",
                                                      ".spec.containers[name=\"a\"].image", ".spec.fin[=\"x\"]",
                                                      ".spec.l[2]", ".spec.ports[containerPort=80,protocol=\"TCP\"]"}));
}

FieldSet random_set(base::Random& random, int depth) {
  FieldSet fields;
  if (random.below(2) == 0) fields.add();
  if (depth == 0) return fields;
  for (const char* element : {"f:a", "f:b", "k:{\"n\":1}", "v:2"}) {
    if (random.below(2) == 0) fields.put(element, random_set(random, depth - 1));
  }
  return fields;
}

TEST(FieldSetTest, RandomSetsObeyTheLawsOfSets) {
  base::Random random(7);
  for (int i = 0; i < 500; ++i) {
    const FieldSet a = random_set(random, 3);
    const FieldSet b = random_set(random, 3);
    FieldSet both = a;
    both.intersect(b);
    FieldSet only_a = a;
    only_a.subtract(b);
    FieldSet again = only_a;
    again.intersect(b);
    EXPECT_TRUE(again.empty());
    again = only_a;
    again.unite(both);
    EXPECT_EQ(again, a);
    FieldSet all = a;
    all.unite(b);
    FieldSet reverse = b;
    reverse.unite(a);
    EXPECT_EQ(all, reverse);
    if (!a.is_member()) {  // FieldsV1 has no word for the root itself
      EXPECT_EQ(FieldSet::parse(a.to_json()), a);
    }
  }
}

}  // namespace
}  // namespace fakeapi
