// What a policy gets to see: plain values, gathered by the control loop from caches and metrics APIs.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "common/base/error.h"
#include "common/base/result.h"
#include "common/base/time.h"
#include "scaler/model/hpa_status.h"
#include "scaler/model/observation_types.h"

namespace scaler {

// The scale subresource of the target.
struct ScaleState {
  int spec_replicas = 0;
  int status_replicas = 0;
  std::string selector;
};

enum class PodPhase { kPending, kRunning, kSucceeded, kFailed, kUnknown };

struct ContainerObservation {
  std::string name;
  std::optional<std::int64_t> cpu_request_milli;
  std::optional<std::int64_t> memory_request_milli;  // thousandths of a byte, as Kubernetes' MilliValue
  bool sidecar = false;                              // an init container with restartPolicy Always
};

struct PodObservation {
  std::string name;
  PodPhase phase = PodPhase::kUnknown;
  bool deleting = false;                 // has a deletionTimestamp
  std::optional<ConditionStatus> ready;  // nullopt: no Ready condition
  base::Time ready_transition{};         // its lastTransitionTime
  std::optional<base::Time> start_time;  // status.startTime
  std::vector<ContainerObservation> containers;
  // spec.resources.requests: with either of them, the pod level counts instead of the sum of its containers.
  std::optional<std::int64_t> pod_cpu_request_milli;
  std::optional<std::int64_t> pod_memory_request_milli;
};

// One container's usage from metrics.k8s.io.
struct ContainerUsage {
  std::string name;
  std::optional<std::int64_t> cpu_milli;
  std::optional<std::int64_t> memory_milli;
};

struct PodUsage {
  std::string pod;
  base::Time timestamp{};
  base::Duration window{};
  std::vector<ContainerUsage> containers;
};

// A custom metric's value for one pod, in thousandths.
struct PodMetricValue {
  std::string pod;
  std::int64_t value_milli = 0;
  base::Time timestamp{};
  base::Duration window = std::chrono::seconds(60);
};

// The HPA that a tuner steers, as the API server has it.
struct HpaObservation {
  int min_replicas = 1;
  int max_replicas = 1;
  int desired_replicas = 0;            // status.desiredReplicas
  std::optional<int> cpu_utilization;  // status.currentMetrics: percent of the request; nullopt: not known
  std::optional<int> cpu_target;       // spec.metrics: its target in percent
};

enum class SelectorProblem {
  kNone,
  kUnparsable,
  kAmbiguous,  // pods of it are matched by the selector of another HPA of the namespace
};

struct HpaObjectState {
  HpaStatus status;
  std::int64_t generation = 0;
};

// All that one evaluation may use. A metric that could not be read holds the error: policies decide what that means.
struct Observation {
  base::Time now{};
  ScaleState scale;
  std::vector<PodObservation> pods;  // those that match the target's selector, sorted by name
  base::Result<std::vector<PodUsage>> resource_metrics = base::Error{base::ErrorCode::kNotFound, "not read"};
  // Each as the policy needed it.
  std::map<MetricNeed, base::Result<std::vector<PodMetricValue>>> pod_metrics;
  std::map<MetricNeed, base::Result<MetricValue>> object_metrics;
  std::map<MetricNeed, base::Result<std::vector<MetricValue>>> external_metrics;
  // Why the target's selector cannot be used although it is not empty; its pods are not read then.
  SelectorProblem selector_problem = SelectorProblem::kNone;
  std::string selector_message;
  // The HPA's own status as it was read, when the policy is an HPA of the API.
  std::optional<HpaObjectState> hpa_object;
  // minReplicas as the API server now has it, when somebody else may change it (HPA under a tuner).
  std::optional<int> current_min_replicas;
  std::optional<HpaObservation> hpa;  // what a tuner's scaleTargetRef names; nullopt: not read, or not there
  // The decision service's minCount; nullopt: not asked, no answer, or garbage, all of which mean "no opinion".
  std::optional<int> decision_min;
};

}  // namespace scaler
