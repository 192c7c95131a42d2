// What a policy file or an API object says, with the API's defaults filled in. Plain values.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "common/base/time.h"

namespace scaler {

// How far measured/target may be from 1 before a metric asks for a change; both ends belong to the band.
struct Tolerance {
  double scale_down = 0.1;
  double scale_up = 0.1;
};

// One entry of spec.metrics. With `utilization` the target is a percentage of the request, otherwise `average_milli`.
struct MetricSpec {
  enum class Source { kResource, kContainerResource, kPods };
  Source source = Source::kResource;
  std::string name = "cpu";        // "cpu", "memory", or a custom metric
  std::string container;           // of a ContainerResource
  std::optional<int> utilization;  // percent
  std::int64_t average_milli = 0;  // thousandths of the metric's unit a pod
  bool operator==(const MetricSpec&) const = default;
};

enum class SelectPolicy { kMax, kMin, kDisabled };

// spec.behavior.scaleX.policies[]
struct RatePolicy {
  enum class Type { kPods, kPercent };
  Type type = Type::kPods;
  int value = 0;
  base::Duration period{};
  bool operator==(const RatePolicy&) const = default;
};

// spec.behavior.scaleUp or .scaleDown
struct ScalingRules {
  std::optional<base::Duration> stabilization_window;  // nullopt: the controller's flag (scaleDown only)
  SelectPolicy select = SelectPolicy::kMax;
  std::vector<RatePolicy> policies;
  std::optional<double> tolerance;  // nullopt: the policy's own
  bool operator==(const ScalingRules&) const = default;
};

// What the API server fills in for a direction that `behavior` leaves out.
ScalingRules default_scale_up_rules();
ScalingRules default_scale_down_rules();

struct Behavior {
  ScalingRules scale_up = default_scale_up_rules();
  ScalingRules scale_down = default_scale_down_rules();
  bool operator==(const Behavior&) const = default;
};

// autoscaling/v2 HorizontalPodAutoscaler
struct HpaSpec {
  int min_replicas = 1;
  int max_replicas = 1;
  std::vector<MetricSpec> metrics;
  std::optional<Behavior> behavior;  // nullopt: the limits of old, which `behavior: {}` replaces
  bool operator==(const HpaSpec&) const = default;
};

// No change in a direction until so long after the last applied change in either direction.
struct CooldownSpec {
  base::Duration scale_up{};
  base::Duration scale_down = std::chrono::minutes(5);
};

// A floor (and perhaps another ceiling) from each firing of `cron` for `duration`.
struct ScheduleSpec {
  std::string name;
  std::string cron;  // five fields
  std::string time_zone = "UTC";
  base::Duration duration{};
  int min_replicas = 0;
  std::optional<int> max_replicas;  // replaces the policy's maxReplicas meanwhile
};

// Provision for the `quantile` of the demand that a damped trend foresees `horizon` from now.
struct PredictionSpec {
  base::Duration horizon = std::chrono::minutes(3);
  double quantile = 0.9;
  base::Duration history = std::chrono::minutes(15);  // window of the forecast errors behind the quantile
  double alpha = 0.8;                                 // smoothing of the level, per 15 s
  double beta = 0.2;                                  // smoothing of the trend, per 15 s
  double phi = 0.9;                                   // what is left of the trend after 15 s
};

// gamenight/v1 ScalingPolicy
struct ScalingPolicySpec {
  int min_replicas = 1;
  int max_replicas = 1;
  std::vector<MetricSpec> metrics;
  Tolerance tolerance;
  CooldownSpec cooldown;
  std::vector<ScheduleSpec> schedules;
  std::optional<Behavior> behavior;
  std::optional<PredictionSpec> prediction;
};

// webapp.streamotion.com.au/v1 HpaTuner
struct HpaTunerSpec {
  int min_replicas = 1;
  int max_replicas = 1;
  base::Duration downscale_forbidden_window = std::chrono::seconds(300);
  base::Duration upscale_forbidden_window_after_downscale = std::chrono::seconds(300);
  int cpu_idling_percentage = 0;
  bool use_decision_service = false;
};

struct TargetRef {
  std::string api_version;
  std::string kind;
  std::string name;
};

struct PolicySpec {
  std::string ns = "default";
  std::string name;
  TargetRef target;          // in the same namespace
  std::string target_where;  // "file:line:col" of the target's name, for complaints about it
  std::variant<HpaSpec, ScalingPolicySpec, HpaTunerSpec> rules;

  std::string target_path() const { return ns + "/" + target.name; }
};

// Flags of kube-controller-manager, --horizontal-pod-autoscaler-…, with its defaults, and constants of its code.
struct ControllerOptions {
  Tolerance tolerance;
  base::Duration cpu_initialization_period = std::chrono::minutes(5);
  base::Duration initial_readiness_delay = std::chrono::seconds(30);
  base::Duration downscale_stabilization = std::chrono::minutes(5);
  double scale_up_limit_factor = 2.0;
  int scale_up_limit_minimum = 4;
  bool pod_level_resources = true;  // feature gate PodLevelResources
};

}  // namespace scaler
