#include "scaler/policy/hpa/hpa_validation.h"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "scaler/policy/hpa/hpa_defaults.h"

namespace scaler {
namespace {

using Json = nlohmann::json;
using Lines = std::vector<std::string>;

Json valid_spec() {
  return Json::parse(R"({
    "scaleTargetRef": {"apiVersion": "apps/v1", "kind": "Deployment", "name": "api"},
    "minReplicas": 1, "maxReplicas": 5,
    "metrics": [{"type": "Resource",
                 "resource": {"name": "cpu", "target": {"type": "Utilization", "averageUtilization": 70}}}]})");
}

// A spec that differs from the valid one by a JSON merge patch: null removes a field.
Json spec_with(const char* patch) {
  Json spec = valid_spec();
  spec.merge_patch(Json::parse(patch));
  return spec;
}

Lines texts(const FieldProblems& problems) {
  Lines lines;
  for (const FieldProblem& problem : problems) lines.push_back(problem.text());
  return lines;
}

struct Rule {
  const char* name;
  const char* patch;
  Lines problems;
};

void PrintTo(const Rule& rule, std::ostream* out) { *out << rule.name; }

class HpaRulesTest : public testing::TestWithParam<Rule> {};

TEST_P(HpaRulesTest, SaysWhatTheApiServerSaysInItsOrder) {
  EXPECT_EQ(texts(validate_hpa_spec(spec_with(GetParam().patch))), GetParam().problems);
}

const std::string kTypes = "\"ContainerResource\", \"External\", \"Object\", \"Pods\", \"Resource\"";

INSTANTIATE_TEST_SUITE_P(
    Bounds, HpaRulesTest,
    testing::Values(
        Rule{"valid", "{}", {}},
        Rule{"min_negative",
             R"({"minReplicas": -1})",
             {"spec.minReplicas: Invalid value: -1: must be greater than or equal to 0"}},
        Rule{"max_zero",
             R"({"minReplicas": null, "maxReplicas": 0})",
             {"spec.maxReplicas: Invalid value: 0: must be greater than 0"}},
        Rule{"max_absent",
             R"({"minReplicas": null, "maxReplicas": null})",
             {"spec.maxReplicas: Invalid value: 0: must be greater than 0"}},
        Rule{"max_below_min",
             R"({"minReplicas": 7})",
             {"spec.maxReplicas: Invalid value: 5: must be greater than or equal to `minReplicas`"}},
        Rule{"both_about_max",
             R"({"maxReplicas": -1})",
             {"spec.maxReplicas: Invalid value: -1: must be greater than 0",
              "spec.maxReplicas: Invalid value: -1: must be greater than or equal to `minReplicas`"}},
        Rule{"zero_without_pods_metrics_alone",
             R"({"minReplicas": 0})",
             {"spec.metrics: Forbidden: must specify at least one Object or External metric to support scaling to zero "
              "replicas"}},
        Rule{"zero_without_metrics",
             R"({"minReplicas": 0, "metrics": null})",
             {"spec.metrics: Forbidden: must specify at least one Object or External metric to support scaling to zero "
              "replicas"}},
        Rule{"zero_with_an_external_metric",
             R"({"minReplicas": 0, "metrics": [{"type": "External", "external": {"metric": {"name": "lag"},
                 "target": {"type": "Value", "value": "30"}}}]})",
             {}}));

INSTANTIATE_TEST_SUITE_P(
    Target, HpaRulesTest,
    testing::Values(
        Rule{"nothing",
             R"({"scaleTargetRef": null})",
             {"spec.scaleTargetRef.kind: Required value", "spec.scaleTargetRef.name: Required value",
              "spec.scaleTargetRef.apiVersion: Invalid value: \"\": apiVersion must specify API group"}},
        Rule{"kind_with_slash",
             R"({"scaleTargetRef": {"kind": "a/b"}})",
             {"spec.scaleTargetRef.kind: Invalid value: \"a/b\": may not contain '/'"}},
        Rule{"name_with_both",
             R"({"scaleTargetRef": {"name": "a/%"}})",
             {"spec.scaleTargetRef.name: Invalid value: \"a/%\": may not contain '/'",
              "spec.scaleTargetRef.name: Invalid value: \"a/%\": may not contain '%'"}},
        Rule{"name_dot",
             R"({"scaleTargetRef": {"name": "."}})",
             {"spec.scaleTargetRef.name: Invalid value: \".\": may not be '.'"}},
        Rule{"name_dots",
             R"({"scaleTargetRef": {"name": ".."}})",
             {"spec.scaleTargetRef.name: Invalid value: \"..\": may not be '..'"}},
        Rule{"no_group",
             R"({"scaleTargetRef": {"apiVersion": "v1"}})",
             {"spec.scaleTargetRef.apiVersion: Invalid value: \"v1\": apiVersion must specify API group"}},
        Rule{"empty_group",
             R"({"scaleTargetRef": {"apiVersion": "/v1"}})",
             {"spec.scaleTargetRef.apiVersion: Invalid value: \"/v1\": apiVersion must specify API group"}},
        Rule{"two_slashes",
             R"({"scaleTargetRef": {"apiVersion": "a/b/c"}})",
             {"spec.scaleTargetRef.apiVersion: Invalid value: \"a/b/c\": unexpected GroupVersion string: a/b/c"}},
        Rule{"replication_controllers_have_no_group",
             R"({"scaleTargetRef": {"apiVersion": null, "kind": "ReplicationController"}})",
             {}},
        Rule{"but_a_version_that_parses",
             R"({"scaleTargetRef": {"apiVersion": "a/b/c", "kind": "ReplicationController"}})",
             {"spec.scaleTargetRef.apiVersion: Invalid value: \"a/b/c\": unexpected GroupVersion string: a/b/c"}}));

INSTANTIATE_TEST_SUITE_P(
    MetricTypes, HpaRulesTest,
    testing::Values(
        Rule{"absent_and_unsupported_twice",
             R"({"metrics": [{}]})",
             {"spec.metrics[0].type: Required value: must specify a metric source type",
              "spec.metrics[0].type: Unsupported value: \"\": supported values: " + kTypes,
              "spec.metrics[0].type: Unsupported value: \"\": supported values: " + kTypes}},
        Rule{"unknown_type_with_a_body",
             R"({"metrics": [{"type": "Cheese", "resource": {"name": "", "target": {"type": "Utilization",
                 "averageUtilization": 1}}}]})",
             {"spec.metrics[0].type: Unsupported value: \"Cheese\": supported values: " + kTypes,
              "spec.metrics[0].resource.name: Required value: must specify a resource name",
              "spec.metrics[0].type: Unsupported value: \"Cheese\": supported values: " + kTypes}},
        Rule{"body_missing",
             R"({"metrics": [{"type": "Pods"}]})",
             {"spec.metrics[0].pods: Required value: must populate information for the given metric source"}},
        Rule{"one_wrong_body_is_not_forbidden",
             R"({"metrics": [{"type": "Pods", "resource": {"name": "cpu", "target": {"type": "Utilization",
                 "averageUtilization": 1}}}]})",
             {"spec.metrics[0].pods: Required value: must populate information for the given metric source"}},
        Rule{"one_body_too_many",
             R"({"metrics": [{"type": "Resource", "pods": {"metric": {"name": "qps"}, "target": {"type": "AverageValue",
                 "averageValue": "1"}}, "resource": {}}]})",
             {"spec.metrics[0].pods: Forbidden: must populate the given metric source only"}},
        Rule{"only_the_first_body_is_looked_into",
             R"({"metrics": [{"type": "Resource", "resource": {}, "external": {"metric": {"name": ""},
                 "target": {"type": "Value", "value": 1}}}]})",
             {"spec.metrics[0].external.metric.name: Required value: must specify a metric name",
              "spec.metrics[0].external: Forbidden: must populate the given metric source only"}},
        Rule{"two_wrong_bodies",
             R"({"metrics": [{"type": "Object", "pods": {"metric": {"name": "qps"}, "target": {"type": "AverageValue",
                 "averageValue": "1"}}, "resource": {}}]})",
             {"spec.metrics[0].object: Required value: must populate information for the given metric source",
              "spec.metrics[0].pods: Forbidden: must populate the given metric source only",
              "spec.metrics[0].resource: Forbidden: must populate the given metric source only"}}));

INSTANTIATE_TEST_SUITE_P(
    MetricBodies, HpaRulesTest,
    testing::Values(
        Rule{"object",
             R"({"metrics": [{"type": "Object", "object": {}}]})",
             {"spec.metrics[0].object.describedObject.kind: Required value",
              "spec.metrics[0].object.describedObject.name: Required value",
              "spec.metrics[0].object.metric.name: Required value: must specify a metric name",
              "spec.metrics[0].object.target.type: Required value: must specify a metric target type",
              "spec.metrics[0].object.target.type: Invalid value: \"\": must be either Utilization, Value, or "
              "AverageValue",
              "spec.metrics[0].object.target.averageValue: Required value: must set either a target value or "
              "averageValue"}},
        Rule{"object_may_have_both_and_no_group",
             R"({"metrics": [{"type": "Object", "object": {"describedObject": {"apiVersion": "v1", "kind": "Service",
                 "name": "s"}, "metric": {"name": "qps"}, "target": {"type": "Value",
                 "value": 1, "averageValue": 1}}}]})",
             {}},
        Rule{"object_with_a_bad_version",
             R"({"metrics": [{"type": "Object", "object": {"describedObject": {"apiVersion": "a/b/c", "kind": "Service",
                 "name": "s"}, "metric": {"name": "qps"}, "target": {"type": "Value", "value": 1}}}]})",
             {"spec.metrics[0].object.describedObject.apiVersion: Invalid value: \"a/b/c\": unexpected GroupVersion "
              "string: a/b/c"}},
        Rule{"external_needs_one",
             R"({"metrics": [{"type": "External", "external": {"metric": {"name": "lag"},
                 "target": {"type": "Value"}}}]})",
             {"spec.metrics[0].external.target.averageValue: Required value: must set either a target value for metric "
              "or a per-pod target"}},
        Rule{"external_of_both",
             R"({"metrics": [{"type": "External", "external": {"metric": {"name": "lag"}, "target": {"type": "Value",
                 "value": "1", "averageValue": "1"}}}]})",
             {"spec.metrics[0].external.target.value: Forbidden: may not set both a target value for metric and a "
              "per-pod target"}},
        Rule{"pods_not_positive",
             R"({"metrics": [{"type": "Pods", "pods": {"metric": {"name": "a/b"}, "target": {"type": "AverageValue",
                 "averageValue": "0"}}}]})",
             {"spec.metrics[0].pods.metric.name: Invalid value: \"a/b\": may not contain '/'",
              "spec.metrics[0].pods.target.averageValue: Invalid value: \"0\": must be positive",
              "spec.metrics[0].pods.target.averageValue: Required value: must specify a positive target "
              "averageValue"}},
        Rule{"resource_needs_one",
             R"({"metrics": [{"type": "Resource", "resource": {"name": "cpu", "target": {"type": "Utilization"}}}]})",
             {"spec.metrics[0].resource.target.averageUtilization: Required value: must set either a target raw value "
              "or a target utilization"}},
        Rule{"resource_of_both",
             R"({"metrics": [{"type": "Resource", "resource": {"name": "cpu", "target": {"type": "Utilization",
                 "averageUtilization": 50, "averageValue": 1}}}]})",
             {"spec.metrics[0].resource.target.averageValue: Forbidden: may not set both a target raw value and a "
              "target utilization"}},
        Rule{"any_resource_has_a_name",
             R"({"metrics": [{"type": "Resource", "resource": {"name": "gpu", "target": {"type": "Utilization",
                 "averageUtilization": 50}}}]})",
             {}},
        Rule{"type_is_not_held_against_the_number",
             R"({"metrics": [{"type": "Resource", "resource": {"name": "cpu", "target": {"type": "Value",
                 "averageUtilization": 50}}}]})",
             {}},
        Rule{"numbers_of_a_target",
             R"({"metrics": [{"type": "Resource", "resource": {"name": "cpu", "target": {"type": "utilization",
                 "value": "-1", "averageValue": "-300m", "averageUtilization": 0}}}]})",
             {"spec.metrics[0].resource.target.type: Invalid value: \"utilization\": must be either Utilization, "
              "Value, or AverageValue",
              "spec.metrics[0].resource.target.value: Invalid value: \"-1\": must be positive",
              "spec.metrics[0].resource.target.averageValue: Invalid value: \"-300m\": must be positive",
              "spec.metrics[0].resource.target.averageUtilization: Invalid value: 0: must be greater than 0",
              "spec.metrics[0].resource.target.averageValue: Forbidden: may not set both a target raw value and a "
              "target utilization"}},
        Rule{"container_names",
             R"({"metrics": [{"type": "ContainerResource", "containerResource": {"name": "gpu", "container": "A_b",
                 "target": {"type": "Utilization", "averageUtilization": 50}}}]})",
             {"spec.metrics[0].containerResource.name: Invalid value: \"gpu\": must be a standard resource type or "
              "fully qualified",
              "spec.metrics[0].containerResource.container: Invalid value: \"A_b\": must be a DNS label: at most 63 "
              "lower-case letters, digits and '-', with a letter or digit at both ends"}},
        Rule{"container_nameless",
             R"({"metrics": [{"type": "ContainerResource", "containerResource": {
                 "target": {"type": "Utilization", "averageUtilization": 50}}}]})",
             {"spec.metrics[0].containerResource.name: Required value: must specify a resource name",
              "spec.metrics[0].containerResource.container: Required value: must specify a container"}},
        Rule{"container_qualified",
             R"({"metrics": [{"type": "ContainerResource", "containerResource": {"name": "example.com/gpu",
                 "container": "a", "target": {"type": "AverageValue", "averageValue": 2}}}]})",
             {}},
        Rule{"the_second_metric_is_named",
             R"({"metrics": [{"type": "Resource", "resource": {"name": "cpu", "target": {"type": "Utilization",
                 "averageUtilization": 50}}}, {"type": "Pods"}]})",
             {"spec.metrics[1].pods: Required value: must populate information for the given metric source"}}));

INSTANTIATE_TEST_SUITE_P(
    Behaviors, HpaRulesTest,
    testing::Values(
        Rule{"empty", R"({"behavior": {}})", {}},
        Rule{"window",
             R"({"behavior": {"scaleUp": {"stabilizationWindowSeconds": -1,
                 "policies": [{"type": "Pods", "value": 1, "periodSeconds": 1800}]},
                 "scaleDown": {"stabilizationWindowSeconds": 3601,
                 "policies": [{"type": "Percent", "value": 1, "periodSeconds": 1}]}}})",
             {"spec.behavior.scaleUp.stabilizationWindowSeconds: Invalid value: -1: must be greater than or equal to "
              "zero",
              "spec.behavior.scaleDown.stabilizationWindowSeconds: Invalid value: 3601: must be less than or equal to "
              "3600"}},
        Rule{"select",
             R"({"behavior": {"scaleDown": {"selectPolicy": "max",
                 "policies": [{"type": "Percent", "value": 1, "periodSeconds": 1}]}}})",
             {"spec.behavior.scaleDown.selectPolicy: Unsupported value: \"max\": supported values: \"Disabled\", "
              "\"Max\", \"Min\""}},
        Rule{"no_policies",
             R"({"behavior": {"scaleUp": {"policies": []}, "scaleDown": {}}})",
             {"spec.behavior.scaleUp.policies: Required value: must specify at least one Policy",
              "spec.behavior.scaleDown.policies: Required value: must specify at least one Policy"}},
        Rule{"policy",
             R"({"behavior": {"scaleUp": {"policies": [{"type": "hm", "value": 0, "periodSeconds": 1801}, {}]}}})",
             {"spec.behavior.scaleUp.policies[0].type: Unsupported value: \"hm\": supported values: \"Percent\", "
              "\"Pods\"",
              "spec.behavior.scaleUp.policies[0].value: Invalid value: 0: must be greater than zero",
              "spec.behavior.scaleUp.policies[0].periodSeconds: Invalid value: 1801: must be less than or equal to "
              "1800",
              "spec.behavior.scaleUp.policies[1].type: Unsupported value: \"\": supported values: \"Percent\", "
              "\"Pods\"",
              "spec.behavior.scaleUp.policies[1].value: Invalid value: 0: must be greater than zero",
              "spec.behavior.scaleUp.policies[1].periodSeconds: Invalid value: 0: must be greater than zero"}},
        Rule{"tolerance",
             R"({"behavior": {"scaleUp": {"tolerance": "-1n",
                 "policies": [{"type": "Pods", "value": 1, "periodSeconds": 1}]},
                 "scaleDown": {"tolerance": 77, "policies": [{"type": "Pods", "value": 1, "periodSeconds": 1}]}}})",
             {"spec.behavior.scaleUp.tolerance: Invalid value: \"-1n\": must be greater than or equal to 0"}}));

TEST(HpaValidationTest, ProblemsComeInTheOrderOfTheSpec) {
  const auto problems = validate_hpa_spec(spec_with(R"({"behavior": {"scaleUp": {}}, "metrics": [{"type": "Pods"}],
      "scaleTargetRef": {"kind": ""}, "maxReplicas": 0, "minReplicas": -1})"));

  EXPECT_EQ(
      texts(problems),
      (Lines{"spec.minReplicas: Invalid value: -1: must be greater than or equal to 0",
             "spec.maxReplicas: Invalid value: 0: must be greater than 0", "spec.scaleTargetRef.kind: Required value",
             "spec.metrics[0].pods: Required value: must populate information for the given metric source",
             "spec.behavior.scaleUp.policies: Required value: must specify at least one Policy"}));
}

TEST(HpaValidationTest, WithoutTheGateZeroIsForThoseWhoHaveItAlready) {
  const Json zero = spec_with(R"({"minReplicas": 0, "metrics": [{"type": "External", "external": {
      "metric": {"name": "lag"}, "target": {"type": "Value", "value": "30"}}}]})");
  const Json one = valid_spec();

  HpaValidationOptions options{.scale_to_zero = false};
  EXPECT_EQ(texts(validate_hpa_spec(zero, options)),
            Lines{"spec.minReplicas: Invalid value: 0: must be greater than or equal to 1"});
  options.old_spec = &one;
  EXPECT_EQ(validate_hpa_spec(zero, options).size(), 1u);
  options.old_spec = &zero;
  EXPECT_TRUE(validate_hpa_spec(zero, options).empty());
}

TEST(HpaValidationTest, AnUpdateMayKeepATargetWithoutAGroup) {
  const Json stored = spec_with(R"({"scaleTargetRef": {"apiVersion": "v1"}})");
  HpaValidationOptions options{.old_spec = &stored};

  EXPECT_TRUE(
      validate_hpa_spec(spec_with(R"({"maxReplicas": 9, "scaleTargetRef": {"apiVersion": "v1"}})"), options).empty());
  const Json other_kind = spec_with(R"({"scaleTargetRef": {"apiVersion": "v1", "kind": "StatefulSet"}})");
  EXPECT_EQ(validate_hpa_spec(other_kind, options).size(), 1u);
  EXPECT_EQ(validate_hpa_spec(spec_with(R"({"scaleTargetRef": {"apiVersion": "v2"}})"), options).size(), 1u);
}

TEST(HpaValidationTest, AnUpdateMayKeepABadVersionOfADescribedObject) {
  const Json stored = spec_with(R"({"metrics": [{"type": "Object", "object": {"describedObject": {
      "apiVersion": "a/b/c", "kind": "Service", "name": "s"}, "metric": {"name": "qps"},
      "target": {"type": "Value", "value": 1}}}]})");
  const HpaValidationOptions update{.old_spec = &stored};

  EXPECT_EQ(validate_hpa_spec(stored).size(), 1u);
  EXPECT_TRUE(validate_hpa_spec(stored, update).empty());
}

TEST(HpaValidationTest, WithoutTheGateTolerancesAreDroppedUnlessTheStoredObjectHasOne) {
  const Json negative = spec_with(R"({"behavior": {"scaleUp": {"tolerance": "-1",
      "policies": [{"type": "Pods", "value": 1, "periodSeconds": 1}]}}})");
  HpaValidationOptions options{.configurable_tolerance = false};

  EXPECT_TRUE(validate_hpa_spec(negative, options).empty());
  options.old_spec = &negative;
  EXPECT_EQ(validate_hpa_spec(negative, options).size(), 1u);
}

TEST(HpaValidationTest, AScaleHasNoNegativeReplicas) {
  EXPECT_TRUE(validate_scale_spec({{"replicas", 0}}).empty());
  EXPECT_EQ(texts(validate_scale_spec({{"replicas", -1}})),
            Lines{"spec.replicas: Invalid value: -1: must be greater than or equal to 0"});
}

TEST(HpaDefaultsTest, AreFilledInFieldByField) {
  const Json filled = apply_hpa_defaults(Json::parse(
      R"({"maxReplicas": 3, "behavior": {"scaleUp": {"policies": [], "selectPolicy": null}, "scaleDown": {
          "stabilizationWindowSeconds": 60}}})"));

  EXPECT_EQ(filled.at("minReplicas"), 1);
  EXPECT_EQ(filled.at("/metrics/0/resource/target/averageUtilization"_json_pointer), 80);
  EXPECT_EQ(filled.at("/behavior/scaleUp"_json_pointer),
            Json::parse(R"({"stabilizationWindowSeconds": 0, "selectPolicy": "Max", "policies": []})"));
  EXPECT_EQ(filled.at("/behavior/scaleDown"_json_pointer),
            Json::parse(R"({"stabilizationWindowSeconds": 60, "selectPolicy": "Max",
                            "policies": [{"type": "Percent", "value": 100, "periodSeconds": 15}]})"));
}

TEST(HpaDefaultsTest, FillingInTwiceChangesNothing) {
  for (const char* patch : {"{}", R"({"behavior": {}})", R"({"minReplicas": null, "metrics": []})"}) {
    const Json once = apply_hpa_defaults(spec_with(patch));
    EXPECT_EQ(apply_hpa_defaults(once), once) << patch;
  }
}

TEST(AnnotationPointerTest, EscapesTheKeyAsAJsonPointerWantsIt) {
  EXPECT_EQ(annotation_pointer("plain"), "/metadata/annotations/plain");
  EXPECT_EQ(annotation_pointer("example.com/a~b/c"), "/metadata/annotations/example.com~1a~0b~1c");
}

}  // namespace
}  // namespace scaler
