#include "scaler/policy/kpa/knative_service.h"

#include <gtest/gtest.h>

#include <fstream>
#include <nlohmann/json.hpp>

#include "scaler/policy/kpa/decider.h"
#include "scaler/policy/policy_factory.h"
#include "scaler/policy/policy_file.h"

namespace scaler {
namespace {

using namespace std::chrono_literals;

// As `kn service create` writes it and kubectl prints it.
constexpr const char* kService = R"(apiVersion: serving.knative.dev/v1
kind: Service
metadata:
  name: api
  namespace: shop
spec:
  template:
    metadata:
      labels: {app: api}
      annotations:
        client.knative.dev/user-image: example/api
        autoscaling.knative.dev/target: "50"
        autoscaling.knative.dev/min-scale: "2"
        autoscaling.knative.dev/maxScale: "40"
        autoscaling.knative.dev/window: 2m
        gamenight/max-scale-up-rate: "10"
    spec:
      containerConcurrency: 20
      timeoutSeconds: 300
      containers:
        - image: example/api
          ports: [{containerPort: 8080}]
  traffic:
    - {latestRevision: true, percent: 100}
status: {url: "http://api.shop.example.com"}
)";

base::Result<PolicySpec> read(const std::string& text) {
  auto documents = config::parse_yaml(text, "service.yaml");
  if (!documents) return documents.error();
  return read_policy(documents->front());
}

// Of the service with `from` replaced.
std::string complaint(const std::string& from, const std::string& to) {
  std::string text = kService;
  text.replace(text.find(from), from.size(), to);
  const auto policy = read(text);
  return policy ? "no complaint" : policy.error().message;
}

void expect_same(const KpaSpec& a, const KpaSpec& b) {
  EXPECT_EQ(a.min_replicas, b.min_replicas);
  EXPECT_EQ(a.max_replicas, b.max_replicas);
  EXPECT_EQ(a.container_concurrency, b.container_concurrency);
  EXPECT_EQ(a.target, b.target);
  EXPECT_EQ(a.stable_window, b.stable_window);
  EXPECT_EQ(a.max_scale_up_rate, b.max_scale_up_rate);
  EXPECT_EQ(a.reachable, b.reachable);
}

TEST(KnativeServiceTest, ReadsTheTemplatesAnnotationsAndItsConcurrency) {
  const auto policy = read(kService);
  ASSERT_TRUE(policy) << policy.error().message;
  EXPECT_EQ(policy->name, "api");
  EXPECT_EQ(policy->target_path(), "shop/api");
  EXPECT_EQ(policy->target.kind, "Deployment");
  EXPECT_EQ(policy->target.api_version, "apps/v1");
  EXPECT_EQ(policy->target_where, "service.yaml:4:9");
  EXPECT_EQ(policy->annotations.at("autoscaling.knative.dev/target"), "50");
  const auto& kpa = std::get<KpaSpec>(policy->rules);
  EXPECT_EQ(kpa.min_replicas, 2);
  EXPECT_EQ(kpa.max_replicas, 40);
  EXPECT_EQ(kpa.stable_window, 120s);
  EXPECT_EQ(kpa.max_scale_up_rate, 10);
  EXPECT_EQ(kpa.container_concurrency, 20);
  EXPECT_EQ(decider_spec(kpa).total_value, 20);  // the smaller of it and the target
  EXPECT_NE(make_policy(*policy), nullptr);
}

TEST(KnativeServiceTest, ATemplateThatSaysNothingHasKnativesDefaults) {
  const auto policy = read(
      "apiVersion: serving.knative.dev/v1\nkind: Service\nmetadata: {name: api}\n"
      "spec: {template: {spec: {containers: [{image: example/api}]}}}\n");
  ASSERT_TRUE(policy) << policy.error().message;
  EXPECT_EQ(policy->target_path(), "default/api");
  expect_same(std::get<KpaSpec>(policy->rules), KpaSpec{});
}

TEST(KnativeServiceTest, StandsForThePodAutoscalerThatKnativeMakes) {
  const auto documents = config::parse_yaml(kService, "service.yaml");
  ASSERT_TRUE(documents);
  config::Document made;
  made.value = pod_autoscaler_of(documents->front().value);
  const auto policy = read_policy(made);
  ASSERT_TRUE(policy) << policy.error().message;
  const auto service = read(kService);
  ASSERT_TRUE(service);
  EXPECT_EQ(policy->name, service->name);
  EXPECT_EQ(policy->target_path(), service->target_path());
  EXPECT_EQ(policy->annotations, service->annotations);
  expect_same(std::get<KpaSpec>(policy->rules), std::get<KpaSpec>(service->rules));
}

TEST(KnativeServiceTest, AMinimalServiceBecomesAPodAutoscalerToo) {
  const config::Json service = {{"metadata", {{"name", "api"}}}, {"spec", {{"template", {{"spec", nullptr}}}}}};
  const config::Json made = pod_autoscaler_of(service);
  EXPECT_EQ(made.at("spec").at("scaleTargetRef").at("name"), "api");
  EXPECT_FALSE(made.at("spec").contains("containerConcurrency"));
  EXPECT_FALSE(made.at("metadata").contains("annotations"));
  EXPECT_FALSE(made.at("metadata").contains("namespace"));
}

TEST(KnativeServiceTest, ComplainsAtTheTemplatesPlace) {
  EXPECT_EQ(complaint("target: \"50\"", "target: \"0\""),
            "service.yaml:12:41: autoscaling.knative.dev/target must be at least 0.01, is 0");
  EXPECT_EQ(complaint("min-scale", "min-scal"),
            "service.yaml:13:43: autoscaling.knative.dev/min-scal is no known annotation; did you mean "
            "\"autoscaling.knative.dev/min-scale\"?");
  EXPECT_EQ(complaint("containerConcurrency: 20", "containerConcurrency: 2000"),
            "service.yaml:18:29: containerConcurrency must be at most 1000, is 2000");
  const std::string unknown = complaint("containerConcurrency", "containerConcurency");
  EXPECT_NE(unknown.find("service.yaml:18:7: "), std::string::npos) << unknown;
  EXPECT_NE(unknown.find("did you mean \"containerConcurrency\"?"), std::string::npos) << unknown;
}

TEST(KnativeServiceTest, RefusesAnnotationsThatKnativeWouldNotRead) {
  EXPECT_EQ(complaint("  namespace: shop\n",
                      "  namespace: shop\n  annotations:\n    autoscaling.knative.dev/min-scale: \"2\"\n"),
            "service.yaml:7:40: autoscaling.knative.dev/min-scale must be put under "
            "spec.template.metadata.annotations to work");
  EXPECT_EQ(complaint("  namespace: shop\n", "  namespace: shop\n  annotations:\n    example.com/owner: me\n"),
            "no complaint");
}

TEST(KnativeServiceTest, IsToldApartFromTheServiceOfTheCoreByItsVersion) {
  const std::string path = ::testing::TempDir() + "knative_service_test.yaml";
  std::ofstream(path) << kService << "---\napiVersion: v1\nkind: Service\nmetadata: {name: api, namespace: shop}\n"
                      << "spec: {ports: [{port: 80}]}\n";
  const auto contents = load_policy_file(path);
  ASSERT_TRUE(contents) << contents.error().message;
  EXPECT_EQ(contents->policies.size(), 1U);
  EXPECT_EQ(contents->companions.size(), 1U);
  const std::string version = complaint("serving.knative.dev/v1", "serving.knative.dev/v1beta1");
  EXPECT_NE(version.find("did you mean \"serving.knative.dev/v1\"?"), std::string::npos) << version;
}

}  // namespace
}  // namespace scaler
