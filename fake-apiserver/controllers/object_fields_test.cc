#include "fake-apiserver/controllers/object_fields.h"

#include <gtest/gtest.h>

namespace fakeapi {
namespace {

using namespace std::chrono_literals;

const base::Time kNow = std::chrono::sys_days(std::chrono::year(2026) / 1 / 1);

TEST(ObjectFieldsTest, WhatIsMissingOrOfAnotherTypeReadsAsTheDefault) {
  const Json object{{"spec", {{"replicas", "three"}, {"paused", 1}, {"when", "yesterday"}}}, {"status", "fine"}};

  EXPECT_EQ(int_at(object, {"spec", "replicas"}, 7), 7);
  EXPECT_EQ(int_at(object, {"status", "replicas"}, 7), 7);
  EXPECT_TRUE(bool_at(object, {"spec", "paused"}, true));
  EXPECT_EQ(time_at(object, {"spec", "when"}), std::nullopt);
  EXPECT_EQ(text_or(object, {"spec", "missing"}, "x"), "x");
  EXPECT_EQ(find_condition(object, "Ready"), nullptr);
  EXPECT_EQ(controller_of(object), std::nullopt);
}

TEST(ObjectFieldsTest, ATransitionTimeMovesOnlyWithTheStatus) {
  Json object = Json::object();
  Json& status = object["status"];
  set_condition(status, {.type = "Ready", .status = "False", .reason = "A", .message = "a"}, kNow);
  set_condition(status, {.type = "Ready", .status = "False", .reason = "B", .message = "b"}, kNow + 5s);

  EXPECT_EQ(text_at(*find_condition(object, "Ready"), {"lastTransitionTime"}), "2026-01-01T00:00:00Z");
  EXPECT_EQ(text_at(*find_condition(object, "Ready"), {"reason"}), "B");

  set_condition(status, {.type = "Ready", .status = "True", .reason = "", .message = ""}, kNow + 9s);
  EXPECT_EQ(text_at(*find_condition(object, "Ready"), {"lastTransitionTime"}), "2026-01-01T00:00:09Z");
  EXPECT_FALSE(find_condition(object, "Ready")->contains("reason"));
  EXPECT_EQ(status["conditions"].size(), 1u);
}

TEST(ObjectFieldsTest, ANonObjectIsReplacedByAnEmptyOne) {
  Json object{{"metadata", "text"}};
  object_in(object_in(object, "metadata"), "labels")["a"] = "b";
  EXPECT_EQ(object, Json({{"metadata", {{"labels", {{"a", "b"}}}}}}));
}

}  // namespace
}  // namespace fakeapi
