#include "scaler/policy/tuner/tuner_policy.h"

#include <fmt/format.h>

#include <algorithm>

#include "common/base/time_format.h"
#include "scaler/policy/decision_steps.h"

namespace scaler {
namespace {

bool inside(std::optional<base::Time> last, base::Duration window, base::Time now) {
  return last && now <= *last + window;
}

Input wish(std::string metric, std::optional<int> wants, std::string note = {}) {
  Input input;
  input.metric = std::move(metric);
  input.wants = wants;
  input.note = std::move(note);
  return input;
}

}  // namespace

TunerPolicy::TunerPolicy(const PolicySpec& spec)
    : name_(spec.name), target_(spec.target_path()), rules_(std::get<HpaTunerSpec>(spec.rules)) {}

MetricNeeds TunerPolicy::needs() const {
  MetricNeeds needs;
  needs.hpa = true;
  needs.decision_service = rules_.use_decision_service;
  return needs;
}

Decision TunerPolicy::evaluate(const Observation& observation) {
  Decision decision;
  decision.at = observation.now;
  decision.policy = name_;
  decision.target = target_;
  decision.field = "minReplicas";
  if (!observation.hpa) {
    decision.current = decision.final = observation.current_min_replicas.value_or(0);
    decision.error = "the HorizontalPodAutoscaler " + target_ + " could not be read";
    return decision;
  }
  if (!first_seen_) first_seen_ = observation.now;
  const HpaObservation& hpa = *observation.hpa;
  decision.current = decision.final = hpa.min_replicas;

  std::optional<int> decided;
  if (rules_.use_decision_service) {
    // A minimum below 1 cannot be meant: an answer that did not parse reads as 0, no opinion as -1.
    if (observation.decision_min && *observation.decision_min > 0) decided = observation.decision_min;
    decision.inputs.push_back(wish("decision service", decided, decided ? "" : "no opinion"));
  }
  decision.inputs.push_back(wish("minReplicas of the tuner", rules_.min_replicas));
  decision.inputs.push_back(wish("status.desiredReplicas", hpa.desired_replicas));
  Input cpu;
  cpu.metric = "cpu";
  if (hpa.cpu_utilization) cpu.value = *hpa.cpu_utilization;
  if (hpa.cpu_target) cpu.target = *hpa.cpu_target;
  decision.inputs.push_back(std::move(cpu));

  try_raise(hpa, decided, decision);
  if (decision.final == decision.current && decision.steps.empty()) try_lower(hpa, decided, decision);
  return decision;
}

void TunerPolicy::try_raise(const HpaObservation& hpa, std::optional<int> decided, Decision& decision) const {
  const int current = decision.current;
  int wants = std::max(rules_.min_replicas, hpa.desired_replicas);
  decision.selected =
      hpa.desired_replicas > rules_.min_replicas ? "status.desiredReplicas" : "minReplicas of the tuner";
  if (decided && *decided > wants) {
    wants = *decided;
    decision.selected = "decision service";
  }
  decision.raw = wants;
  if (wants <= current) return;

  decision.final = wants;
  const bool decision_raises = decided && *decided > current;
  if (inside(last_lowered_, rules_.upscale_forbidden_window_after_downscale, decision.at)) {
    step_to(decision, decision_raises ? *decided : current, "upscaleForbiddenWindowAfterDownscaleSeconds",
            "the minimum was lowered at " + base::format_rfc3339(*last_lowered_));
  }
  // A ceiling never turns a raise into a cut.
  step_to(decision, std::max(current, std::min(decision.final, rules_.max_replicas)), "maxReplicas",
          "the most that the tuner may set");
  step_to(decision, std::max(current, std::min(decision.final, hpa.max_replicas)), "hpa.maxReplicas",
          "a minimum above the HPA's maximum is refused by the API server");
}

void TunerPolicy::try_lower(const HpaObservation& hpa, std::optional<int> decided, Decision& decision) const {
  const int current = decision.current;
  int wants = std::max(rules_.min_replicas, decided.value_or(0));
  wants = std::min({wants, rules_.max_replicas, hpa.max_replicas});
  if (wants >= current) return;
  decision.selected = decided && *decided > rules_.min_replicas ? "decision service" : "minReplicas of the tuner";
  decision.raw = wants;
  decision.final = wants;
  if (inside(last_raised_, rules_.downscale_forbidden_window, decision.at)) {
    step_to(decision, current, "downscaleForbiddenWindowSeconds",
            "the minimum was raised at " + base::format_rfc3339(*last_raised_));
  } else if (!last_raised_ && !last_lowered_ && inside(first_seen_, rules_.downscale_forbidden_window, decision.at)) {
    step_to(decision, current, "downscaleForbiddenWindowSeconds",
            "the tuner knows no change before its start at " + base::format_rfc3339(*first_seen_));
  } else if (inside(last_lowered_, rules_.upscale_forbidden_window_after_downscale, decision.at)) {
    step_to(decision, current, "upscaleForbiddenWindowAfterDownscaleSeconds",
            "the minimum was lowered at " + base::format_rfc3339(*last_lowered_));
  } else if (hpa.cpu_utilization && *hpa.cpu_utilization >= rules_.cpu_idling_percentage) {
    step_to(decision, current, "cpuIdlingPercentage",
            fmt::format("the CPU is at {} %, idle is below {} %", *hpa.cpu_utilization, rules_.cpu_idling_percentage));
  }
}

void TunerPolicy::inherit(const Policy& previous) {
  const auto* before = dynamic_cast<const TunerPolicy*>(&previous);
  if (before == nullptr) return;
  first_seen_ = before->first_seen_;
  last_raised_ = before->last_raised_;
  last_lowered_ = before->last_lowered_;
}

void TunerPolicy::applied(const Decision& decision) {
  if (decision.final > decision.current) last_raised_ = decision.at;
  if (decision.final < decision.current) last_lowered_ = decision.at;
}

}  // namespace scaler
