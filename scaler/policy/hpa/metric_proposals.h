// What each metric of a policy asks for, and the one answer that they make together.
//
// Pure functions, shared by the HPA and the ScalingPolicy.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "scaler/model/decision.h"
#include "scaler/model/observation.h"
#include "scaler/policy/hpa/hpa_spec.h"
#include "scaler/policy/hpa/replica_math.h"
#include "scaler/policy/policy.h"

namespace scaler {

// "cpu", "cpu of container app", "requests_per_second".
std::string display_name(const MetricSpec& metric);

// How its values are found in an Observation.
MetricNeed need_of(const MetricSpec& metric);
MetricNeeds needs_of(const std::vector<MetricSpec>& metrics);

// A Resource, ContainerResource or Pods metric's values beside observation.pods. Resource metrics: the sum over the
// pod's containers; a pod of which any container lacks the resource has no value.
// REQUIRES: `observation` outlives the answer.
base::Result<MetricSamples> read_samples(const MetricSpec& metric, const Observation& observation);

// An Object or External metric: one value, or the several of an External metric, which mean their sum.
base::Result<std::vector<MetricValue>> read_values(const MetricSpec& metric, const Observation& observation);

// Which of the targets counts, by the rules of the metric's source.
enum class TargetForm { kUtilization, kAverage, kValue, kNone };
TargetForm target_form(const MetricSpec& metric);

base::Result<Proposal> propose(const MetricSpec& metric, const Observation& observation, const Tolerance& tolerance,
                               const ControllerOptions& options);

struct Combined {
  std::vector<Input> inputs;
  std::optional<int> replicas;  // nullopt: no decision is possible
  std::optional<int> raw;       // the winner's proposal before its own rules
  std::string selected;
  std::vector<Step> steps;  // from raw to replicas
  std::string error;        // also when other metrics allowed a decision
  // By metric, as `inputs`; the winner's steps stand above.
  std::vector<base::Result<Proposal>> proposals;
  std::optional<std::size_t> winner;
  std::optional<std::size_t> first_failed;
};

// The largest proposal wins, the earlier metric in a tie. If a metric failed, the others may raise the count or keep
// it, but not lower it.
Combined combine(const std::vector<MetricSpec>& metrics, const Observation& observation, const Tolerance& tolerance,
                 const ControllerOptions& options);

}  // namespace scaler
