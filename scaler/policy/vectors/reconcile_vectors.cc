#include "scaler/policy/vectors/reconcile_vectors.h"

#include <fmt/format.h>

#include <algorithm>

#include "scaler/policy/hpa/hpa_policy.h"
#include "scaler/policy/policy_file.h"

namespace scaler::vectors {
namespace {

base::Result<PolicySpec> read_hpa(const Json& spec) {
  Json object = {{"apiVersion", "autoscaling/v2"},
                 {"kind", "HorizontalPodAutoscaler"},
                 {"metadata", {{"name", "test-hpa"}, {"namespace", "test-namespace"}}},
                 {"spec", spec}};
  return read_policy(config::from_json(std::move(object)), config::Strictness::kLenient);
}

bool any_metric_of(const Json& spec, const std::vector<std::string>& types) {
  if (!spec.contains("metrics") || !spec["metrics"].is_array()) return false;
  return std::any_of(spec["metrics"].begin(), spec["metrics"].end(), [&](const Json& metric) {
    return std::find(types.begin(), types.end(), metric.value("type", "")) != types.end();
  });
}

bool only_known_metrics(const Json& spec) {
  return std::all_of(spec.at("metrics").begin(), spec.at("metrics").end(), [](const Json& metric) {
    return metric.at("type") == "Resource" || metric.at("type") == "ContainerResource" || metric.at("type") == "Pods";
  });
}

// Why a round is not a policy's business; empty if it is.
std::string reason_to_leave_out(const Json& in) {
  const Json& hpa = in.at("hpa");
  if (any_metric_of(hpa, {"Object", "External"})) return "Object and External metrics are not among our metrics";
  if (!only_known_metrics(hpa)) return "the reader refuses metric types that do not exist";
  if (in.at("scale").at("getError") == true) return "reading the scale is the control loop's";
  const Json& failures = in.at("scale").at("updateErrors");
  if (std::find(failures.begin(), failures.end(), "other") != failures.end()) {
    return "a failed write of the scale is the control loop's";
  }
  for (const Json& other : in.at("otherHPASelectors")) {
    const bool overlaps = std::any_of(in.at("pods").begin(), in.at("pods").end(), [&](const Json& pod) {
      const Json labels = pod.value("labels", Json::object());
      const Json& selector = other.at("selector");
      return std::all_of(selector.items().begin(), selector.items().end(), [&](const auto& item) {
        return labels.contains(item.key()) && labels[item.key()] == item.value();
      });
    });
    if (overlaps) return "the selectors of other HPAs are the control loop's";
  }
  return "";
}

Observation observation_of(const Json& in, const MetricNeeds& needs) {
  Observation observation;
  observation.now = kNow;
  observation.scale = {in.at("scale").at("specReplicas").get<int>(), in.at("scale").at("statusReplicas").get<int>(),
                       in.at("scale").at("selector").get<std::string>()};
  observation.pods = pods_of(in.at("pods"));
  const auto failed = [&](const char* api) {
    const Json& failures = in.at("metricFailures");
    return std::find(failures.begin(), failures.end(), api) != failures.end();
  };
  const base::Error unavailable{base::ErrorCode::kUnavailable, "something went wrong"};
  if (failed("resource")) {
    observation.resource_metrics = unavailable;
  } else {
    observation.resource_metrics = usage_of(in.at("resourceMetrics"));
  }
  for (const MetricNeed& name : needs.pods) {
    base::Result<std::vector<PodMetricValue>> values = unavailable;
    if (!failed("custom")) values = custom_of(in.at("customPodMetrics"));
    observation.pod_metrics.emplace(name, std::move(values));
  }
  return observation;
}

ControllerOptions options_of(const Json& controller) {
  ControllerOptions options;
  const double tolerance = controller.at("tolerance").get<double>();
  options.tolerance = {.scale_down = tolerance, .scale_up = tolerance};
  options.cpu_initialization_period = seconds_of(controller, "cpuInitializationPeriodSeconds");
  options.initial_readiness_delay = seconds_of(controller, "initialReadinessDelaySeconds");
  options.downscale_stabilization = seconds_of(controller, "downscaleStabilizationSeconds");
  options.scale_up_limit_factor = controller.at("scaleUpLimitFactor").get<double>();
  options.scale_up_limit_minimum = controller.at("scaleUpLimitMinimum").get<int>();
  return options;
}

std::optional<HpaPolicy::History> history_of(const Json& in) {
  if (in.at("recommendations").is_null()) return std::nullopt;
  return HpaPolicy::History{Stabilizer(recommendations_of(in.at("recommendations"))),
                            {events_of(in.at("scaleUpEvents")), events_of(in.at("scaleDownEvents"))}};
}

// The controller's tests use objects that the API server would refuse; where the round does not depend on what is
// wrong, the object is mended and the policy told afterwards.
base::Result<PolicySpec> read_unvalidated(Json hpa) {
  const bool from_zero = hpa.value("minReplicas", 1) == 0;
  if (from_zero) hpa["minReplicas"] = 1;
  for (Json& metric : hpa.at("metrics")) {
    // Only in a round that jumps to minReplicas, which reads no metric.
    if (metric.contains("resource") && metric["resource"].at("target").at("type") == "") {
      metric["resource"]["target"] = {{"type", "Utilization"}, {"averageUtilization", 50}};
    }
  }
  auto spec = read_hpa(hpa);
  if (spec && from_zero) std::get<HpaSpec>(spec->rules).min_replicas = 0;
  return spec;
}

}  // namespace

Outcome run_reconcile(const Json& in, const Json& expect) {
  if (const std::string reason = reason_to_leave_out(in); !reason.empty()) return out_of_slice(reason);
  Json hpa = in.at("hpa");
  const bool tolerance_gate = in.at("featureGates").at("HPAConfigurableTolerance").get<bool>();
  if (!tolerance_gate && hpa.at("behavior").is_object()) {
    for (auto& [side, rules] : hpa["behavior"].items()) rules.erase("tolerance");
  }
  const auto spec = read_unvalidated(hpa);
  if (!spec) return fails(spec.error().message);
  HpaPolicy policy(*spec, options_of(in.at("controller")), history_of(in));

  const Decision decision = policy.evaluate(observation_of(in, policy.needs()));

  const int desired = expect.at("desiredReplicas").get<int>();
  const bool changes = decision.final != decision.current;
  if (decision.final != desired) return fails(fmt::format("final is {}, expected {}", decision.final, desired));
  if (changes != expect.at("scaleUpdated").get<bool>()) return fails("the scale is written, or not, against the case");
  if (decision.error.empty() != (expect.at("error") == "none")) return fails("the error is \"" + decision.error + "\"");
  if (!expect.contains("reportedCpuUtilization")) return passes();
  const int utilization = expect["reportedCpuUtilization"].get<int>();
  if (decision.inputs.at(0).value == utilization) return passes();
  return fails(fmt::format("the CPU utilization is not {}", utilization));
}

}  // namespace scaler::vectors
