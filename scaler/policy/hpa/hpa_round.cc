#include "scaler/policy/hpa/hpa_round.h"

#include <fmt/format.h>

#include <algorithm>

#include "scaler/policy/hpa/metric_names.h"
#include "scaler/policy/hpa/metric_proposals.h"

namespace scaler {
namespace {

using Way = HpaRoundFacts::Way;

HpaMetricStatus metric_status(const MetricSpec& metric, const base::Result<Proposal>& proposal) {
  HpaMetricStatus status;
  if (!proposal) return status;
  status.type = type_name(metric);
  status.name = metric.name;
  status.container = metric.container;
  status.selector = metric.selector;
  status.object = metric.object;
  status.average_utilization = proposal->usage.utilization;
  status.value_milli = proposal->value_milli;
  if (!proposal->value_milli) status.average_value_milli = proposal->usage.average_milli;
  return status;
}

// `condition.last_transition` is now: it moves only when the condition's status does.
void set_condition(HpaStatus& status, HpaCondition condition) {
  auto found = std::find_if(status.conditions.begin(), status.conditions.end(),
                            [&](const HpaCondition& existing) { return existing.type == condition.type; });
  if (found == status.conditions.end()) {
    status.conditions.push_back(std::move(condition));
    return;
  }
  if (found->status == condition.status) condition.last_transition = found->last_transition;
  *found = std::move(condition);
}

HpaAction action_of(int from, int to) {
  return to > from ? HpaAction::kScaleUp : to < from ? HpaAction::kScaleDown : HpaAction::kNone;
}

// An unknown metric type is a fault of the spec, all else is the controller's trouble.
HpaErrorKind error_of(const MetricSpec& metric) {
  return metric.source == MetricSpec::Source::kUnknown ? HpaErrorKind::kSpec : HpaErrorKind::kInternal;
}

// Puts one round together in the order in which upstream does, as conditions keep the order in which they came.
class RoundWriter {
 public:
  RoundWriter(const HpaRoundFacts& facts, const HpaStatus& before, const HpaSpec& spec,
              const ControllerOptions& options, const Decision& decision)
      : facts_(facts), before_(before), spec_(spec), options_(options), decision_(decision) {
    round_.status = before;
  }

  HpaRound take() {
    set("AbleToScale", ConditionStatus::kTrue, "SucceededGetScale",
        "the HPA controller was able to get the target's current scale");
    report_metrics();
    switch (facts_.way) {
      case Way::kNone: break;
      case Way::kDisabled: disable(); break;
      case Way::kNoSelector:
      case Way::kNoMetrics: give_up(); break;
      case Way::kAboveMax:
      case Way::kBelowMin: rescale(); break;
      case Way::kComputed:
        report_computation();
        rescale();
        break;
    }
    round_.status_changed = !same_status(before_, round_.status);
    return std::move(round_);
  }

 private:
  void set(const char* type, ConditionStatus status, std::string reason, std::string message) {
    set_condition(round_.status, {type, status, std::move(reason), std::move(message), decision_.at});
  }

  void remove(const char* type) {
    auto& conditions = round_.status.conditions;
    conditions.erase(
        std::remove_if(conditions.begin(), conditions.end(), [&](const auto& c) { return c.type == type; }),
        conditions.end());
  }

  void warn(std::string reason, std::string message) {
    round_.events.push_back({true, std::move(reason), std::move(message)});
  }

  void fail(HpaErrorKind kind, std::string message) {
    round_.error = kind;
    round_.error_message = std::move(message);
  }

  void report_metrics() {
    for (std::size_t i = 0; i < facts_.proposals.size(); ++i) {
      const MetricSpec& metric = spec_.metrics[i];
      const auto& proposal = facts_.proposals[i];
      HpaMetricComputation computation{.metric_type = type_name(metric)};
      if (proposal) {
        computation.action = action_of(before_.current_replicas, proposal->replicas);
      } else {
        computation.error = error_of(metric);
        warn(failure_reason(metric), proposal.error().message);
      }
      round_.computations.push_back(std::move(computation));
    }
  }

  void disable() {
    set("ScalingActive", ConditionStatus::kFalse, "ScalingDisabled",
        "scaling is disabled since the replica count of the target is zero");
    if (!options_.scale_to_zero) remove("ScaledToZero");
    write_counts(0, false);
  }

  // The metrics led to no count: the old desired one stands.
  void give_up() {
    std::string reason = "InvalidSelector";
    if (facts_.way == Way::kNoSelector) {
      warn(facts_.selector_reason, facts_.error);
      if (facts_.selector_reason == "AmbiguousSelector") reason = facts_.selector_reason;
      set("ScalingActive", ConditionStatus::kFalse, std::move(reason),
          "the HPA target's scale has no selector that can be used: " + facts_.error);
      fail(HpaErrorKind::kInternal, facts_.error);
    } else if (facts_.first_failed) {
      const MetricSpec& metric = spec_.metrics[*facts_.first_failed];
      set("ScalingActive", ConditionStatus::kFalse, failure_reason(metric),
          "the HPA was unable to compute the replica count: " + facts_.proposals[*facts_.first_failed].error().message);
      fail(error_of(metric), facts_.error);
    } else {
      fail(HpaErrorKind::kSpec, facts_.error);
    }
    write_counts(before_.desired_replicas, false);
    warn("FailedComputeMetricsReplicas", facts_.error);
  }

  void report_computation() {
    const MetricSpec& metric = spec_.metrics[*facts_.winner];
    set("ScalingActive", ConditionStatus::kTrue, "ValidMetricFound",
        "the HPA was able to compute the replica count from " + reason_name(metric));
    // Partly without metrics: the count is good, the round is not.
    if (facts_.first_failed) fail(HpaErrorKind::kInternal, facts_.error);
    report_stabilization();
    const bool limited = facts_.limit != LimitReason::kDesiredWithinRange;
    set("ScalingLimited", limited ? ConditionStatus::kTrue : ConditionStatus::kFalse,
        std::string(to_string(facts_.limit)), limit_message());
  }

  void report_stabilization() {
    if (facts_.stabilized == facts_.desired) {
      set("AbleToScale", ConditionStatus::kTrue, "ReadyForNewScale", "recommended size matches current size");
    } else if (spec_.behavior && facts_.desired >= decision_.current) {
      set("AbleToScale", ConditionStatus::kTrue, "ScaleUpStabilized",
          "recent recommendations were lower than the current one, the lowest of them is applied");
    } else {
      set("AbleToScale", ConditionStatus::kTrue, "ScaleDownStabilized",
          "recent recommendations were higher than the current one, the highest of them is applied");
    }
  }

  std::string limit_message() const {
    switch (facts_.limit) {
      case LimitReason::kDesiredWithinRange: return "the desired count is within the acceptable range";
      case LimitReason::kTooFewReplicas: return "the desired replica count is less than the minimum replica count";
      case LimitReason::kTooManyReplicas: return "the desired replica count is more than the maximum replica count";
      case LimitReason::kScaleUpLimit: return "the desired replica count grows faster than is allowed";
      case LimitReason::kScaleDownLimit: return "the desired replica count shrinks faster than is allowed";
    }
    return {};
  }

  // Fixed before the count is normalised: it may not fit what becomes of the count.
  std::string rescale_reason() const {
    const char* below_min = "Current number of replicas below Spec.MinReplicas";
    if (facts_.way == Way::kAboveMax) return "Current number of replicas above Spec.MaxReplicas";
    if (facts_.way == Way::kBelowMin) return below_min;
    if (facts_.desired > decision_.current) return reason_name(spec_.metrics[*facts_.winner]) + " above target";
    if (facts_.desired < decision_.current) return "All metrics below target";
    return facts_.woken_to_min ? below_min : "";
  }

  void rescale() {
    const int current = decision_.current;
    const int size = decision_.final;
    if (size == current) return write_counts(current, false);
    const std::string text = fmt::format("New size: {}; reason: {}", size, rescale_reason());
    if (!decision_.applied.ok) {
      const std::string& error = decision_.applied.status;
      warn("FailedRescale", text + "; error: " + error);
      set("AbleToScale", ConditionStatus::kFalse, "FailedUpdateScale",
          "the HPA controller was unable to update the target scale: " + error);
      write_counts(before_.desired_replicas, false);
      return fail(HpaErrorKind::kInternal, "failed to rescale " + decision_.target + ": " + error);
    }
    set("AbleToScale", ConditionStatus::kTrue, "SucceededRescale",
        fmt::format("the HPA controller was able to update the target scale to {}", size));
    round_.events.push_back({false, "SuccessfulRescale", text});
    mark_sleep();
    round_.action = action_of(current, size);
    write_counts(size, true);
  }

  // Whether the HPA itself went to zero, so that it may come back.
  void mark_sleep() {
    if (!options_.scale_to_zero) return remove("ScaledToZero");
    const bool asleep = decision_.current > 0 && decision_.final == 0 && facts_.min_replicas == 0 &&
                        has_object_or_external_metric(spec_);
    if (asleep) {
      set("ScaledToZero", ConditionStatus::kTrue, "ScaledToZero", "the HPA scaled the target to zero replicas");
    } else {
      set("ScaledToZero", ConditionStatus::kFalse, "NotScaledToZero",
          "the HPA did not scale the target to zero replicas");
    }
  }

  void write_counts(int desired, bool rescaled) {
    HpaStatus& status = round_.status;
    status.current_replicas = decision_.current;
    status.desired_replicas = desired;
    if (rescaled) status.last_scale_time = decision_.at;
    status.observed_generation.reset();
    if (options_.generation && facts_.read) status.observed_generation = facts_.read->generation;
    status.current_metrics.reset();
    if (facts_.way != Way::kNoMetrics && facts_.way != Way::kComputed) return;
    status.current_metrics.emplace();
    for (std::size_t i = 0; i < facts_.proposals.size(); ++i) {
      status.current_metrics->push_back(metric_status(spec_.metrics[i], facts_.proposals[i]));
    }
  }

  const HpaRoundFacts& facts_;
  const HpaStatus& before_;
  const HpaSpec& spec_;
  const ControllerOptions& options_;
  const Decision& decision_;
  HpaRound round_;
};

bool same_metrics(const HpaStatus& a, const HpaStatus& b) {
  static const std::vector<HpaMetricStatus> kNone;
  return (a.current_metrics ? *a.current_metrics : kNone) == (b.current_metrics ? *b.current_metrics : kNone);
}

}  // namespace

bool has_object_or_external_metric(const HpaSpec& spec) {
  return std::any_of(spec.metrics.begin(), spec.metrics.end(), [](const MetricSpec& metric) {
    return metric.source == MetricSpec::Source::kObject || metric.source == MetricSpec::Source::kExternal;
  });
}

const HpaCondition* find_condition(const HpaStatus& status, const std::string& type) {
  const auto found = std::find_if(status.conditions.begin(), status.conditions.end(),
                                  [&](const HpaCondition& condition) { return condition.type == type; });
  return found == status.conditions.end() ? nullptr : &*found;
}

HpaRound conclude_round(const HpaRoundFacts& facts, const HpaStatus& before, const HpaSpec& spec,
                        const ControllerOptions& options, const Decision& decision) {
  return RoundWriter(facts, before, spec, options, decision).take();
}

HpaRound conclude_unreadable_scale(const HpaStatus& before, base::Time now, HpaErrorKind kind,
                                   const std::string& message) {
  HpaRound round;
  round.status = before;
  set_condition(round.status, {"AbleToScale", ConditionStatus::kFalse, "FailedGetScale",
                               "the HPA controller was unable to get the target's current scale: " + message, now});
  round.status_changed = !same_status(before, round.status);
  round.events.push_back({true, "FailedGetScale", message});
  round.error = kind;
  round.error_message = message;
  return round;
}

bool same_status(const HpaStatus& a, const HpaStatus& b) {
  return a.observed_generation == b.observed_generation && a.last_scale_time == b.last_scale_time &&
         a.current_replicas == b.current_replicas && a.desired_replicas == b.desired_replicas &&
         a.conditions == b.conditions && same_metrics(a, b);
}

}  // namespace scaler
