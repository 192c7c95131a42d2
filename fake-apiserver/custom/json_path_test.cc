#include "fake-apiserver/custom/json_path.h"

#include <gtest/gtest.h>

namespace fakeapi {
namespace {

const Json kDocument = Json::parse(R"({
  "spec": {"a": 1, "list": [10, 20, 30], "odd.name/x": "quoted"},
  "status": {"conditions": [{"type": "Ready", "status": "True", "age": 3}, {"type": "Active", "status": "False"}]}})");

Json found(const char* text) {
  const auto path = JsonPath::parse(text);
  if (!path) return "no path";
  Json values = Json::array();
  for (const Json* value : path->find(kDocument)) values.push_back(*value);
  return values;
}

TEST(JsonPathTest, FollowsFieldsIndicesAndFilters) {
  EXPECT_EQ(found(".spec.a"), Json::array({1}));
  EXPECT_EQ(found(".spec['a']"), Json::array({1}));
  EXPECT_EQ(found(".spec.odd\\.name/x"), Json::array({"quoted"}));
  EXPECT_EQ(found(".spec['odd.name/x']"), Json::array({"quoted"}));
  EXPECT_EQ(found(".spec.list[0]"), Json::array({10}));
  EXPECT_EQ(found(".spec.list[-1]"), Json::array({30}));
  EXPECT_EQ(found(".spec.list[1:]"), Json::array({20, 30}));
  EXPECT_EQ(found(".spec.list[-1:]"), Json::array({30}));
  EXPECT_EQ(found(".spec.list[*]"), Json::array({10, 20, 30}));
  EXPECT_EQ(found(".status.conditions[?(@.type==\"Ready\")].status"), Json::array({"True"}));
  EXPECT_EQ(found(".status.conditions[?(@.type=='Active')].status"), Json::array({"False"}));
  EXPECT_EQ(found(".status.conditions[?(@.type != 'Active')].type"), Json::array({"Ready"}));
  EXPECT_EQ(found(".status.conditions[?(@.age)].type"), Json::array({"Ready"}));
  EXPECT_EQ(found(".status.conditions[?(@.age>2)].type"), Json::array({"Ready"}));
  EXPECT_EQ(found(".status.conditions[*].type"), Json::array({"Ready", "Active"}));
}

TEST(JsonPathTest, WhatIsNotThereIsNotFound) {
  EXPECT_EQ(found(".spec.none.deeper"), Json::array());
  EXPECT_EQ(found(".spec.list[7]"), Json::array());
  EXPECT_EQ(found(".spec.list[-7]"), Json::array());
  EXPECT_EQ(found(".spec.a[0]"), Json::array());
  EXPECT_EQ(found(".status.conditions[?(@.age>'x')].type"), Json::array());
}

TEST(JsonPathTest, RefusesWhatIsNoPath) {
  for (const char* text :
       {"", "spec", ".spec[", ".spec[]", ".spec[x]", ".spec['a", ".a b", ".spec[?(@.a==]", ".spec[?(1)]",
        ".spec[?(@.a==1)", ".x[?(@[?(@[?(@[?(@[?(@[?(@[?(@[?(@[?(@[?(@.a)])])])])])])])])])]",
        ".spec[99999999999999999999]"}) {
    EXPECT_FALSE(JsonPath::parse(text)) << text;
  }
}

TEST(JsonPathTest, PlainFieldsAreNames) {
  EXPECT_EQ(JsonPath::parse(".spec.replicas")->field_names(), (std::vector<std::string>{"spec", "replicas"}));
  EXPECT_EQ(JsonPath::parse(".spec.list[0]")->field_names(), std::nullopt);
}

}  // namespace
}  // namespace fakeapi
