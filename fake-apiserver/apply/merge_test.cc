#include "fake-apiserver/apply/merge.h"

#include <gtest/gtest.h>

#include "fake-apiserver/apply/compare.h"
#include "fake-apiserver/apply/test_types.h"

namespace fakeapi {
namespace {

// A pod template's containers in a Deployment.
Json with_containers(const char* containers) {
  Json object;
  object["spec"]["template"]["spec"]["containers"] = json(containers);
  return object;
}

Json merged_containers(const char* live, const char* configuration) {
  const Json merged = merge_configuration(with_containers(live), with_containers(configuration), deployment_type());
  return at_path(merged, {"spec", "template", "spec", "containers"});
}

TEST(MergeTest, ObjectsAndMapsMergeMemberByMember) {
  const Json live = json(R"({"metadata":{"labels":{"a":"1"}},"spec":{"replicas":2,"paused":true}})");
  const Json stated = json(R"({"metadata":{"labels":{"b":"2"}},"spec":{"replicas":3,"paused":null}})");
  EXPECT_EQ(merge_configuration(live, stated, deployment_type()),
            json(R"({"metadata":{"labels":{"a":"1","b":"2"}},"spec":{"replicas":3}})"));
}

TEST(MergeTest, ListsMergeByTheirKeys) {
  EXPECT_EQ(merged_containers(R"([{"name":"a","image":"x","tty":true},{"name":"s"}])",
                              R"([{"name":"a","image":"y"},{"name":"n"}])"),
            json(R"([{"name":"a","image":"y","tty":true},{"name":"s"},{"name":"n"}])"));
}

TEST(MergeTest, TheConfigurationGivesTheOrderAndOthersKeepTheirPlace) {
  EXPECT_EQ(
      merged_containers(R"([{"name":"s"},{"name":"a"},{"name":"t"},{"name":"b"}])", R"([{"name":"b"},{"name":"a"}])"),
      json(R"([{"name":"s"},{"name":"t"},{"name":"b"},{"name":"a"}])"));
}

TEST(MergeTest, AKeyThatIsLeftOutHasItsDefault) {
  const char* live = R"([{"name":"a","ports":[{"containerPort":53,"protocol":"TCP"},
                                              {"containerPort":53,"protocol":"UDP"}]}])";
  EXPECT_EQ(merged_containers(live, R"([{"name":"a","ports":[{"containerPort":53,"name":"dns"}]}])"),
            json(R"([{"name":"a","ports":[{"containerPort":53,"name":"dns","protocol":"TCP"},
                                          {"containerPort":53,"protocol":"UDP"}]}])"));
}

TEST(MergeTest, AtomicListsAndObjectsAreReplaced) {
  EXPECT_EQ(merged_containers(R"([{"name":"a","args":["1","2"]}])", R"([{"name":"a","args":["3"]}])"),
            json(R"([{"name":"a","args":["3"]}])"));
  EXPECT_EQ(merge_configuration(json(R"({"spec":{"selector":{"matchLabels":{"a":"1"}}}})"),
                                json(R"({"spec":{"selector":{"matchLabels":{"b":"1"}}}})"), deployment_type()),
            json(R"({"spec":{"selector":{"matchLabels":{"b":"1"}}}})"));
}

TEST(MergeTest, WithoutATypeObjectsMergeAndListsAreReplaced) {
  EXPECT_EQ(merge_configuration(json(R"({"a":{"x":1},"l":[{"name":"n","v":1}]})"),
                                json(R"({"a":{"y":2},"l":[{"name":"n"}]})"), ValueType()),
            json(R"({"a":{"x":1,"y":2},"l":[{"name":"n"}]})"));
}

TEST(MergeTest, ProblemsOfAConfigurationAreNamed) {
  EXPECT_EQ(configuration_problems(json(R"({"spec":{"foo":1}})"), deployment_type(), true),
            std::vector<std::string>{".spec.foo: field not declared in schema"});
  EXPECT_TRUE(configuration_problems(json(R"({"spec":{"foo":1}})"), deployment_type(), false).empty());
  const auto twice = configuration_problems(with_containers(R"([{"name":"a"},{"name":"a"}])"), deployment_type(), true);
  EXPECT_EQ(twice, std::vector<std::string>{".spec.template.spec.containers: duplicate entries for key [name=\"a\"]"});
  EXPECT_EQ(configuration_problems(with_containers(R"([{"image":"x"}])"), deployment_type(), true).size(), 1u);
  EXPECT_EQ(configuration_problems(json(R"({"spec":[]})"), deployment_type(), true),
            std::vector<std::string>{".spec: expected map, got []"});
  EXPECT_EQ(configuration_problems(with_containers("{}"), deployment_type(), true),
            std::vector<std::string>{".spec.template.spec.containers: expected list, got {}"});
}

TEST(PruneTest, WhatNobodyOwnsAnyMoreGoesAndOnlyThat) {
  Json object = json(R"({"metadata":{"labels":{"a":"1","b":"2"}},
                         "spec":{"replicas":2,"paused":true,"strategy":{"type":"Recreate"}}})");
  const FieldSet last = fields_of(
      json(R"({"metadata":{"labels":{"a":"1","b":"2"}},"spec":{"replicas":2,"strategy":{"type":"Recreate"}}})"),
      deployment_type());
  const FieldSet owned =
      fields_of(json(R"({"metadata":{"labels":{"b":"2"}},"spec":{"replicas":2}})"), deployment_type());
  prune(object, last, owned, deployment_type());
  EXPECT_EQ(object, json(R"({"metadata":{"labels":{"b":"2"}},"spec":{"replicas":2,"paused":true}})"));
}

TEST(PruneTest, AnItemGoesWithAllThatIsBelowIt) {
  Json object = with_containers(R"([{"name":"a","image":"x","tty":true},{"name":"b"}])");
  const FieldSet last = fields_of(with_containers(R"([{"name":"a","image":"x"},{"name":"b"}])"), deployment_type());
  const FieldSet owned = fields_of(with_containers(R"([{"name":"b"}])"), deployment_type());
  prune(object, last, owned, deployment_type());
  EXPECT_EQ(object, with_containers(R"([{"name":"b"}])"));
}

TEST(CompareTest, TheFieldsOfADocumentAreItsLeavesItemsAndEmptyObjects) {
  const Json object = json(
      R"({"metadata":{"labels":{"a":"1"},"finalizers":["f/g"]},"spec":{"selector":{"matchLabels":{"a":"1"}},
          "template":{"spec":{"securityContext":{},"containers":[{"name":"a","args":["1"],
          "ports":[{"containerPort":80}]}]}}}})");
  EXPECT_EQ(fields_of(object, deployment_type()).to_json(),
            json(R"({"f:metadata":{"f:labels":{"f:a":{}},"f:finalizers":{"v:\"f/g\"":{}}},"f:spec":{"f:selector":{},
                     "f:template":{"f:spec":{"f:securityContext":{},"f:containers":{"k:{\"name\":\"a\"}":{".":{},
                     "f:name":{},"f:args":{},"f:ports":{
                     "k:{\"containerPort\":80,\"protocol\":\"TCP\"}":{".":{},"f:containerPort":{}}}}}}}}})"));
}

TEST(CompareTest, WhatIsNewIsAddedWithEachCollectionThatWasNotThere) {
  const Difference difference =
      compare(Json::object(), with_containers(R"([{"name":"a","resources":{}}])"), deployment_type());
  EXPECT_TRUE(difference.removed.empty());
  EXPECT_TRUE(difference.modified.empty());
  EXPECT_EQ(difference.added.to_json(),
            json(R"({"f:spec":{"f:template":{"f:spec":{"f:containers":{".":{},"k:{\"name\":\"a\"}":{".":{},
                     "f:name":{},"f:resources":{}}}}}}})"));
}

TEST(CompareTest, TellsAddedRemovedAndModifiedApart) {
  const Difference difference = compare(json(R"({"spec":{"replicas":2,"paused":true}})"),
                                        json(R"({"spec":{"replicas":3,"minReadySeconds":5}})"), deployment_type());
  EXPECT_EQ(difference.modified.to_json(), json(R"({"f:spec":{"f:replicas":{}}})"));
  EXPECT_EQ(difference.added.to_json(), json(R"({"f:spec":{"f:minReadySeconds":{}}})"));
  EXPECT_EQ(difference.removed.to_json(), json(R"({"f:spec":{"f:paused":{}}})"));
}

TEST(CompareTest, ItemsThatCannotBeToldApartAreOwnedTogether) {
  const auto env = [](const char* items) {
    Json object = with_containers(R"([{"name":"a"}])");
    object["spec"]["template"]["spec"]["containers"][0]["env"] = json(items);
    return object;
  };
  const auto below = [](const FieldSet& fields) { return fields.paths(); };
  const std::string path = ".spec.template.spec.containers[name=\"a\"].env[name=\"X\"]";
  const Json twice = env(R"([{"name":"X","value":"1"},{"name":"X","value":"2"}])");
  EXPECT_TRUE(compare(twice, twice, deployment_type()).empty());
  EXPECT_EQ(
      below(compare(twice, env(R"([{"name":"X","value":"1"},{"name":"X","value":"3"}])"), deployment_type()).modified),
      std::vector<std::string>{path});
  const Difference once = compare(twice, env(R"([{"name":"X","value":"1"}])"), deployment_type());
  EXPECT_TRUE(once.removed.paths() == std::vector<std::string>{path});
  EXPECT_EQ(once.added.paths().size(), 3u) << "the item, its name and its value";
}

}  // namespace
}  // namespace fakeapi
