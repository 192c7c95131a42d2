#include "scaler/policy/contradictions.h"

#include <gtest/gtest.h>

#include <filesystem>
#include <string>

#include "common/base/file.h"
#include "scaler/policy/policy_file.h"

namespace scaler {
namespace {

constexpr const char* kHpa = R"(apiVersion: autoscaling/v2
kind: HorizontalPodAutoscaler
metadata: {name: api-hpa}
spec:
  scaleTargetRef: {apiVersion: apps/v1, kind: Deployment, name: api}
  maxReplicas: 600
  metrics:
    - type: Resource
      resource: {name: cpu, target: {type: Utilization, averageUtilization: 70}}
)";

constexpr const char* kScaling = R"(apiVersion: gamenight/v1
kind: ScalingPolicy
metadata: {name: scheduled}
spec:
  scaleTargetRef: {apiVersion: apps/v1, kind: Deployment, name: api}
  maxReplicas: 600
  metrics:
    - type: ContainerResource
      containerResource: {name: cpu, container: app, target: {type: Utilization, averageUtilization: 70}}
)";

constexpr const char* kTuner = R"(apiVersion: webapp.streamotion.com.au/v1
kind: HpaTuner
metadata: {name: tuner}
spec:
  scaleTargetRef: {kind: HorizontalPodAutoscaler, name: api-hpa}
  minReplicas: 20
  maxReplicas: 600
  useDecisionService: false
)";

constexpr const char* kVertical = R"(apiVersion: autoscaling.k8s.io/v1
kind: VerticalPodAutoscaler
metadata: {name: api-vpa}
spec:
  targetRef: {apiVersion: apps/v1, kind: Deployment, name: api}
)";

// Both in one file, at lines 1 and on.
std::string both(const std::string& first, const std::string& second) { return first + "---\n" + second; }

std::string with(std::string text, const std::string& what, const std::string& by) {
  const std::size_t at = text.find(what);
  EXPECT_NE(at, std::string::npos) << what;
  return text.replace(at, what.size(), by);
}

class ContradictionsTest : public testing::Test {
 protected:
  // What is said about the file, its directory left out; empty if it is accepted.
  std::string complaint(const std::string& text) {
    base::FileSet files(directory_);
    EXPECT_TRUE(files.add("p.yaml", text));
    EXPECT_TRUE(files.commit());
    const auto contents = load_policy_file(directory_ / "p.yaml");
    if (contents) return "";
    std::string message = contents.error().message;
    const std::string prefix = directory_.string() + "/";
    for (std::size_t at = message.find(prefix); at != std::string::npos; at = message.find(prefix)) {
      message.erase(at, prefix.size());
    }
    return message;
  }
  void TearDown() override { std::filesystem::remove_all(directory_); }

  const std::filesystem::path directory_ =
      std::filesystem::path(testing::TempDir()) / testing::UnitTest::GetInstance()->current_test_info()->name();
};

TEST_F(ContradictionsTest, OneTargetHasOneWriterOfReplicas) {
  EXPECT_EQ(complaint(both(kHpa, kScaling)),
            "p.yaml:15:65: ScalingPolicy default/scheduled writes the replicas of Deployment default/api, which "
            "HorizontalPodAutoscaler default/api-hpa at p.yaml:5:65 writes too; a target has one owner");
}

TEST_F(ContradictionsTest, WhatTargetsAnHpaDoesNotWriteReplicas) {
  EXPECT_EQ(complaint(both(kHpa, kTuner)), "");
  const std::string adviser = R"(apiVersion: gamenight/v1
kind: ScalingPolicy
metadata: {name: scheduled}
spec:
  scaleTargetRef: {kind: HorizontalPodAutoscaler, apiVersion: autoscaling/v2, name: api-hpa}
  maxReplicas: 600
  schedules:
    - {name: final, cron: "20 19 * * 6", timeZone: Australia/Sydney, duration: 45m, minReplicas: 330}
)";
  EXPECT_EQ(complaint(both(kHpa, adviser)), "");
}

TEST_F(ContradictionsTest, TargetsDifferByNamespaceKindAndName) {
  EXPECT_EQ(complaint(both(kHpa, with(kScaling, "{name: scheduled}", "{name: scheduled, namespace: night}"))), "");
  EXPECT_EQ(complaint(both(kHpa, with(kScaling, "Deployment", "StatefulSet"))), "");
  EXPECT_EQ(complaint(both(kHpa, with(kScaling, "name: api}", "name: home}"))), "");
}

TEST_F(ContradictionsTest, AFloorMayNotBeAboveTheMaximumOfItsHpa) {
  const std::string small = with(kHpa, "maxReplicas: 600", "maxReplicas: 19");
  EXPECT_EQ(complaint(both(small, kTuner)),
            "p.yaml:16:16: HpaTuner default/tuner wants at least 20 replicas, above maxReplicas (19) of "
            "HorizontalPodAutoscaler default/api-hpa at p.yaml:6:16");
  const std::string operators_shift = R"(apiVersion: gamenight/v1
kind: HumanOperator
metadata: {name: human}
spec:
  scaleTargetRef: {kind: HorizontalPodAutoscaler, name: api-hpa}
  shifts:
    - {name: final, cron: "30 19 * * 6", timeZone: Australia/Sydney, lead: 10m, duration: 35m, minReplicas: 601}
)";
  EXPECT_NE(complaint(both(kHpa, operators_shift)).find("HumanOperator default/human wants at least 601 replicas"),
            std::string::npos)
      << complaint(both(kHpa, operators_shift));
  EXPECT_EQ(complaint(both(kHpa, with(operators_shift, "601", "600"))), "");
}

TEST_F(ContradictionsTest, AVerticalAutoscalerOfTheSameResourceIsNamedWithBothPlaces) {
  EXPECT_EQ(
      complaint(both(kHpa, kVertical)),
      "p.yaml:15:60: VerticalPodAutoscaler default/api-vpa changes the cpu requests of Deployment default/api, and "
      "HorizontalPodAutoscaler default/api-hpa at p.yaml:8:7 scales it by cpu; set updatePolicy.updateMode: "
      "\"Off\", or leave cpu out of controlledResources of containerName '*'");
  EXPECT_NE(complaint(both(kVertical, kScaling)).find("ScalingPolicy default/scheduled at p.yaml:"), std::string::npos);
}

TEST_F(ContradictionsTest, AnHpaWithoutMetricsScalesByCpu) {
  const std::string text = kHpa;
  const std::string bare = text.substr(0, text.find("  metrics:"));
  EXPECT_NE(complaint(both(bare, kVertical)).find("p.yaml:5:3 scales it by cpu"), std::string::npos)
      << complaint(both(bare, kVertical));
}

TEST_F(ContradictionsTest, MemoryCountsAsWell) {
  EXPECT_NE(complaint(both(with(kHpa, "name: cpu", "name: memory"), kVertical)).find("the memory requests"),
            std::string::npos);
}

TEST_F(ContradictionsTest, AVerticalAutoscalerThatLeavesTheResourceAloneIsFine) {
  const auto vertical = [](const std::string& rest) { return std::string(kVertical) + rest; };

  EXPECT_EQ(complaint(both(kHpa, vertical("  updatePolicy: {updateMode: \"Off\"}\n"))), "");
  EXPECT_EQ(complaint(both(kHpa, with(kVertical, "name: api}", "name: home}"))), "");
  EXPECT_EQ(complaint(both(kHpa, with(kVertical, "{name: api-vpa}", "{name: api-vpa, namespace: night}"))), "");
  EXPECT_EQ(complaint(both(kHpa, vertical("  resourcePolicy: {containerPolicies: [{containerName: '*', "
                                          "controlledResources: [memory]}]}\n"))),
            "");
  EXPECT_EQ(
      complaint(both(kHpa, vertical("  resourcePolicy: {containerPolicies: [{containerName: '*', mode: \"Off\"}]}\n"))),
      "");
  EXPECT_NE(complaint(both(kHpa, vertical("  updatePolicy: {updateMode: Initial}\n"))), "");
}

// The vertical autoscaler with these containerPolicies.
std::string vertical_of(const std::string& entries) {
  return std::string(kVertical) + "  resourcePolicy: {containerPolicies: [" + entries + "]}\n";
}

TEST_F(ContradictionsTest, ContainersWithoutAnEntryOfTheirOwnAreChanged) {
  const std::string sidecar = complaint(both(kHpa, vertical_of("{containerName: istio-proxy, mode: \"Off\"}")));
  EXPECT_NE(sidecar.find("changes the cpu requests of Deployment default/api in the containers without an entry of "
                         "their own, and HorizontalPodAutoscaler default/api-hpa at p.yaml:8:7"),
            std::string::npos)
      << sidecar;
  EXPECT_EQ(complaint(both(kHpa, vertical_of("{containerName: istio-proxy, mode: \"Off\"}, {containerName: '*', "
                                             "controlledResources: [memory]}"))),
            "");
}

TEST_F(ContradictionsTest, AMetricOfThePodClashesWithAnyContainer) {
  const std::string one =
      complaint(both(kHpa, vertical_of("{containerName: '*', mode: \"Off\"}, {containerName: app}")));
  EXPECT_NE(one.find("of Deployment default/api in container app, and"), std::string::npos) << one;
  EXPECT_TRUE(one.ends_with("or leave cpu out of controlledResources")) << one;
}

TEST_F(ContradictionsTest, AMetricOfOneContainerClashesWithThatContainersEntry) {
  const auto scaled_by_app = [&](const std::string& entries) {
    return complaint(both(kScaling, vertical_of(entries)));
  };
  EXPECT_EQ(scaled_by_app("{containerName: api}, {containerName: '*', mode: \"Off\"}"), "");
  EXPECT_EQ(scaled_by_app("{containerName: app, mode: \"Off\"}"), "");
  EXPECT_EQ(scaled_by_app("{containerName: app, controlledResources: []}"), "");
  EXPECT_NE(scaled_by_app("{containerName: app, controlledResources: [cpu]}, {containerName: '*', mode: \"Off\"}"), "");
  EXPECT_NE(scaled_by_app("{containerName: proxy, mode: \"Off\"}").find("in container app, and"), std::string::npos);
}

TEST_F(ContradictionsTest, ATriggerOfOneContainerClashesWithThatContainersEntry) {
  const std::string keda = R"(apiVersion: keda.sh/v1alpha1
kind: ScaledObject
metadata: {name: so}
spec:
  scaleTargetRef: {name: api}
  minReplicaCount: 1
  triggers:
    - {type: cpu, metricType: Utilization, metadata: {value: "70", containerName: app}}
)";
  EXPECT_EQ(complaint(both(keda, vertical_of("{containerName: app, mode: \"Off\"}"))), "");
  EXPECT_NE(complaint(both(keda, vertical_of("{containerName: proxy, mode: \"Off\"}"))), "");
  EXPECT_NE(complaint(both(with(keda, ", containerName: app", ""), vertical_of("{containerName: app, mode: \"Off\"}"))),
            "");
}

TEST_F(ContradictionsTest, AnEntryNamesItsContainer) {
  EXPECT_NE(complaint(both(kHpa, vertical_of("{mode: \"Off\"}"))).find("\"containerName\" is missing"),
            std::string::npos);
}

TEST_F(ContradictionsTest, AMetricThatIsNoResourceDoesNotClash) {
  const std::string pods = with(kHpa,
                                "    - type: Resource\n      resource: {name: cpu, target: {type: Utilization, "
                                "averageUtilization: 70}}\n",
                                "    - type: Pods\n      pods: {metric: {name: qps}, target: {type: AverageValue, "
                                "averageValue: 140}}\n");
  EXPECT_EQ(complaint(both(pods, kVertical)), "");
}

TEST_F(ContradictionsTest, AVerticalAutoscalerThatCannotBeReadIsAnError) {
  EXPECT_EQ(complaint(both(kHpa, with(kVertical, "kind: Deployment, ", ""))), "p.yaml:15:14: \"kind\" is missing");
  EXPECT_NE(complaint(both(kHpa, std::string(kVertical) + "  updatePolicy: {updateMode: Of}\n"))
                .find("did you mean \"Off\"?"),
            std::string::npos);
}

}  // namespace
}  // namespace scaler
