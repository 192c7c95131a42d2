// What the scaler does for an HPA beside deciding: the metrics it reads, the status, events and counters it leaves,
// against the project's own API server in process.
#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <map>
#include <nlohmann/json.hpp>

#include "common/base/task_group.h"
#include "common/base/virtual_time.h"
#include "common/http/in_process_transport.h"
#include "fake-apiserver/fake_apiserver.h"
#include "scaler/app/scaler_app.h"

namespace scaler {
namespace {

using namespace std::chrono_literals;
using Json = nlohmann::json;

const base::Time kStart = std::chrono::sys_days(std::chrono::year(2026) / 1 / 1);
const fakeapi::Resource kDeployments{"apps", "deployments"};
const fakeapi::Resource kStatefulSets{"apps", "statefulsets"};
const fakeapi::Resource kPods{"", "pods"};
const fakeapi::Resource kEvents{"", "events"};
const fakeapi::Resource kHpas{"autoscaling", "horizontalpodautoscalers"};

// Numbers that a test sets.
class Numbers final : public fakeapi::MetricsSource {
 public:
  std::vector<fakeapi::PodMetrics> pod_metrics(const std::string&) override { return {}; }
  std::vector<fakeapi::NodeMetrics> node_metrics() override { return {}; }
  std::vector<fakeapi::PodMetricValue> pod_values(const std::string&, const std::string&) override { return {}; }
  std::vector<std::string> pod_value_names() override { return {}; }
  std::optional<fakeapi::ObjectMetricValue> object_value(const std::string&, const fakeapi::DescribedResource& object,
                                                         const std::string& metric, const std::string&) override {
    const auto found = objects.find(object.resource + "/" + object.name + "/" + metric);
    if (found == objects.end()) return std::nullopt;
    return fakeapi::ObjectMetricValue{kStart, 60s, found->second};
  }
  std::optional<std::vector<fakeapi::ExternalMetricValue>> external_values(const std::string&,
                                                                           const std::string& metric,
                                                                           const std::string&) override {
    const auto found = externals.find(metric);
    if (found == externals.end()) return std::nullopt;
    return std::vector<fakeapi::ExternalMetricValue>{{{}, kStart, 60s, found->second}};
  }

  std::map<std::string, double> objects;
  std::map<std::string, double> externals;
};

Json external_metric(const std::string& name, const std::string& average) {
  Json metric = Json::parse(R"({"type":"External","external":{"metric":{},"target":{"type":"AverageValue"}}})");
  metric["external"]["metric"]["name"] = name;
  metric["external"]["target"]["averageValue"] = average;
  return metric;
}

struct World {
  World() { api.set_metrics_source(&numbers); }
  ~World() {
    if (!app) return;
    base::TaskGroup stopping(clock.executor());
    stopping.spawn(app->stop());
    clock.run_ready();
    app.reset();
  }

  void start(ScalerConfig config = {}) {
    config.run_hpa_controller = true;
    app.emplace(std::move(config), clock, wire, base::Random(1), log, metrics,
                [this](const Decision& decision) { decisions.push_back(decision); });
    app->start();
    clock.run_for(1s);
  }

  void create(const fakeapi::Resource& resource, Json object) {
    object["metadata"]["namespace"] = "default";
    const auto created = api.store().create(resource, std::move(object));
    ASSERT_TRUE(created) << created.error().message;
  }

  // With as many ready pods of the label `app`.
  void add_workload(const fakeapi::Resource& resource, const std::string& name, int replicas,
                    const std::string& label) {
    Json workload = Json::parse(R"({"apiVersion":"apps/v1","spec":{"selector":{},"template":{}},"status":{}})");
    workload["metadata"]["name"] = name;
    workload["spec"]["replicas"] = replicas;
    workload["spec"]["selector"]["matchLabels"]["app"] = label;
    workload["status"]["replicas"] = replicas;
    create(resource, std::move(workload));
    for (int i = 0; i < replicas; ++i) {
      Json pod = Json::parse(R"({"apiVersion":"v1","kind":"Pod","spec":{"containers":[{"name":"app"}]},
          "status":{"phase":"Running","startTime":"2025-12-31T00:00:00Z","conditions":[
          {"type":"Ready","status":"True","lastTransitionTime":"2025-12-31T00:00:00Z"}]}})");
      pod["metadata"] = {{"name", name + "-" + std::to_string(i)}, {"labels", {{"app", label}}}};
      create(kPods, std::move(pod));
    }
  }

  void add_hpa(const std::string& name, const std::string& kind, const std::string& target, Json metric) {
    Json hpa = Json::parse(R"({"apiVersion":"autoscaling/v2","kind":"HorizontalPodAutoscaler",
        "metadata":{"generation":1},"spec":{"minReplicas":1,"maxReplicas":40,
        "scaleTargetRef":{"apiVersion":"apps/v1"}}})");
    hpa["metadata"]["name"] = name;
    hpa["spec"]["scaleTargetRef"]["kind"] = kind;
    hpa["spec"]["scaleTargetRef"]["name"] = target;
    hpa["spec"]["metrics"] = Json::array({std::move(metric)});
    create(kHpas, std::move(hpa));
  }

  Json get(const fakeapi::Resource& resource, const std::string& name) {
    return *api.store().get(resource, {"default", name}).value();
  }
  int replicas(const fakeapi::Resource& resource, const std::string& name) {
    return get(resource, name).at("spec").at("replicas").get<int>();
  }
  // "True/ValidMetricFound"
  std::string condition(const std::string& hpa, const std::string& type) {
    const Json object = get(kHpas, hpa);
    for (const Json& one : object.at("status").at("conditions")) {
      if (one.at("type") == type)
        return one.at("status").get<std::string>() + "/" + one.at("reason").get<std::string>();
    }
    return "absent";
  }
  // Of the events about the HPA; null if there is none with this reason.
  Json event(const std::string& hpa, const std::string& reason) {
    for (const auto& event : api.store().list(kEvents, "default")) {
      if (event->at("reason") == reason && event->at("involvedObject").at("name") == hpa) return *event;
    }
    return nullptr;
  }
  double reconciliations(const std::string& action, const std::string& error) {
    return metrics.value("horizontal_pod_autoscaler_controller_reconciliations_total",
                         {{"action", action}, {"error", error}});
  }

  base::VirtualTime clock{kStart};
  base::Log log = base::Log::silent(clock);
  base::Metrics metrics;
  fakeapi::FakeApiServer api{clock, base::Random(2), {}, metrics};
  Numbers numbers;
  http::InProcessTransport wire{api};
  std::optional<ScalerApp> app;
  std::vector<Decision> decisions;
};

TEST(HpaOnFakeApiServerTest, ScalesByAnExternalMetricAndTellsIt) {
  World world;
  world.add_workload(kDeployments, "api", 4, "api");
  world.add_hpa("api", "Deployment", "api", external_metric("lag", "30"));
  world.numbers.externals["lag"] = 179.5;

  world.start();

  EXPECT_EQ(world.replicas(kDeployments, "api"), 6);
  const Json status = world.get(kHpas, "api").at("status");
  EXPECT_EQ(status.at("currentReplicas"), 4);
  EXPECT_EQ(status.at("desiredReplicas"), 6);
  EXPECT_FALSE(status.contains("observedGeneration"));
  EXPECT_EQ(status.at("currentMetrics").at(0).at("external"),
            Json::parse(R"({"metric":{"name":"lag"},"current":{"averageValue":"44875m"}})"));
  EXPECT_EQ(world.condition("api", "AbleToScale"), "True/SucceededRescale");
  EXPECT_EQ(world.condition("api", "ScalingActive"), "True/ValidMetricFound");
  const Json event = world.event("api", "SuccessfulRescale");
  ASSERT_FALSE(event.is_null());
  EXPECT_EQ(event.at("type"), "Normal");
  EXPECT_EQ(event.at("source").at("component"), "horizontal-pod-autoscaler");
  EXPECT_TRUE(event.at("message").get<std::string>().starts_with("New size: 6; reason: external metric lag"));
  EXPECT_EQ(event.at("involvedObject").at("kind"), "HorizontalPodAutoscaler");
  EXPECT_EQ(world.reconciliations("scale_up", "none"), 1);
  EXPECT_EQ(world.metrics.value("horizontal_pod_autoscaler_controller_metric_computation_total",
                                {{"action", "scale_up"}, {"error", "none"}, {"metric_type", "External"}}),
            1);
  EXPECT_EQ(world.metrics.value("horizontal_pod_autoscaler_controller_desired_replicas",
                                {{"namespace", "default"}, {"hpa_name", "api"}}),
            6);
  EXPECT_EQ(world.metrics.value("horizontal_pod_autoscaler_controller_num_horizontal_pod_autoscalers"), 1);
}

TEST(HpaOnFakeApiServerTest, ScalesByTheMetricOfAnObject) {
  World world;
  world.add_workload(kDeployments, "api", 4, "api");
  world.add_hpa("api", "Deployment", "api",
                Json::parse(R"({"type":"Object","object":{"metric":{"name":"hits"},"target":{"type":"Value",
      "value":"100"},"describedObject":{"apiVersion":"networking.k8s.io/v1","kind":"Ingress","name":"main"}}})"));
  world.numbers.objects["ingresses/main/hits"] = 200;

  world.start();

  EXPECT_EQ(world.replicas(kDeployments, "api"), 8);
  const Json metric = world.get(kHpas, "api").at("status").at("currentMetrics").at(0);
  EXPECT_EQ(metric.at("object").at("describedObject").at("kind"), "Ingress");
  EXPECT_EQ(metric.at("object").at("current").at("value"), "200");
}

TEST(HpaOnFakeApiServerTest, AMetricThatIsNoNumberIsNoDataWithItsReason) {
  for (const double value : {std::nan(""), std::numeric_limits<double>::infinity()}) {
    World world;
    world.add_workload(kDeployments, "api", 4, "api");
    world.add_hpa("api", "Deployment", "api", external_metric("lag", "30"));
    world.numbers.externals["lag"] = value;

    world.start();

    EXPECT_EQ(world.replicas(kDeployments, "api"), 4);
    ASSERT_EQ(world.decisions.size(), 1u);
    EXPECT_NE(world.decisions[0].error.find("the value \"NaN\" of lag is no quantity"), std::string::npos)
        << world.decisions[0].error;
    EXPECT_EQ(world.condition("api", "ScalingActive"), "False/FailedGetExternalMetric");
  }
}

TEST(HpaOnFakeApiServerTest, ALikeEventRaisesTheCountOfTheFirstUntilThereAreTooMany) {
  World world;
  world.add_workload(kDeployments, "api", 4, "api");
  world.add_hpa("api", "Deployment", "api", external_metric("lag", "30"));

  world.start();
  world.clock.run_for(45s);

  EXPECT_EQ(world.condition("api", "ScalingActive"), "False/FailedGetExternalMetric");
  const Json failed = world.event("api", "FailedGetExternalMetric");
  ASSERT_FALSE(failed.is_null());
  EXPECT_EQ(failed.at("type"), "Warning");
  EXPECT_EQ(failed.at("count"), 4);
  EXPECT_EQ(failed.at("firstTimestamp"), "2026-01-01T00:00:00Z");
  EXPECT_EQ(failed.at("lastTimestamp"), "2026-01-01T00:00:45Z");
  const Json computed = world.event("api", "FailedComputeMetricsReplicas");
  ASSERT_FALSE(computed.is_null());
  EXPECT_EQ(computed.at("count"), 4);
  EXPECT_EQ(world.reconciliations("none", "internal"), 4);

  world.clock.run_for(10min);
  EXPECT_GT(world.metrics.value("scaler_events_total", {{"outcome", "dropped"}}), 0);
  EXPECT_LT(world.event("api", "FailedGetExternalMetric").at("count").get<int>(), 20);
}

TEST(HpaOnFakeApiServerTest, EveryEventOfOneInstantIsCreated) {
  World world;
  world.add_workload(kDeployments, "api", 4, "api");
  world.add_hpa("api", "Deployment", "api", external_metric("lag", "30"));

  world.start();

  EXPECT_FALSE(world.event("api", "FailedGetExternalMetric").is_null());
  EXPECT_FALSE(world.event("api", "FailedComputeMetricsReplicas").is_null());
  EXPECT_EQ(world.metrics.value("scaler_events_total", {{"outcome", "failed"}}), 0);
  EXPECT_EQ(world.metrics.value("scaler_events_total", {{"outcome", "written"}}), 2);
}

TEST(HpaOnFakeApiServerTest, ADryRunLeavesNeitherStatusNorEvents) {
  World world;
  world.add_workload(kDeployments, "api", 4, "api");
  world.add_hpa("api", "Deployment", "api", external_metric("lag", "30"));
  world.numbers.externals["lag"] = 179.5;
  const Json before = world.get(kHpas, "api");
  ScalerConfig config;
  config.actuator.dry_run = true;

  world.start(std::move(config));
  world.clock.run_for(30s);
  world.numbers.externals.clear();  // what fails is told by no event either
  world.clock.run_for(30s);

  ASSERT_EQ(world.decisions.size(), 5u);
  EXPECT_EQ(world.decisions[0].final, 6);
  EXPECT_EQ(world.decisions[0].applied.status, "dry-run");
  EXPECT_EQ(world.get(kHpas, "api"), before);
  EXPECT_TRUE(world.api.store().list(kEvents, "default").empty());
  EXPECT_EQ(world.replicas(kDeployments, "api"), 4);
  for (const char* method : {"PUT", "PATCH", "POST"}) {
    for (const char* code : {"200", "201"}) {
      EXPECT_EQ(world.metrics.value("scaler_api_requests_total", {{"method", method}, {"code", code}}), 0) << method;
    }
  }
  EXPECT_GT(world.reconciliations("none", "none") + world.reconciliations("none", "internal"), 0);
}

TEST(HpaOnFakeApiServerTest, AnUnchangedStatusIsNotWrittenAgain) {
  World world;
  world.add_workload(kDeployments, "api", 4, "api");
  world.add_hpa("api", "Deployment", "api", external_metric("lag", "30"));
  world.numbers.externals["lag"] = 120;
  world.start();
  world.clock.run_for(30s);
  const Json before = world.get(kHpas, "api");

  world.clock.run_for(1min);

  EXPECT_EQ(world.condition("api", "AbleToScale"), "True/ReadyForNewScale");
  EXPECT_EQ(world.get(kHpas, "api"), before);
}

TEST(HpaOnFakeApiServerTest, AnyKindWithAScaleIsScaled) {
  World world;
  world.add_workload(kStatefulSets, "db", 3, "db");
  world.add_hpa("db", "StatefulSet", "db", external_metric("lag", "30"));
  world.numbers.externals["lag"] = 150;

  world.start();

  EXPECT_EQ(world.replicas(kStatefulSets, "db"), 5);
}

TEST(HpaOnFakeApiServerTest, AScaleThatCannotBeReadIsToldAndChangesNothingElse) {
  World world;
  world.add_hpa("none", "Deployment", "none", external_metric("lag", "30"));
  world.add_hpa("odd", "Gizmo", "none", external_metric("lag", "30"));

  world.start();

  for (const char* hpa : {"none", "odd"}) {
    EXPECT_EQ(world.condition(hpa, "AbleToScale"), "False/FailedGetScale");
    EXPECT_EQ(world.condition(hpa, "ScalingActive"), "absent");
    EXPECT_FALSE(world.event(hpa, "FailedGetScale").is_null());
  }
  EXPECT_NE(world.event("odd", "FailedGetScale").at("message").get<std::string>().find("no matches for kind"),
            std::string::npos);
  EXPECT_EQ(world.reconciliations("none", "internal"), 2);
}

TEST(HpaOnFakeApiServerTest, TwoHpasWhoseSelectorsMatchTheSamePodsFailBoth) {
  World world;
  world.add_workload(kDeployments, "a", 2, "shared");
  world.add_workload(kDeployments, "b", 2, "shared");
  world.add_hpa("a", "Deployment", "a", external_metric("lag", "30"));
  world.add_hpa("b", "Deployment", "b", external_metric("lag", "30"));
  world.numbers.externals["lag"] = 60;

  world.start();
  world.clock.run_for(15s);

  for (const char* hpa : {"a", "b"}) {
    EXPECT_EQ(world.condition(hpa, "ScalingActive"), "False/AmbiguousSelector");
    EXPECT_FALSE(world.event(hpa, "AmbiguousSelector").is_null());
  }
  EXPECT_NE(world.decisions.back().error.find("default/a"), std::string::npos) << world.decisions.back().error;

  ASSERT_TRUE(world.api.store().remove(kHpas, {"default", "b"}, {}));
  world.clock.run_for(15s);
  EXPECT_EQ(world.condition("a", "ScalingActive"), "True/ValidMetricFound");
}

struct Edit {
  bool gate;
  base::Duration evaluated_after;
};

TEST(HpaOnFakeApiServerTest, AnEditedHpaKeepsItsTurnUnlessItsGenerationCounts) {
  for (const Edit& edit : {Edit{false, 14s}, Edit{true, 0s}}) {
    World world;
    world.add_workload(kDeployments, "api", 4, "api");
    world.add_hpa("api", "Deployment", "api", external_metric("lag", "30"));
    world.numbers.externals["lag"] = 120;
    ScalerConfig config;
    config.control.policies.generation = edit.gate;
    world.start(std::move(config));  // and a second passes
    ASSERT_EQ(world.decisions.size(), 1u);

    const auto lower_maximum = [](Json& object) -> base::Result<> {
      object["spec"]["maxReplicas"] = 3;
      return {};
    };
    ASSERT_TRUE(world.api.store().update(kHpas, {"default", "api"}, fakeapi::Part::kSpec, lower_maximum));
    world.clock.run_for(14s + 500ms);

    ASSERT_EQ(world.decisions.size(), 2u);
    EXPECT_EQ(world.decisions[1].at, kStart + 1s + edit.evaluated_after);
    EXPECT_EQ(world.decisions[1].final, 3);
  }
}

TEST(HpaOnFakeApiServerTest, ErrorsDoNotMakeARoundComeSooner) {
  World world;
  world.add_workload(kDeployments, "api", 4, "api");
  world.add_hpa("api", "Deployment", "api", external_metric("lag", "30"));

  world.start();
  world.clock.run_for(59s);

  ASSERT_EQ(world.decisions.size(), 5u);
  for (std::size_t i = 0; i < 5; ++i) EXPECT_EQ(world.decisions[i].at, kStart + i * 15s);
}

struct ForeignCase {
  const char* plural;
  const char* group;
  const char* object;
  friend void PrintTo(const ForeignCase& c, std::ostream* out) { *out << c.plural; }
};

class ForeignKindTest : public ::testing::TestWithParam<ForeignCase> {};

TEST_P(ForeignKindTest, IsFollowedWhereTheScalerStandsInForItsController) {
  World world;
  world.add_workload(kDeployments, "api", 4, "api");
  world.create({GetParam().group, GetParam().plural}, Json::parse(GetParam().object));

  world.start();

  ASSERT_FALSE(world.decisions.empty());
  EXPECT_EQ(world.decisions[0].policy, "foreign");
  EXPECT_EQ(world.decisions[0].target, "default/api");
  EXPECT_EQ(world.decisions[0].current, 4);
  EXPECT_EQ(world.metrics.value("scaler_invalid_policies_total"), 0);
}

INSTANTIATE_TEST_SUITE_P(
    Kinds, ForeignKindTest,
    ::testing::Values(ForeignCase{"scaledobjects", "keda.sh", R"({"apiVersion":"keda.sh/v1alpha1","kind":"ScaledObject",
            "metadata":{"name":"foreign"},"spec":{"scaleTargetRef":{"name":"api"},"minReplicaCount":2,
            "maxReplicaCount":20,"triggers":[{"type":"cpu","metricType":"Utilization","metadata":{"value":"70"}}]}})"},
                      ForeignCase{"podautoscalers", "autoscaling.internal.knative.dev",
                                  R"({"apiVersion":"autoscaling.internal.knative.dev/v1alpha1","kind":"PodAutoscaler",
            "metadata":{"name":"foreign","annotations":{"autoscaling.knative.dev/max-scale":"20"}},
            "spec":{"scaleTargetRef":{"apiVersion":"apps/v1","kind":"Deployment","name":"api"},
            "containerConcurrency":8}})"},
                      ForeignCase{"watermarkpodautoscalers", "datadoghq.com",
                                  R"({"apiVersion":"datadoghq.com/v1alpha1","kind":"WatermarkPodAutoscaler",
            "metadata":{"name":"foreign"},"spec":{"scaleTargetRef":{"apiVersion":"apps/v1","kind":"Deployment",
            "name":"api"},"minReplicas":2,"maxReplicas":20,"metrics":[{"type":"Resource","resource":{"name":"cpu",
            "highWatermark":"700m","lowWatermark":"400m","metricSelector":{"matchLabels":{"app":"api"}}}}]}})"}),
    [](const auto& test) { return std::string(test.param.plural); });

}  // namespace
}  // namespace scaler
