#include "scaler/policy/vectors/reconcile_vectors.h"

#include <algorithm>

#include "scaler/policy/hpa/hpa_queue.h"
#include "scaler/policy/vectors/reconcile_world.h"

namespace scaler::vectors {
namespace {

// What a round left behind.
struct Result {
  HpaRound round;
  bool scale_updated = false;
  HpaObjectState before;
};

// One entry of updateErrors a try.
Decision::Applied write_scale(const Json& errors) {
  Decision::Applied applied;
  for (std::size_t i = 0; i < static_cast<std::size_t>(kHpaScaleWriteAttempts); ++i) {
    if (i >= errors.size()) {
      applied.ok = true;
      applied.status = "patched";
      return applied;
    }
    applied.status = errors[i].get<std::string>();
    if (applied.status != "conflict" && applied.status != "other") {
      throw MalformedCase("updateErrors holds \"" + applied.status + '"');
    }
    if (applied.status == "other") return applied;
  }
  return applied;
}

// As Kubernetes parses them: "version" or "group/version"; empty is allowed.
bool is_group_version(const std::string& text) { return std::count(text.begin(), text.end(), '/') <= 1; }

Result reconcile(const Json& in) {
  const PolicySpec spec = hpa_spec_of(in);
  HpaPolicy policy(spec, controller_of(in), history_of(in));
  const Observation observation = observation_of(in, policy.needs());
  Result result;
  result.before = *observation.hpa_object;
  if (!is_group_version(spec.target.api_version)) {
    result.round = policy.scale_unreadable(observation.hpa_object, kNow, HpaErrorKind::kSpec,
                                           "invalid API version in scale target reference");
    return result;
  }
  if (flag(in.at("scale"), "getError")) {
    result.round =
        policy.scale_unreadable(observation.hpa_object, kNow, HpaErrorKind::kInternal, "failed to get the scale");
    return result;
  }
  Decision decision = policy.evaluate(observation);
  const Decision::Applied written = write_scale(list(in.at("scale"), "updateErrors"));
  if (decision.final == decision.current) {
    decision.applied.ok = true;
  } else {
    decision.applied = written;
    result.scale_updated = written.ok;
    if (written.ok) policy.applied(decision);
  }
  result.round = policy.conclude(decision);
  return result;
}

std::string name_of(HpaErrorKind error) {
  switch (error) {
    case HpaErrorKind::kNone: return "none";
    case HpaErrorKind::kSpec: return "spec";
    case HpaErrorKind::kInternal: return "internal";
  }
  return "";
}

std::string name_of(HpaAction action) {
  switch (action) {
    case HpaAction::kNone: return "none";
    case HpaAction::kScaleUp: return "scale_up";
    case HpaAction::kScaleDown: return "scale_down";
  }
  return "";
}

std::string name_of(ConditionStatus status) {
  switch (status) {
    case ConditionStatus::kTrue: return "True";
    case ConditionStatus::kFalse: return "False";
    case ConditionStatus::kUnknown: return "Unknown";
  }
  return "";
}

Json conditions_of(const HpaStatus& status) {
  Json conditions = Json::array();
  for (const HpaCondition& condition : status.conditions) {
    conditions.push_back(
        {{"type", condition.type}, {"status", name_of(condition.status)}, {"reason", condition.reason}});
  }
  return conditions;
}

// By type, of several metrics of one type the last.
Json computations_of(const HpaRound& round) {
  Json computations = Json::object();
  for (const HpaMetricComputation& computation : round.computations) {
    computations[computation.metric_type] = {name_of(computation.action), name_of(computation.error)};
  }
  return computations;
}

Json cpu_utilization_of(const HpaStatus& status) {
  if (!status.current_metrics) return nullptr;
  for (const HpaMetricStatus& metric : *status.current_metrics) {
    const bool of_pods = metric.type == "Resource" || metric.type == "ContainerResource";
    if (of_pods && metric.name == "cpu" && metric.average_utilization) return *metric.average_utilization;
  }
  return nullptr;
}

Json scale_event_of(const HpaRound& round) {
  for (const HpaEvent& event : round.events) {
    if (event.reason == "SuccessfulRescale" || event.reason == "FailedRescale") return event.message;
  }
  return nullptr;
}

// A case does not tell the messages of its conditions; where the round left the rest alone they count as unchanged.
bool status_written(const Result& result) {
  HpaStatus after = result.round.status;
  for (HpaCondition& condition : after.conditions) {
    const HpaCondition* before = find_condition(result.before.status, condition.type);
    if (before != nullptr && before->message.empty()) condition.message.clear();
  }
  return !same_status(result.before.status, after);
}

// The label, or the expected one if the case leaves a choice.
Json error_of(const Result& result, const Json& expect) {
  std::vector<std::string> allowed = {text(expect, "error")};
  if (has(expect, "errorAlternatives")) {
    for (const Json& alternative : list(expect, "errorAlternatives")) allowed.push_back(alternative.get<std::string>());
  }
  for (const std::string& label : allowed) {
    if (label != "none" && label != "spec" && label != "internal") throw MalformedCase("error is \"" + label + '"');
  }
  const std::string got = name_of(result.round.error);
  return std::find(allowed.begin(), allowed.end(), got) == allowed.end() ? got : allowed.front();
}

}  // namespace

Outcome run_reconcile(const Json& in, const Json& expect) {
  count(expect, "desiredReplicas");
  flag(expect, "scaleUpdated");
  const Result result = reconcile(in);
  const HpaStatus& status = result.round.status;
  Json actual = {{"desiredReplicas", status.desired_replicas},
                 {"scaleUpdated", result.scale_updated},
                 {"error", error_of(result, expect)},
                 {"action", name_of(result.round.action)},
                 {"conditions", conditions_of(status)},
                 {"reportedCpuUtilization", cpu_utilization_of(status)},
                 {"metricComputation", computations_of(result.round)},
                 {"scaleEventMessage", scale_event_of(result.round)},
                 {"statusWritten", status_written(result)}};
  if (expect.contains("errorAlternatives")) actual["errorAlternatives"] = expect["errorAlternatives"];
  return compare(actual, expect);
}

}  // namespace scaler::vectors
