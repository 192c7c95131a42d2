// The status of a HorizontalPodAutoscaler (autoscaling/v2) as its controller keeps it, and what one round of the
// controller did. Plain values; instants are the controller's "now".
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "common/base/time.h"
#include "scaler/model/observation_types.h"

namespace scaler {

struct HpaCondition {
  std::string type;
  ConditionStatus status = ConditionStatus::kUnknown;
  std::string reason;
  std::string message;
  base::Time last_transition{};
  bool operator==(const HpaCondition&) const = default;
};

// One slot of status.currentMetrics. A metric that failed keeps its slot, with an empty type.
struct HpaMetricStatus {
  std::string type;  // "Resource", "ContainerResource", "Pods", "Object", "External", or empty
  std::string name;
  std::string container;
  std::string selector;  // of the metric, as text
  DescribedObject object;
  std::optional<int> average_utilization;           // percent of the request
  std::optional<std::int64_t> average_value_milli;  // thousandths
  std::optional<std::int64_t> value_milli;
  bool operator==(const HpaMetricStatus&) const = default;
};

struct HpaStatus {
  std::optional<std::int64_t> observed_generation;
  std::optional<base::Time> last_scale_time;
  int current_replicas = 0;
  int desired_replicas = 0;
  std::optional<std::vector<HpaMetricStatus>> current_metrics;  // nullopt: null, as after a round that read none
  std::vector<HpaCondition> conditions;                         // in the order in which they were first set
  bool operator==(const HpaStatus&) const = default;
};

// A core/v1 Event on the HPA object, of the component horizontal-pod-autoscaler.
struct HpaEvent {
  bool warning = false;
  std::string reason;
  std::string message;
  bool operator==(const HpaEvent&) const = default;
};

// The labels of the controller's Prometheus metrics.
enum class HpaAction { kNone, kScaleUp, kScaleDown };
enum class HpaErrorKind { kNone, kSpec, kInternal };

struct HpaMetricComputation {
  std::string metric_type;
  HpaAction action = HpaAction::kNone;
  HpaErrorKind error = HpaErrorKind::kNone;
};

// What one reconcile came to, once the scale was written or not.
struct HpaRound {
  HpaStatus status;
  bool status_changed = false;  // semantically, against the status that was read
  std::vector<HpaEvent> events;
  HpaAction action = HpaAction::kNone;
  HpaErrorKind error = HpaErrorKind::kNone;
  std::string error_message;
  std::vector<HpaMetricComputation> computations;
};

}  // namespace scaler
