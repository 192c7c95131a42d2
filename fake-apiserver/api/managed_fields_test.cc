#include "fake-apiserver/api/managed_fields.h"

#include <gtest/gtest.h>

#include "fake-apiserver/store/json_access.h"

namespace fakeapi {
namespace {

Json json(const char* text) { return Json::parse(text); }

FieldWriter writer(const std::string& manager, const std::string& subresource = "") {
  return {manager, "apps/v1", subresource, "2026-01-01T00:00:00Z"};
}

// "manager[/subresource]: fieldsV1" of each entry.
std::string owners(const Json& object) {
  std::string text;
  for (const Json& entry : at_path(object, {"metadata", "managedFields"})) {
    const std::string subresource = text_at(entry, {"subresource"});
    text += (text.empty() ? "" : "; ") + text_at(entry, {"manager"}) + (subresource.empty() ? "" : "/" + subresource) +
            ": " + entry.at("fieldsV1").dump();
  }
  return text;
}

TEST(ManagedFieldsTest, TheManagerIsNamedOrTheBeginningOfTheUserAgent) {
  EXPECT_EQ(manager_of("kubectl-scale", "kubectl/v1.32"), "kubectl-scale");
  EXPECT_EQ(manager_of("", "kubectl/v1.32 (linux/amd64)"), "kubectl");
  EXPECT_EQ(manager_of("", "gamenight-scaler"), "gamenight-scaler");
  EXPECT_EQ(manager_of("", ""), "unknown");
}

TEST(ManagedFieldsTest, OnlyWhatDiffersIsTheWriters) {
  const Json before =
      json(R"({"metadata":{"labels":{"a":"1"}},"spec":{"replicas":2,"x":{"y":1,"z":[1]}},"status":{}})");
  EXPECT_EQ(changed_fields(before, before), Json::object());
  Json after = before;
  after["spec"]["x"]["z"] = json("[1,2]");
  after["metadata"]["labels"]["b"] = "2";
  after["metadata"]["resourceVersion"] = "7";
  after["status"]["ready"] = 2;
  EXPECT_EQ(changed_fields(before, after),
            json(R"({"f:spec":{"f:x":{"f:z":{}}},"f:metadata":{"f:labels":{"f:b":{}}}})"));
}

TEST(ManagedFieldsTest, TheScaleMovesFromWriterToWriter) {
  Json object = json(R"({"metadata":{},"spec":{"replicas":2,"paused":false}})");
  const auto write = [&](int replicas, const FieldWriter& who) {
    Json next = object;
    next["spec"]["replicas"] = replicas;
    record_writer(object, next, who);
    object = std::move(next);
  };
  write(3, writer("kubectl"));
  EXPECT_EQ(owners(object), R"(kubectl: {"f:spec":{"f:replicas":{}}})");
  write(5, writer("gamenight-scaler", "scale"));
  EXPECT_EQ(owners(object), R"(gamenight-scaler/scale: {"f:spec":{"f:replicas":{}}})");
  const Json& entry = object["metadata"]["managedFields"][0];
  EXPECT_EQ(entry["operation"], "Update");
  EXPECT_EQ(entry["apiVersion"], "apps/v1");
  EXPECT_EQ(entry["fieldsType"], "FieldsV1");
  EXPECT_EQ(entry["time"], "2026-01-01T00:00:00Z");
  write(5, writer("kubectl"));  // changes nothing, owns nothing
  EXPECT_EQ(owners(object), R"(gamenight-scaler/scale: {"f:spec":{"f:replicas":{}}})");
}

TEST(ManagedFieldsTest, AWriterKeepsWhatNobodyElseWrote) {
  Json object = json(R"({"metadata":{},"spec":{"replicas":2,"paused":false}})");
  Json next = object;
  next["spec"] = json(R"({"replicas":3,"paused":true})");
  record_writer(object, next, writer("kubectl"));
  object = next;
  next["spec"]["replicas"] = 4;
  record_writer(object, next, writer("gamenight-scaler", "scale"));
  EXPECT_EQ(owners(next),
            R"(kubectl: {"f:spec":{"f:paused":{}}}; gamenight-scaler/scale: {"f:spec":{"f:replicas":{}}})");
}

TEST(ManagedFieldsTest, AReplacementWithoutEntriesKeepsThoseThereWere) {
  Json before = json(R"({"metadata":{},"spec":{"replicas":2}})");
  Json written = before;
  written["spec"]["replicas"] = 3;
  record_writer(before, written, writer("kubectl"));
  Json replacement = json(R"({"metadata":{},"spec":{"replicas":3}})");
  record_writer(written, replacement, writer("someone"));
  EXPECT_EQ(owners(replacement), R"(kubectl: {"f:spec":{"f:replicas":{}}})");
}

TEST(ManagedFieldsTest, AFieldThatWasRemovedHasNoOwner) {
  Json object = json(R"({"metadata":{},"spec":{}})");
  const auto write = [&](const char* metadata, const char* spec, const FieldWriter& who) {
    Json next = object;
    next["metadata"].update(json(metadata));
    next["spec"] = json(spec);
    record_writer(object, next, who);
    object = std::move(next);
  };
  write(R"({"labels":{"a":"1","b":"1"}})", R"({"replicas":3,"paused":true,"x":{"y":1}})", writer("kubectl"));
  write(R"({"labels":{"a":"1"}})", R"({"replicas":3,"x":{"y":1}})", writer("helm"));
  EXPECT_EQ(owners(object),
            R"(kubectl: {"f:metadata":{"f:labels":{"f:a":{}}},"f:spec":{"f:replicas":{},"f:x":{"f:y":{}}}})");

  write(R"({"labels":{}})", R"({"replicas":3,"x":5})", writer("kubectl"));  // nothing stays below x
  EXPECT_EQ(owners(object), R"(kubectl: {"f:spec":{"f:replicas":{},"f:x":{}}})");

  write("{}", "{}", writer("helm"));
  EXPECT_EQ(owners(object), "");
}

}  // namespace
}  // namespace fakeapi
