#include "fake-apiserver/api/strategic_merge.h"

#include <gtest/gtest.h>

#include <algorithm>

namespace fakeapi {
namespace {

const SchemaType* type_of(std::string_view kind) {
  const Schema& schema = Schema::builtin();
  for (const char* group : {"", "apps", "policy"}) {
    if (const SchemaType* type = schema.of_kind(group, "v1", kind)) return type;
  }
  return nullptr;
}

struct Case {
  const char* name;
  const char* kind;
  const char* before;
  const char* patch;
  const char* after;
  friend void PrintTo(const Case& c, std::ostream* out) { *out << c.name; }
};

class StrategicMergeTest : public testing::TestWithParam<Case> {};

TEST_P(StrategicMergeTest, Merges) {
  Json target = Json::parse(GetParam().before);
  ASSERT_TRUE(apply_strategic_merge(target, Json::parse(GetParam().patch), type_of(GetParam().kind)));
  EXPECT_EQ(target, Json::parse(GetParam().after)) << target.dump(1);
}

INSTANTIATE_TEST_SUITE_P(
    Rules, StrategicMergeTest,
    testing::Values(
        Case{"maps_merge_and_null_deletes", "Deployment", R"({"spec":{"a":1,"b":2}})", R"({"spec":{"a":null,"c":3}})",
             R"({"spec":{"b":2,"c":3}})"},
        Case{"containers_merge_by_name", "Pod",
             R"({"spec":{"containers":[{"name":"a","image":"x","tty":true},{"name":"b","image":"y"}]}})",
             R"({"spec":{"containers":[{"name":"b","image":"z"}]}})",
             R"({"spec":{"containers":[{"name":"a","image":"x","tty":true},{"name":"b","image":"z"}]}})"},
        Case{"a_new_item_goes_first_and_known_ones_keep_their_place", "Pod",
             R"({"spec":{"containers":[{"name":"a"}]}})", R"({"spec":{"containers":[{"name":"b"}]}})",
             R"({"spec":{"containers":[{"name":"b"},{"name":"a"}]}})"},
        Case{"set_element_order_decides", "Pod", R"({"spec":{"containers":[{"name":"a"},{"name":"b"}]}})",
             R"({"spec":{"$setElementOrder/containers":[{"name":"b"},{"name":"c"},{"name":"a"}],
                         "containers":[{"name":"c"}]}})",
             R"({"spec":{"containers":[{"name":"b"},{"name":"c"},{"name":"a"}]}})"},
        Case{"order_without_items", "Pod", R"({"spec":{"containers":[{"name":"a"},{"name":"b"}]}})",
             R"({"spec":{"$setElementOrder/containers":[{"name":"b"},{"name":"a"}]}})",
             R"({"spec":{"containers":[{"name":"b"},{"name":"a"}]}})"},
        Case{"what_only_the_server_knows_keeps_its_place", "Pod",
             R"({"spec":{"containers":[{"name":"s"},{"name":"a"},{"name":"b"}]}})",
             R"({"spec":{"$setElementOrder/containers":[{"name":"a"},{"name":"b"}],
                         "containers":[{"name":"a","image":"n"}]}})",
             R"({"spec":{"containers":[{"name":"s"},{"name":"a","image":"n"},{"name":"b"}]}})"},
        Case{"patch_delete_removes_an_item", "Pod", R"({"spec":{"containers":[{"name":"a"},{"name":"b"}]}})",
             R"({"spec":{"containers":[{"$patch":"delete","name":"a"}]}})",
             R"({"spec":{"containers":[{"name":"b"}]}})"},
        Case{"patch_replace_replaces_a_list", "Pod", R"({"spec":{"containers":[{"name":"a"},{"name":"b"}]}})",
             R"({"spec":{"containers":[{"name":"c"},{"$patch":"replace"}]}})",
             R"({"spec":{"containers":[{"name":"c"}]}})"},
        Case{"patch_replace_replaces_a_map", "Deployment", R"({"spec":{"strategy":{"type":"x","y":1}}})",
             R"({"spec":{"strategy":{"$patch":"replace","type":"z"}}})", R"({"spec":{"strategy":{"type":"z"}}})"},
        Case{"patch_delete_empties_a_map", "Deployment", R"({"spec":{"strategy":{"type":"x"}}})",
             R"({"spec":{"strategy":{"$patch":"delete"}}})", R"({"spec":{"strategy":{}}})"},
        Case{"retain_keys_drops_the_others", "Deployment",
             R"({"spec":{"strategy":{"type":"RollingUpdate","rollingUpdate":{"maxSurge":1}}}})",
             R"({"spec":{"strategy":{"$retainKeys":["type"],"type":"Recreate"}}})",
             R"({"spec":{"strategy":{"type":"Recreate"}}})"},
        Case{"env_merges_by_name_inside_a_container", "Deployment",
             R"({"spec":{"template":{"spec":{"containers":[{"name":"a","env":[{"name":"X","value":"1"},
                 {"name":"Y","value":"2"}]}]}}}})",
             R"({"spec":{"template":{"spec":{"containers":[{"name":"a","$setElementOrder/env":[{"name":"Y"}],
                 "env":[{"$patch":"delete","name":"X"}]}]}}}})",
             R"({"spec":{"template":{"spec":{"containers":[{"name":"a","env":[{"name":"Y","value":"2"}]}]}}}})"},
        Case{"container_ports_merge_by_number", "Pod",
             R"({"spec":{"containers":[{"name":"a","ports":[{"containerPort":80,"protocol":"TCP"}]}]}})",
             R"({"spec":{"containers":[{"name":"a","ports":[{"containerPort":80,"name":"http"}]}]}})",
             R"({"spec":{"containers":[{"name":"a","ports":[{"containerPort":80,"protocol":"TCP","name":"http"}]}]}})"},
        Case{"equal_keys_are_both_kept", "Pod",
             R"({"spec":{"containers":[{"name":"a","ports":[{"containerPort":53,"protocol":"TCP"},
                 {"containerPort":53,"protocol":"UDP"}]}]}})",
             R"({"spec":{"containers":[{"name":"a","ports":[{"containerPort":53,"name":"dns"}]}]}})",
             R"({"spec":{"containers":[{"name":"a","ports":[{"containerPort":53,"protocol":"TCP","name":"dns"},
                 {"containerPort":53,"protocol":"UDP"}]}]}})"},
        Case{"service_ports_merge_by_port", "Service", R"({"spec":{"ports":[{"port":80},{"port":443}]}})",
             R"({"spec":{"ports":[{"port":443,"name":"tls"}]}})",
             R"({"spec":{"ports":[{"port":80},{"port":443,"name":"tls"}]}})"},
        Case{"conditions_merge_by_type", "Node", R"({"status":{"conditions":[{"type":"Ready","status":"True"}]}})",
             R"({"status":{"conditions":[{"type":"Ready","status":"False"},{"type":"Disk","status":"True"}]}})",
             R"({"status":{"conditions":[{"type":"Ready","status":"False"},{"type":"Disk","status":"True"}]}})"},
        Case{"finalizers_are_a_set", "Pod", R"({"metadata":{"finalizers":["a","b"]}})",
             R"({"metadata":{"$deleteFromPrimitiveList/finalizers":["a"],"finalizers":["b","c"]}})",
             R"({"metadata":{"finalizers":["b","c"]}})"},
        Case{"delete_from_a_set_alone", "Pod", R"({"metadata":{"finalizers":["a","b"]}})",
             R"({"metadata":{"$deleteFromPrimitiveList/finalizers":["a"]}})", R"({"metadata":{"finalizers":["b"]}})"},
        Case{"taints_are_replaced", "Node", R"({"spec":{"taints":[{"key":"a"},{"key":"b"}]}})",
             R"({"spec":{"taints":[{"key":"c"}]}})", R"({"spec":{"taints":[{"key":"c"}]}})"},
        Case{"command_is_replaced", "Pod", R"({"spec":{"containers":[{"name":"a","command":["x","y"]}]}})",
             R"({"spec":{"containers":[{"name":"a","command":["z"]}]}})",
             R"({"spec":{"containers":[{"name":"a","command":["z"]}]}})"},
        Case{"a_budget_s_selector_is_replaced", "PodDisruptionBudget",
             R"({"spec":{"selector":{"matchLabels":{"a":"1"}}}})", R"({"spec":{"selector":{"matchLabels":{"b":"2"}}}})",
             R"({"spec":{"selector":{"matchLabels":{"b":"2"}}}})"},
        Case{"lists_that_nobody_knows_are_replaced", "", R"({"spec":{"containers":[{"name":"a"}]}})",
             R"({"spec":{"containers":[{"name":"b"}]}})", R"({"spec":{"containers":[{"name":"b"}]}})"},
        Case{"volumes_keep_the_keys_they_are_told", "Pod",
             R"({"spec":{"volumes":[{"name":"v","emptyDir":{}},{"name":"w"}]}})",
             R"({"spec":{"volumes":[{"$retainKeys":["name","secret"],"name":"v","secret":{"secretName":"s"}}]}})",
             R"({"spec":{"volumes":[{"name":"v","secret":{"secretName":"s"}},{"name":"w"}]}})"},
        Case{"owners_merge_by_uid", "Pod", R"({"metadata":{"ownerReferences":[{"uid":"1","name":"a"},{"uid":"2"}]}})",
             R"({"metadata":{"ownerReferences":[{"$patch":"delete","uid":"2"},{"uid":"1","controller":true}]}})",
             R"({"metadata":{"ownerReferences":[{"uid":"1","name":"a","controller":true}]}})"},
        Case{"secrets_of_an_account_merge_by_name", "ServiceAccount", R"({"secrets":[{"name":"a"}]})",
             R"({"secrets":[{"name":"b"}]})", R"({"secrets":[{"name":"b"},{"name":"a"}]})"},
        Case{"tolerations_are_replaced", "Pod", R"({"spec":{"tolerations":[{"key":"a"}]}})",
             R"({"spec":{"tolerations":[{"key":"b"}]}})", R"({"spec":{"tolerations":[{"key":"b"}]}})"},
        Case{"spread_constraints_merge_by_topology", "Pod",
             R"({"spec":{"topologySpreadConstraints":[{"topologyKey":"zone","maxSkew":1}]}})",
             R"({"spec":{"topologySpreadConstraints":[{"topologyKey":"zone","maxSkew":2}]}})",
             R"({"spec":{"topologySpreadConstraints":[{"topologyKey":"zone","maxSkew":2}]}})"},
        Case{"nulls_and_directives_do_not_get_in", "Pod", R"({})",
             R"({"spec":{"a":null,"b":{"$patch":"merge","c":1},"$setElementOrder/containers":[{"name":"x"}]}})",
             R"({"spec":{"b":{"c":1}}})"}),
    [](const auto& test) { return test.param.name; });

TEST(StrategicMergeErrorTest, SaysWhatIsWrong) {
  Json target = Json::parse(R"({"spec":{"containers":[{"name":"a"}]}})");
  const auto no_key =
      apply_strategic_merge(target, Json::parse(R"({"spec":{"containers":[{"image":"x"}]}})"), type_of("Pod"));
  EXPECT_EQ(no_key.error().code, 400);
  const auto unknown = apply_strategic_merge(target, Json::parse(R"({"spec":{"$patch":"mix"}})"), type_of("Pod"));
  EXPECT_EQ(unknown.error().code, 400);
  EXPECT_NE(unknown.error().message.find("mix"), std::string::npos);
}

// Work that grows with the square of the list would take minutes here.
TEST(StrategicMergeSizeTest, LongListsMergeInOrder) {
  constexpr int kMany = 60'000;
  Json before = {{"metadata", {{"finalizers", Json::array()}}}};
  Json patch = before;
  Json& finalizers = before["metadata"]["finalizers"];
  for (int i = 0; i < kMany; ++i) {
    finalizers.push_back("example.com/f" + std::to_string(i));
    patch["metadata"]["finalizers"].push_back("example.com/f" + std::to_string(i + kMany / 2));
  }
  Json target = before;
  ASSERT_TRUE(apply_strategic_merge(target, patch, type_of("Pod")));
  const Json& merged = target.at("metadata").at("finalizers");
  ASSERT_EQ(merged.size(), std::size_t{kMany + kMany / 2});
  EXPECT_EQ(merged.front(), "example.com/f0");
  EXPECT_EQ(merged.back(), "example.com/f" + std::to_string(kMany + kMany / 2 - 1));
  const Json deletion = {{"metadata", {{"$deleteFromPrimitiveList/finalizers", finalizers}}}};
  ASSERT_TRUE(apply_strategic_merge(target, deletion, type_of("Pod")));
  EXPECT_EQ(target.at("metadata").at("finalizers").size(), std::size_t{kMany / 2});
}

TEST(StrategicMergeSizeTest, AnItemMayBeDeletedAndNamedAgain) {
  Json target = Json::parse(R"({"spec":{"containers":[{"name":"a","image":"x"},{"name":"b","image":"y"}]}})");
  const Json patch = Json::parse(
      R"({"spec":{"containers":[{"name":"a","$patch":"delete"},{"name":"a","tty":true},{"name":"c","$patch":"delete"}]}})");
  ASSERT_TRUE(apply_strategic_merge(target, patch, type_of("Pod")));
  Json containers = target.at("spec").at("containers");
  std::sort(containers.begin(), containers.end());
  EXPECT_EQ(containers, Json::parse(R"([{"name":"b","image":"y"},{"name":"a","tty":true}])"));
}

}  // namespace
}  // namespace fakeapi
