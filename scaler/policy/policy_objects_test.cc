#include <gtest/gtest.h>

#include <filesystem>
#include <map>
#include <string>
#include <vector>

#include "common/base/file.h"
#include "scaler/policy/policy_file.h"
#include "scaler/policy/policy_texts.h"

namespace scaler {
namespace {

using namespace policy_texts;

class PolicyFileOnDiskTest : public testing::Test {
 protected:
  base::Result<PolicyFileContents> load_file(const std::string& text) {
    write(text);
    return load_policy_file(directory_ / "policies.yaml");
  }
  base::Result<std::vector<PolicySpec>> load(const std::string& text) {
    write(text);
    return load_policies(directory_ / "policies.yaml");
  }
  void write(const std::string& text) {
    base::FileSet files(directory_);
    EXPECT_TRUE(files.add("policies.yaml", text));
    EXPECT_TRUE(files.commit());
  }
  void TearDown() override { std::filesystem::remove_all(directory_); }

  const std::filesystem::path directory_ =
      std::filesystem::path(testing::TempDir()) / testing::UnitTest::GetInstance()->current_test_info()->name();
};

TEST_F(PolicyFileOnDiskTest, OneNameTwiceIsAnErrorThatNamesBothPlaces) {
  const auto policies = load(std::string(kHpaDefault) + "---\n" + kHpaDefault);

  ASSERT_FALSE(policies);
  const std::string& message = policies.error().message;
  EXPECT_NE(message.find("policies.yaml:17:9: name"), std::string::npos) << message;
  EXPECT_NE(message.find("policies.yaml:4:9"), std::string::npos) << message;
}

TEST_F(PolicyFileOnDiskTest, OneNameForTwoKindsIsFine) {
  std::string tuner = kTunerText;
  tuner.replace(tuner.find("hpa-tuner"), 9, "hpa-default");

  EXPECT_TRUE(load(std::string(kHpaDefault) + "---\n" + tuner));
}

TEST_F(PolicyFileOnDiskTest, WhatBelongsToAPolicyMayStandBesideIt) {
  const std::string beside = R"(---
apiVersion: apps/v1
kind: Deployment
metadata: {name: pause}
spec: {whatever: 1}
---
apiVersion: scheduling.k8s.io/v1
kind: PriorityClass
metadata: {name: low}
value: -10
---
apiVersion: v1
kind: ConfigMap
metadata: {name: config-autoscaler, namespace: knative-serving}
data: {stable-window: 60s}
)";
  const auto contents = load_file(std::string(kHpaDefault) + beside);

  ASSERT_TRUE(contents) << contents.error().message;
  EXPECT_EQ(contents->policies.size(), 1u);
  ASSERT_EQ(contents->companions.size(), 3u);
  EXPECT_EQ(contents->companions[0].value.at("kind"), "Deployment");
  EXPECT_EQ(contents->companions[2].value.at("/data/stable-window"_json_pointer), "60s");
}

TEST_F(PolicyFileOnDiskTest, EveryObjectOfAnOrdinaryDeploymentMayStandBesideAPolicy) {
  struct Beside {
    const char* kind;
    const char* version;
  };
  for (const Beside& beside :
       {Beside{"StatefulSet", "apps/v1"}, Beside{"ReplicaSet", "apps/v1"}, Beside{"Service", "v1"},
        Beside{"ServiceAccount", "v1"}, Beside{"Secret", "v1"}, Beside{"Ingress", "networking.k8s.io/v1"},
        Beside{"PodDisruptionBudget", "policy/v1"}, Beside{"TriggerAuthentication", "keda.sh/v1alpha1"},
        Beside{"ClusterTriggerAuthentication", "keda.sh/v1alpha1"}}) {
    const std::string object = std::string("---\napiVersion: ") + beside.version + "\nkind: " + beside.kind +
                               "\nmetadata: {name: api}\nspec: {unread: [1]}\n";
    const auto contents = load_file(kHpaDefault + object);
    ASSERT_TRUE(contents) << contents.error().message;
    ASSERT_EQ(contents->companions.size(), 1u);
    EXPECT_EQ(contents->companions[0].value.at("kind"), beside.kind);
  }
}

TEST_F(PolicyFileOnDiskTest, ACompanionHasTheRightVersionAndAName) {
  const auto wrong =
      load(std::string(kHpaDefault) + "---\napiVersion: apps/v2\nkind: Deployment\nmetadata: {name: x}\n");
  ASSERT_FALSE(wrong);
  EXPECT_NE(wrong.error().message.find("policies.yaml:14:13: apiVersion must be one of apps/v1, is \"apps/v2\""),
            std::string::npos)
      << wrong.error().message;

  const auto nameless = load(std::string(kHpaDefault) + "---\napiVersion: v1\nkind: ConfigMap\nmetadata: {}\n");
  ASSERT_FALSE(nameless);
  EXPECT_NE(nameless.error().message.find("\"name\" is missing"), std::string::npos) << nameless.error().message;
}

TEST_F(PolicyFileOnDiskTest, AnUnknownKindListsTheKnownOnes) {
  const auto contents = load("apiVersion: apps/v1\nkind: Deploymint\nmetadata: {name: x}\n");

  ASSERT_FALSE(contents);
  const std::string& message = contents.error().message;
  EXPECT_NE(
      message.find("policies.yaml:2:7: kind must be one of ClusterTriggerAuthentication, ConfigMap, Deployment, "),
      std::string::npos)
      << message;
  EXPECT_NE(message.find("HorizontalPodAutoscaler, HpaTuner, "), std::string::npos) << message;
  EXPECT_NE(message.find("did you mean \"Deployment\"?"), std::string::npos) << message;
}

TEST_F(PolicyFileOnDiskTest, CompanionsAloneAreNoPolicy) {
  const auto contents = load("apiVersion: v1\nkind: ConfigMap\nmetadata: {name: x}\n");

  ASSERT_FALSE(contents);
  EXPECT_NE(contents.error().message.find(":1:1: the file holds no policy"), std::string::npos);
}

TEST_F(PolicyFileOnDiskTest, WhatTheApiServerAddsToMetadataIsNoMistake) {
  std::string text = kHpaDefault;
  text.replace(text.find("  name: hpa-default\n"), 20, R"(  name: hpa-default
  uid: 8a0b5c1e
  resourceVersion: "7"
  generation: 3
  creationTimestamp: "2026-09-26T09:00:00Z"
  labels: {a: b}
  managedFields: [{manager: kubectl}]
)");
  EXPECT_TRUE(load(text));
}

TEST_F(PolicyFileOnDiskTest, AnAnnotationWithoutAValueIsAnEmptyText) {
  std::string text = kHpaDefault;
  text.replace(text.find("  namespace: default\n"), 21, R"(  annotations:
    example.com/paused:
    example.com/note: none
)");
  const auto policies = load(text);

  ASSERT_TRUE(policies) << policies.error().message;
  EXPECT_EQ(policies->front().annotations,
            (std::map<std::string, std::string>{{"example.com/note", "none"}, {"example.com/paused", ""}}));

  text.replace(text.find("paused:"), 7, "paused: true");
  const auto no_text = load(text);
  ASSERT_FALSE(no_text);
  EXPECT_NE(no_text.error().message.find("policies.yaml:6:25: "), std::string::npos) << no_text.error().message;
}

// As `kubectl get -o yaml` prints it.
constexpr const char* kList = R"(apiVersion: v1
items:
- apiVersion: v1
  kind: Service
  metadata: {name: api}
- apiVersion: autoscaling/v2
  kind: HorizontalPodAutoscaler
  metadata:
    creationTimestamp: "2026-09-26T09:00:00Z"
    name: hpa-default
    resourceVersion: "7"
  spec:
    scaleTargetRef: {apiVersion: apps/v1, kind: Deployment, name: api}
    maxReplicas: 600
  status: {currentReplicas: 3}
kind: List
metadata:
  resourceVersion: ""
)";

TEST_F(PolicyFileOnDiskTest, TheItemsOfAListAreReadOneByOne) {
  std::string scheduled = kScheduled;
  scheduled.replace(scheduled.find("name: api}"), 10, "name: home}");
  const auto contents = load_file(std::string(kList) + "---\n" + scheduled);

  ASSERT_TRUE(contents) << contents.error().message;
  ASSERT_EQ(contents->policies.size(), 2u);
  EXPECT_EQ(contents->policies[0].name, "hpa-default");
  EXPECT_TRUE(contents->policies[0].target_where.ends_with("policies.yaml:13:67"))
      << contents->policies[0].target_where;
  EXPECT_EQ(contents->policies[1].name, "scheduled");
  ASSERT_EQ(contents->companions.size(), 1u);
  EXPECT_EQ(contents->companions[0].value.at("kind"), "Service");
}

TEST_F(PolicyFileOnDiskTest, ComplaintsAboutAnItemOfAListSayWhereItStands) {
  const auto said = [&](const std::string& what, const std::string& by) {
    std::string text = kList;
    text.replace(text.find(what), what.size(), by);
    const auto contents = load_file(text);
    const std::string message = contents ? "no complaint" : contents.error().message;
    return message.substr(message.find("policies.yaml"));
  };
  EXPECT_EQ(said("maxReplicas: 600", "maxReplicas: 0").rfind("policies.yaml:14:18: spec.maxReplicas: ", 0), 0u);
  EXPECT_EQ(said("    maxReplicas", "    maxReplica: 1\n    maxReplicas").rfind("policies.yaml:14:5: ", 0), 0u);
  EXPECT_EQ(said("kind: Service", "kind: List").rfind("policies.yaml:4:9: kind must be one of ", 0), 0u);
  EXPECT_EQ(said("- apiVersion: v1\n  kind: Service\n  metadata: {name: api}\n", "- Service\n")
                .rfind("policies.yaml:3:3: ", 0),
            0u);
  EXPECT_EQ(said("apiVersion: v1\nitems", "apiVersion: v2\nitems").rfind("policies.yaml:1:13: apiVersion must be", 0),
            0u);
}

TEST_F(PolicyFileOnDiskTest, AListHasItems) {
  const auto contents = load_file("apiVersion: v1\nkind: List\nitem: []\n");

  ASSERT_FALSE(contents);
  EXPECT_NE(contents.error().message.find("\"items\" is missing"), std::string::npos) << contents.error().message;
  EXPECT_FALSE(load_file("apiVersion: v1\nkind: List\nitems: []\n"));
}

TEST_F(PolicyFileOnDiskTest, AFileWithoutAPolicyIsAnError) {
  const auto policies = load("# nothing yet\n");

  ASSERT_FALSE(policies);
  EXPECT_NE(policies.error().message.find(":1:1: "), std::string::npos) << policies.error().message;
}

TEST_F(PolicyFileOnDiskTest, TornYamlIsAnErrorWithItsPlace) {
  const auto policies = load("apiVersion: [autoscaling/v2\nkind: }\n");

  ASSERT_FALSE(policies);
  EXPECT_NE(policies.error().message.find("policies.yaml:2:"), std::string::npos) << policies.error().message;
}

}  // namespace
}  // namespace scaler
