#include "scaler/policy/hpa/hpa_json.h"

#include <gtest/gtest.h>

#include <limits>
#include <nlohmann/json.hpp>
#include <string>

#include "common/base/file.h"
#include "common/base/random.h"
#include "scaler/policy/hpa/hpa_defaults.h"
#include "scaler/policy/hpa/hpa_validation.h"
#include "scaler/policy/policy_file.h"

namespace scaler {
namespace {

using namespace std::chrono_literals;
using Json = nlohmann::json;

MetricSpec metric(const char* text) { return decode_metric(Json::parse(text)); }

TEST(HpaJsonTest, DecodesASourceOfEachType) {
  const MetricSpec container = metric(R"({"type": "ContainerResource", "containerResource": {"name": "memory",
      "container": "app", "target": {"type": "AverageValue", "averageValue": "64Mi"}}})");
  EXPECT_EQ(container.source, MetricSpec::Source::kContainerResource);
  EXPECT_EQ(container.name, "memory");
  EXPECT_EQ(container.container, "app");
  EXPECT_EQ(container.average_milli, 64LL * 1024 * 1024 * 1000);

  const MetricSpec pods = metric(R"({"type": "Pods", "pods": {"metric": {"name": "qps"},
      "target": {"type": "AverageValue", "averageValue": "15"}}})");
  EXPECT_EQ(pods.source, MetricSpec::Source::kPods);
  EXPECT_EQ(pods.average_milli, 15000);

  const MetricSpec object = metric(R"({"type": "Object", "object": {
      "describedObject": {"apiVersion": "v1", "kind": "Service", "name": "s"},
      "metric": {"name": "qps", "selector": {"matchLabels": {"verb": "GET"}}},
      "target": {"type": "Value", "value": "1500m", "averageValue": 2}}})");
  EXPECT_EQ(object.source, MetricSpec::Source::kObject);
  EXPECT_EQ(object.object, (DescribedObject{"v1", "Service", "s"}));
  EXPECT_EQ(object.selector, "verb=GET");
  EXPECT_EQ(object.target_type, "Value");
  EXPECT_EQ(object.value_milli, 1500);
  EXPECT_EQ(object.average_milli, 2000);

  const MetricSpec external = metric(R"({"type": "External", "external": {"metric": {"name": "lag", "selector": {}},
      "target": {"type": "AverageValue", "averageValue": "0.5"}}})");
  EXPECT_EQ(external.source, MetricSpec::Source::kExternal);
  EXPECT_EQ(external.selector, "");
  EXPECT_EQ(external.average_milli, 500);
}

TEST(HpaJsonTest, KeepsWhatItDoesNotKnow) {
  const MetricSpec unknown = metric(R"({"type": "CheddarCheese"})");
  EXPECT_EQ(unknown.source, MetricSpec::Source::kUnknown);
  EXPECT_EQ(unknown.type, "CheddarCheese");
  EXPECT_EQ(unknown.name, "");
}

TEST(HpaJsonTest, QuantitiesAreExactAndRoundUp) {
  const auto milli = [](const Json& value) {
    return decode_metric({{"type", "External"}, {"external", {{"target", {{"value", value}}}}}}).value_milli;
  };
  EXPECT_EQ(milli("9223372036854775807m"), std::numeric_limits<std::int64_t>::max());
  EXPECT_EQ(milli("9223372036854775806m"), std::numeric_limits<std::int64_t>::max() - 1);
  EXPECT_EQ(milli("9007199254740993"), 9007199254740993000);  // 2^53 + 1
  EXPECT_EQ(milli(9007199254740993), 9007199254740993000);
  EXPECT_EQ(milli("1u"), 1);
  EXPECT_EQ(milli("1.0001"), 1001);
  EXPECT_EQ(milli("many"), std::nullopt);
}

TEST(HpaJsonTest, TolerancesAreUpstreamsDoubles) {
  const auto tolerance = [](const char* text) {
    return decode_behavior({{"scaleUp", {{"tolerance", text}}}}).scale_up.tolerance;
  };
  EXPECT_EQ(tolerance("0.1"), 100 * 0.001);
  EXPECT_EQ(tolerance("100m"), 100 * 0.001);
  EXPECT_EQ(tolerance("0.009"), 9 * 0.001);  // not the double nearest to 0.009
  EXPECT_NE(tolerance("0.009"), 0.009);
  EXPECT_EQ(tolerance("2"), 2.0);
  EXPECT_EQ(tolerance("15u"), 15 * (1 / 1e6));
}

TEST(HpaJsonTest, NumbersBeyondInt32Saturate) {
  const HpaSpec spec = decode_hpa_spec({{"minReplicas", -5'000'000'000}, {"maxReplicas", 5'000'000'000}});
  EXPECT_EQ(spec.min_replicas, std::numeric_limits<int>::min());
  EXPECT_EQ(spec.max_replicas, std::numeric_limits<int>::max());
}

TEST(HpaJsonTest, BehaviorGetsTheDefaultsOfBothDirections) {
  const HpaSpec spec = decode_hpa_spec(Json::parse(
      R"({"maxReplicas": 3, "behavior": {"scaleUp": {"selectPolicy": "Min", "stabilizationWindowSeconds": 30}}})"));

  ASSERT_TRUE(spec.behavior);
  EXPECT_EQ(spec.behavior->scale_up.select, SelectPolicy::kMin);
  EXPECT_EQ(spec.behavior->scale_up.stabilization_window, 30s);
  EXPECT_EQ(spec.behavior->scale_up.policies, default_scale_up_rules().policies);
  EXPECT_EQ(spec.behavior->scale_down, default_scale_down_rules());
}

struct Selector {
  const char* json;
  const char* text;
  const char* problem;
};

TEST(HpaJsonTest, SelectorsBecomeTextByKey) {
  const Selector selectors[] = {
      {"null", "", ""},
      {"{}", "", ""},
      {R"({"matchLabels": {"b": "2", "a": "1"}})", "a=1,b=2", ""},
      {R"({"matchLabels": {"z": ""}, "matchExpressions": [{"key": "q", "operator": "NotIn", "values": ["y", "x"]},
           {"key": "example.com/p", "operator": "In", "values": ["v"]}, {"key": "e", "operator": "Exists"},
           {"key": "f", "operator": "DoesNotExist", "values": []}]})",
       "e,example.com/p in (v),!f,q notin (x,y),z=", ""},
      {R"({"matchExpressions": [{"key": "a", "operator": "in", "values": ["v"]}]})", "",
       "\"in\" is not a valid label selector operator (In, NotIn, Exists, DoesNotExist)"},
      {R"({"matchExpressions": [{"key": "a", "operator": "In"}]})", "", "In needs at least one value"},
      {R"({"matchExpressions": [{"key": "a", "operator": "Exists", "values": ["v"]}]})", "", "Exists takes no values"},
      {R"({"matchLabels": {"a b": "1"}})", "", "\"a b\" is no label key"},
      {R"({"matchLabels": {"a": "b c"}})", "", "\"b c\" is no label value"},
      {R"({"matchLabels": {"a": 5}})", "", "the value of the label \"a\" is no text"},
      {R"("a=b")", "", "the selector is no mapping"},
  };
  for (const Selector& selector : selectors) {
    const SelectorText result = selector_text(Json::parse(selector.json));
    EXPECT_EQ(result.text, selector.text) << selector.json;
    EXPECT_EQ(result.problem, selector.problem) << selector.json;
  }
}

// The cases of upstream's validation tests.
std::vector<Json> validation_cases() {
  const auto text = base::read_file("scaler/policy/testdata/hpa-vectors.json");
  EXPECT_TRUE(text) << text.error().message;
  std::vector<Json> cases;
  const Json file = Json::parse(*text);
  for (const Json& entry : file.at("cases")) {
    if (entry.at("group") == "validation") cases.push_back(entry);
  }
  EXPECT_FALSE(cases.empty());
  return cases;
}

std::string object_of(const Json& spec) {
  return Json({{"apiVersion", "autoscaling/v2"},
               {"kind", "HorizontalPodAutoscaler"},
               {"metadata", {{"name", "x"}}},
               {"spec", spec}})
      .dump(2);
}

TEST(HpaJsonTest, EveryValidSpecComesBackFromAFileAsItWasMeant) {
  for (const Json& entry : validation_cases()) {
    const Json& spec = entry.at("/input/spec"_json_pointer);
    if (!validate_hpa_spec(apply_hpa_defaults(spec)).empty()) continue;
    const auto documents = config::parse_yaml(object_of(spec), "x.yaml");
    ASSERT_TRUE(documents) << documents.error().message;
    const auto policy = read_policy(documents->front());
    ASSERT_TRUE(policy) << policy.error().message << spec;
    EXPECT_EQ(std::get<HpaSpec>(policy->rules), decode_hpa_spec(spec));
    EXPECT_EQ(decode_hpa_spec(apply_hpa_defaults(spec)), decode_hpa_spec(spec));
  }
}

TEST(HpaJsonTest, WhatTheServerRefusesIsRefusedInAFileWithItsWords) {
  int refused = 0;
  for (const Json& entry : validation_cases()) {
    const Json& spec = entry.at("/input/spec"_json_pointer);
    const FieldProblems problems = validate_hpa_spec(apply_hpa_defaults(spec));
    if (problems.empty()) continue;
    ++refused;
    const auto documents = config::parse_yaml(object_of(spec), "x.yaml");
    ASSERT_TRUE(documents) << documents.error().message;
    const auto policy = read_policy(documents->front());
    ASSERT_FALSE(policy) << spec;
    const std::string& message = policy.error().message;
    EXPECT_EQ(message.rfind("x.yaml:", 0), 0u) << message;
    EXPECT_NE(message.find(": " + problems.front().text()), std::string::npos) << message;
    EXPECT_EQ(message.find('\n'), std::string::npos) << message;
  }
  EXPECT_GT(refused, 30);
}

// Puts something unexpected in some place of a JSON value.
void damage(Json& value, base::Random& random) {
  const std::uint64_t choice = random.below(4);
  if (value.is_structured() && !value.empty() && choice != 0) {
    auto at = value.begin();
    std::advance(at, static_cast<std::ptrdiff_t>(random.below(value.size())));
    return damage(*at, random);
  }
  const Json odd[] = {nullptr,
                      true,
                      -1,
                      1e300,
                      std::numeric_limits<std::uint64_t>::max(),
                      "",
                      "\xff",
                      "1e99",
                      Json::array(),
                      Json::object(),
                      Json::array({nullptr, 5}),
                      "-9223372036854775808"};
  value = odd[random.below(std::size(odd))];
}

TEST(HpaJsonTest, DamagedSpecsAreJudgedWithoutAccident) {
  base::Random random(7);
  const std::vector<Json> cases = validation_cases();
  std::size_t refused = 0;
  for (int i = 0; i < 4000; ++i) {
    Json spec = cases[static_cast<std::size_t>(i) % cases.size()].at("/input/spec"_json_pointer);
    for (int k = 0; k <= i % 3; ++k) damage(spec, random);
    const Json filled = apply_hpa_defaults(spec);
    for (const FieldProblem& problem : validate_hpa_spec(filled, {.old_spec = &spec})) {
      EXPECT_FALSE(problem.text().empty());
    }
    decode_hpa_spec(spec);
    const Json object = {{"apiVersion", "autoscaling/v2"},
                         {"kind", "HorizontalPodAutoscaler"},
                         {"metadata", {{"name", "x"}}},
                         {"spec", spec}};
    if (!read_policy(config::from_json(object))) ++refused;
  }
  EXPECT_GT(refused, 2000u);
}

}  // namespace
}  // namespace scaler
