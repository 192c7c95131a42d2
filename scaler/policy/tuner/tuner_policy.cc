#include "scaler/policy/tuner/tuner_policy.h"

#include <fmt/format.h>

#include <algorithm>

#include "common/base/time_format.h"
#include "scaler/policy/decision_steps.h"
#include "scaler/policy/setting_text.h"
#include "scaler/policy/tuner/minimum_decision.h"

namespace scaler {
namespace {

constexpr char kUpWindow[] = "upscaleForbiddenWindowAfterDownscaleSeconds";
constexpr char kDownWindow[] = "downscaleForbiddenWindowSeconds";

// A time in which a direction is forbidden; its last instant belongs to it.
struct Window {
  const char* rule;
  const char* change;  // "raised" or "lowered"
  std::optional<base::Time> since;
  base::Duration length;

  bool holds(base::Time now) const { return since && now <= *since + length; }
};

void hold(Decision& decision, const Window& window, int at) {
  const base::Time last = *window.since + window.length;
  decision.next = NextChange{last + base::Duration(1), std::string(window.rule) + " ends"};
  step_to(decision, at, window.rule,
          fmt::format("the minimum was {} at {}", window.change, base::format_rfc3339(*window.since)),
          base::format_duration(window.length), duration_text(last - decision.at));
}

// Notes a window that does not hold.
void pass(Decision& decision, const Window& window) {
  std::string why = fmt::format("the minimum was never {}", window.change);
  if (window.since) {
    why = fmt::format("the minimum was {} {} ago > {}", window.change, duration_text(decision.at - *window.since),
                      base::format_duration(window.length));
  }
  decision.unused.push_back({window.rule, std::move(why)});
}

// Keeps the decision below a maximum, which never turns a raise into a cut.
void bound(Decision& decision, int max, const char* rule, const char* why) {
  const int bounded = std::max(decision.current, std::min(decision.final, max));
  if (bounded != decision.final) decision.next.reset();  // the end of a window lets nothing more through
  step_to(decision, bounded, rule, why, fmt::to_string(max));
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
  needs.decision_service = rules_.use_decision_service;
  needs.decision_status_unchecked = rules_.bugs.unchecked_status;
  needs.decision_garbage_is_zero = rules_.bugs.garbage_is_zero;
  return needs;
}

// A minimum below 1 cannot be meant: the service says -1 for no opinion.
std::optional<int> TunerPolicy::opinion(const Observation& observation, Decision& decision) const {
  if (!rules_.use_decision_service) return std::nullopt;
  std::optional<int> decided = observation.decision_min;
  if (decided && *decided < (rules_.bugs.garbage_is_zero ? 0 : 1)) decided.reset();
  decision.inputs.push_back(wish("decision service", decided, decided ? "" : "no opinion"));
  return decided;
}

Decision TunerPolicy::evaluate(const Observation& observation) {
  Decision decision = minimum_decision(name_, target_, observation);
  if (!observation.hpa) return decision;
  const HpaObservation& hpa = *observation.hpa;

  const std::optional<int> decided = opinion(observation, decision);
  decision.inputs.push_back(wish("minReplicas of the tuner", rules_.min_replicas));
  decision.inputs.push_back(wish("status.desiredReplicas", hpa.desired_replicas));
  Input cpu;
  cpu.metric = "cpu";
  if (hpa.cpu_utilization) cpu.value = *hpa.cpu_utilization;
  if (!cpu.value) cpu.note = "the HPA's status tells no utilization";
  if (hpa.cpu_target) cpu.target = *hpa.cpu_target;
  decision.inputs.push_back(std::move(cpu));

  try_raise(hpa, decided, decision);
  if (decision.final == decision.current && decision.steps.empty()) try_lower(hpa, decided, decision);
  if (decision.final != decision.current) {
    const bool up = decision.final > decision.current;
    decision.events.push_back(
        {false, up ? "SuccessfulUpscaleMin" : "SuccessfulDownscaleMin", fmt::format("SET Min to {}", decision.final)});
    if (rules_.bugs.stamps_failed_updates) stamp(decision);
  }
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
  const Window window{kUpWindow, "lowered", status_.last_down_scale_time,
                      rules_.upscale_forbidden_window_after_downscale};
  if (!window.holds(decision.at)) {
    pass(decision, window);
  } else if (decided && *decided == wants) {
    decision.unused.push_back({kUpWindow, "the decision service may raise the minimum at any time"});
  } else if (decided && *decided > current) {
    decision.selected = "decision service";
    hold(decision, window, *decided);
  } else {
    hold(decision, window, current);
  }
  if (rules_.bugs.unbounded_minimum) return;
  bound(decision, rules_.max_replicas, "maxReplicas", "the most that the tuner may set");
  bound(decision, hpa.max_replicas, "hpa.maxReplicas",
        "a minimum above the HPA's maximum is refused by the API server");
}

int TunerPolicy::idle_below(const HpaObservation& hpa) const {
  if (rules_.cpu_idling_percentage > 0 || rules_.bugs.idle_divisor == 0) return rules_.cpu_idling_percentage;
  return hpa.cpu_target.value_or(kDefaultCpuTarget) / rules_.bugs.idle_divisor;
}

void TunerPolicy::try_lower(const HpaObservation& hpa, std::optional<int> decided, Decision& decision) const {
  const int current = decision.current;
  int wants = std::max(rules_.min_replicas, decided.value_or(0));
  if (!rules_.bugs.unbounded_minimum) wants = std::min({wants, rules_.max_replicas, hpa.max_replicas});
  if (wants >= current) return;
  decision.selected = decided && *decided > rules_.min_replicas ? "decision service" : "minReplicas of the tuner";
  decision.raw = wants;
  decision.final = wants;
  const Window after_raise{kDownWindow, "raised", status_.last_up_scale_time, rules_.downscale_forbidden_window};
  const Window after_cut{kUpWindow, "lowered", status_.last_down_scale_time,
                         rules_.upscale_forbidden_window_after_downscale};
  if (after_raise.holds(decision.at)) return hold(decision, after_raise, current);
  pass(decision, after_raise);
  if (after_cut.holds(decision.at)) return hold(decision, after_cut, current);
  const int idle = idle_below(hpa);
  if (hpa.cpu_utilization && *hpa.cpu_utilization >= idle) {
    step_to(decision, current, "cpuIdlingPercentage",
            fmt::format("the CPU is at {} %, idle is below {} %", *hpa.cpu_utilization, idle), fmt::to_string(idle));
  }
}

void TunerPolicy::inherit(const Policy& previous) {
  const auto* before = dynamic_cast<const TunerPolicy*>(&previous);
  if (before != nullptr) status_ = before->status_;
}

void TunerPolicy::applied(const Decision& decision) { stamp(decision); }

void TunerPolicy::stamp(const Decision& decision) {
  if (decision.final > decision.current) status_.last_up_scale_time = decision.at;
  if (decision.final < decision.current) status_.last_down_scale_time = decision.at;
}

}  // namespace scaler
