// keda.sh/v1alpha1 ScaledObject with KEDA's defaults filled in. Plain values.
#pragma once

#include <chrono>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "common/base/time.h"
#include "scaler/policy/metric_spec.h"

namespace scaler {

// One entry of spec.triggers.
struct KedaTrigger {
  enum class Type { kCpu, kMemory, kPrometheus, kCron, kExternalPush };
  Type type = Type::kCpu;
  std::string name{};                             // what scalingModifiers.formula calls it; often empty
  std::map<std::string, std::string> metadata{};  // as written
  bool cached = false;                            // useCachedMetrics: the HPA is answered from the last poll

  // cpu and memory
  std::string container{};                      // containerName; empty: the whole pod
  std::optional<int> utilization{};             // percent of the request
  std::optional<std::int64_t> average_milli{};  // thousandths of a core or a byte a pod

  // The others: a metric of external.metrics.k8s.io
  std::string metric{};           // its name there: "s0-prometheus"
  std::int64_t target_milli = 0;  // thousandths
  bool per_pod = true;            // the target is an AverageValue, otherwise a Value
  double activation = 0;          // active above it

  // prometheus
  std::string query{};
  bool ignore_null_values = true;  // no result means 0, otherwise a failure

  // cron
  std::string time_zone{};
  std::string start{};
  std::string end{};
  int desired_replicas = 0;

  bool is_resource() const { return type == Type::kCpu || type == Type::kMemory; }
  bool operator==(const KedaTrigger&) const = default;
};

// What is served in place of a trigger's value once it failed more than `failure_threshold` times in a row.
struct KedaFallback {
  enum class Behavior {
    kStatic,
    kCurrentReplicas,
    kCurrentReplicasIfHigher,
    kCurrentReplicasIfLower,
    kScalingModifiers
  };
  int failure_threshold = 0;
  int replicas = 0;
  Behavior behavior = Behavior::kStatic;
  bool operator==(const KedaFallback&) const = default;
};

// advanced.scalingModifiers: one metric, made of the triggers' values, in place of theirs.
struct KedaModifiers {
  std::string formula;
  double target = 0;
  double activation_target = 0;
  bool per_pod = true;
  bool operator==(const KedaModifiers&) const = default;
};

// keda.sh/v1alpha1 ScaledObject
struct KedaSpec {
  int min_replicas = 0;  // minReplicaCount; the HPA has at least 1
  int max_replicas = 100;
  std::optional<int> idle_replicas;
  base::Duration polling_interval = std::chrono::seconds(30);
  base::Duration cooldown_period = std::chrono::seconds(300);
  base::Duration initial_cooldown_period{};
  bool restore_to_original_replica_count = false;  // on deletion, which no policy sees
  std::string hpa_name;                            // "keda-hpa-" and the object's name, or the given one
  std::optional<Behavior> behavior;                // of the HPA
  std::optional<KedaFallback> fallback;
  std::optional<KedaModifiers> modifiers;
  std::vector<KedaTrigger> triggers;
};

}  // namespace scaler
