#include "scaler/policy/kpa/kpa_policy.h"

#include <fmt/format.h>

#include <algorithm>

#include "common/base/number_format.h"
#include "common/base/time_format.h"
#include "scaler/policy/decision_steps.h"
#include "scaler/policy/hpa/saturate.h"
#include "scaler/policy/setting_text.h"

namespace scaler {
namespace {

constexpr int kSecondsATick = 2;
constexpr const char* kGraceRule = "scale-to-zero-grace-period";
constexpr const char* kRetentionRule = "scale-to-zero-pod-retention-period";

MetricNeed need_of(const PolicySpec& spec) {
  const bool rps = std::get<KpaSpec>(spec.rules).metric == KpaSpec::Metric::kRps;
  return {rps ? "requests_per_second" : "concurrency", "deployment=" + spec.target.name, {}};
}

WindowAverage::Kind average_of(const KpaSpec& spec) {
  return spec.weighted_average ? WindowAverage::Kind::kWeighted : WindowAverage::Kind::kLinear;
}

// As the endpoints of the service count them.
int ready_pods(const std::vector<PodObservation>& pods) {
  const auto serves = [](const PodObservation& pod) {
    return !pod.deleting && pod.phase == PodPhase::kRunning && pod.ready == ConditionStatus::kTrue;
  };
  return static_cast<int>(std::count_if(pods.begin(), pods.end(), serves));
}

}  // namespace

KpaPolicy::KpaPolicy(const PolicySpec& spec)
    : name_(spec.name),
      target_(spec.target_path()),
      spec_(std::get<KpaSpec>(spec.rules)),
      need_(need_of(spec)),
      stable_(spec_.stable_window, average_of(spec_)),
      panic_(panic_window(spec_), average_of(spec_)) {}

MetricNeeds KpaPolicy::needs() const {
  MetricNeeds needs;
  needs.externals.push_back(need_);
  return needs;
}

Decision KpaPolicy::evaluate(const Observation& observation) {
  Decision decision = replicas_decision(name_, target_, observation);
  const int ready = ready_pods(observation.pods);
  if (!decider_) decider_.emplace(decider_spec(spec_), observation.now, ready);
  if (!zero_) zero_.emplace(spec_, observation.now);

  const Sample sample = read(observation);
  if (sample.value) record(observation.now, *sample.value);
  if (!sample.problem.empty()) decision.error = need_.name + ": " + sample.problem;
  if (stable_.empty(observation.now) && panic_.empty(observation.now)) {
    without_data(ready, decision);
    return decision;
  }
  const double stable = stable_.average(observation.now);
  const double panic = panic_.average(observation.now);
  const DeciderTick tick = decider_->tick(observation.now, stable, panic, ready);
  burst_capacity_ = tick.excess_burst_capacity;
  tell_inputs(sample, tick, stable, panic, decision);
  tell_tick(tick, ready, decision);
  reconcile(tick.desired, ready, decision);
  decision.inputs.back().note = fmt::format("excess burst capacity {}: {}", tick.excess_burst_capacity,
                                            zero_->mode() == ServeMode::kServe
                                                ? "requests go to the pods (Serve)"
                                                : fmt::format("{} activators in the path (Proxy)", tick.activators));
  return decision;
}

KpaPolicy::Sample KpaPolicy::read(const Observation& observation) const {
  Sample sample;
  const auto found = observation.external_metrics.find(need_);
  if (found == observation.external_metrics.end()) {
    sample.problem = "was not read";
    return sample;
  }
  if (!found->second) {
    sample.problem = found->second.error().message;
    return sample;
  }
  std::int64_t total = 0;
  base::Duration age{};
  for (const MetricValue& value : *found->second) {
    total = saturating_add(total, value.value_milli);
    age = std::max(age, observation.now - value.timestamp);
    if (value.value_milli < 0) sample.problem = "a negative value, " + base::format_number(milli(value.value_milli));
  }
  if (found->second->empty()) {
    sample.problem = "no series of " + need_.selector;
  } else if (sample.problem.empty() && age > spec_.stable_window) {
    sample.problem = "stale: measured " + seconds_text(age) + " ago, longer than the stable window";
  }
  if (!sample.problem.empty()) return sample;
  sample.value = milli(total);
  sample.age = age;
  return sample;
}

void KpaPolicy::record(base::Time now, double value) {
  const std::int64_t second = std::chrono::floor<std::chrono::seconds>(now).time_since_epoch().count();
  const auto last = stable_.last_second();
  const std::int64_t first = last ? std::max(*last + 1, second - kSecondsATick + 1) : second;
  for (std::int64_t at = first; at <= second; ++at) {
    stable_.record(base::Time(std::chrono::seconds(at)), value);
    panic_.record(base::Time(std::chrono::seconds(at)), value);
  }
}

// Without a decision of the decider: its bounds and its deadline, until it was active once.
void KpaPolicy::without_data(int ready, Decision& decision) {
  for (const char* window : {"stable", "panic"}) {
    Input input;
    input.metric = need_.name + " " + window;
    input.target = decider_->spec().target_value;
    input.note = decision.error;
    decision.inputs.push_back(std::move(input));
  }
  decision.note = "no data in the windows: nothing changes";
  if (!burst_capacity_) reconcile(-1, ready, decision);
}

void KpaPolicy::tell_inputs(const Sample& sample, const DeciderTick& tick, double stable, double panic,
                            Decision& decision) const {
  const auto add = [&](const char* window, double value, int wants, bool has_data) {
    Input input;
    input.metric = need_.name + " " + window;
    if (has_data) input.value = value;
    input.age = sample.age;
    input.target = decider_->spec().target_value;
    if (has_data) input.wants = wants;
    if (!sample.problem.empty()) input.note = "no new value: " + sample.problem;
    decision.inputs.push_back(std::move(input));
  };
  add("stable", stable, tick.raw_stable, true);
  add("panic", panic, tick.raw_panic, !panic_.empty(decision.at));
}

void KpaPolicy::tell_tick(const DeciderTick& tick, int ready, Decision& decision) const {
  decision.raw = decision.final = tick.raw_stable;
  decision.selected = need_.name + " stable";
  tell_rates(tick, ready, decision);
  step_to(decision, tick.stable, "activation-scale", "the fewest pods when there is traffic",
          base::format_number(std::int64_t{spec_.activation_scale}));
  tell_panic(tick, ready, decision);
  const auto until = decider_->delay().largest_until();
  if (tick.desired != tick.before_delay && until) {
    step_to(decision, tick.desired, "scale-down-delay", "the most that was wanted within it",
            seconds_text(spec_.scale_down_delay), seconds_text(*until - decision.at));
    decision.next = NextChange{*until, "scale-down-delay forgets the most that was wanted"};
  }
}

void KpaPolicy::tell_rates(const DeciderTick& tick, int ready, Decision& decision) const {
  const int counted = std::max(1, ready);  // none counts as one
  const std::string pods = fmt::format("{} ready {} may become ", ready, ready == 1 ? "pod" : "pods");
  const std::string up = fmt::format("{}{} at most in one tick", pods, tick.most_pods);
  const std::string down = fmt::format("{}{} at least in one tick", pods, tick.fewest_pods);
  if (tick.rate_limited_stable < tick.raw_stable) {
    step_to(decision, tick.rate_limited_stable, "max-scale-up-rate", up, base::format_number(spec_.max_scale_up_rate),
            fmt::format("0 of {}", tick.most_pods - counted));
  } else if (tick.rate_limited_stable > tick.raw_stable) {
    step_to(decision, tick.rate_limited_stable, "max-scale-down-rate", down,
            base::format_number(spec_.max_scale_down_rate), fmt::format("0 of {}", counted - tick.fewest_pods));
  } else if (tick.raw_stable > counted) {
    if (!limits_panic(tick)) decision.unused.push_back({"max-scale-up-rate", up});
  } else if (tick.raw_stable < counted) {
    decision.unused.push_back({"max-scale-down-rate", down});
  }
}

// Whether max-scale-up-rate cuts what the panic window asks for.
bool KpaPolicy::limits_panic(const DeciderTick& tick) const {
  return decider_->panic_since() && tick.rate_limited_panic < tick.raw_panic;
}

void KpaPolicy::tell_panic(const DeciderTick& tick, int ready, Decision& decision) const {
  const auto since = decider_->panic_since();
  const std::string threshold = base::format_number(spec_.panic_threshold_percentage) + "%";
  if (!since) {
    decision.unused.push_back({"panic", fmt::format("the panic window asks {} of {} ready pods, below {}",
                                                    tick.raw_panic, std::max(1, ready), threshold)});
    return;
  }
  const base::Time until = *decider_->panic_until();
  const std::string span = "panic since " + base::format_rfc3339(*since) + ", until " + base::format_rfc3339(until);
  const std::string left = seconds_text(until - decision.at);
  std::string asks = fmt::format("the panic window asks {}", tick.raw_panic);
  if (limits_panic(tick)) {
    asks += fmt::format(", of which max-scale-up-rate {} allows {}", base::format_number(spec_.max_scale_up_rate),
                        tick.rate_limited_panic);
  }
  if (tick.before_delay == tick.stable) {
    decision.unused.push_back(
        {"panic", span + ": " + (limits_panic(tick) ? asks + "; " : "") + "the stable window asks as much"});
    return;
  }
  const bool by_panic_window = tick.before_delay == tick.panic;
  if (by_panic_window) decision.selected = need_.name + " panic";
  const std::string why = by_panic_window
                              ? asks
                              : fmt::format("nothing shrinks, {} were asked at its height{}",
                                            decider_->most_panic_pods(), limits_panic(tick) ? "; " + asks : "");
  step_to(decision, tick.before_delay, "panic", span + ": " + why, threshold, left);
  decision.trigger = Trigger::kPanic;
  if (!by_panic_window) decision.next = NextChange{until, "the panic ends, nothing shrinks before"};
}

void KpaPolicy::reconcile(int desired, int ready, Decision& decision) {
  ReconcileInput input;
  input.now = decision.at;
  input.desired = desired;
  input.excess_burst_capacity = burst_capacity_.value_or(initial_burst_capacity(spec_, decider_->spec().total_value));
  input.ready = ready;
  const int least = zero_->least();
  const ReconcileResult result = zero_->reconcile(input);
  if (desired >= 0 || result.apply) tell_bounds(result.bounded, desired, least, decision);
  if (result.zero != ReconcileResult::Zero::kNotAsked) tell_zero(result, decision);
}

void KpaPolicy::tell_bounds(int bounded, int desired, int least, Decision& decision) const {
  // Without a decision the minimum may raise the count, and nothing lowers it.
  if (desired < 0 && bounded <= decision.current) return;
  const std::string number = base::format_number(std::int64_t{bounded});
  if (bounded < desired) {
    step_to(decision, bounded, "max-scale", "the most pods that the revision may have", number);
  } else if (bounded > desired && least > spec_.min_replicas) {
    step_to(decision, bounded, "initial-scale", "it was not ready with so many once yet", number);
  } else if (bounded > desired) {
    step_to(decision, bounded, "min-scale", "the fewest pods that the revision may have", number);
  }
}

void KpaPolicy::tell_zero(const ReconcileResult& result, Decision& decision) const {
  using Zero = ReconcileResult::Zero;
  const std::string left = result.until ? seconds_text(*result.until - decision.at) : "";
  const std::string since = base::format_rfc3339(zero_->activity_since());
  const int after = result.apply ? result.want : decision.current;
  const auto hold = [&](const char* rule, std::string why, base::Duration setting) {
    step_to(decision, after, rule, std::move(why), seconds_text(setting), left);
    if (result.until && decision.current != 0)
      decision.next = NextChange{*result.until, std::string(rule) + " is over"};
  };
  switch (result.zero) {
    case Zero::kNotAsked: break;
    case Zero::kGranted: tell_granted(decision); break;
    case Zero::kDisabled: step_to(decision, 1, "enable-scale-to-zero", "the last pod stays", "false"); break;
    case Zero::kActivating:
      hold("progress-deadline", "the revision is being activated", spec_.progress_deadline);
      break;
    case Zero::kTimedOut:
      step_to(decision, 0, "progress-deadline", "the revision was never active", seconds_text(spec_.progress_deadline));
      break;
    case Zero::kRecentlyActive:
      hold("window", "active since " + since + ", less than a stable window", spec_.stable_window);
      break;
    case Zero::kMarkedInactive:
      step_to(decision, after, "scale-to-zero", "marked inactive: the activator gets into the path first");
      break;
    case Zero::kNotProbed: step_to(decision, after, "scale-to-zero", "the activator is not in the path yet"); break;
    case Zero::kRetention: hold(kRetentionRule, "inactive since " + since, spec_.pod_retention_period); break;
    case Zero::kGrace: hold(kGraceRule, "inactive since " + since, spec_.scale_to_zero_grace_period); break;
  }
  if (result.zero_at && decision.current != 0) tell_next_zero(result, decision);
}

// The next evaluation is the first that can go to zero.
void KpaPolicy::tell_next_zero(const ReconcileResult& result, Decision& decision) const {
  const base::Time tick = decision.at + std::chrono::seconds(kSecondsATick);
  const char* rule = result.decided_by == ReconcileResult::Period::kRetention ? kRetentionRule : kGraceRule;
  const bool waited = *result.zero_at <= decision.at;
  decision.next = NextChange{
      std::max(tick, *result.zero_at),
      waited ? fmt::format("the activator was in the path for the {} already", rule) : std::string(rule) + " is over"};
}

// What the last pod had to outlast.
void KpaPolicy::tell_granted(Decision& decision) const {
  if (decision.current == 0) return;
  const base::Duration inactive = decision.at - zero_->activity_since();
  const base::Duration grace = spec_.scale_to_zero_grace_period;
  const base::Duration retention = spec_.pod_retention_period;
  if (retention > base::Duration::zero()) {
    decision.unused.push_back(
        {kRetentionRule, fmt::format("inactive for {} >= {}", seconds_text(inactive), seconds_text(retention))});
  }
  const bool by_inactivity = inactive >= grace;
  const base::Duration waited = by_inactivity ? inactive : decision.at - zero_->mode_since();
  decision.unused.push_back(
      {kGraceRule, fmt::format("{} for {} >= {}", by_inactivity ? "inactive" : "the activator is in the path",
                               seconds_text(waited), seconds_text(grace))});
}

void KpaPolicy::inherit(const Policy& previous) {
  const auto* before = dynamic_cast<const KpaPolicy*>(&previous);
  if (before == nullptr) return;
  if (before->need_ == need_ && before->spec_.weighted_average == spec_.weighted_average) {
    stable_ = before->stable_.resized(spec_.stable_window);
    panic_ = before->panic_.resized(panic_window(spec_));
    burst_capacity_ = before->burst_capacity_;
  }
  decider_ = before->decider_;
  if (decider_) decider_->update(decider_spec(spec_));
  zero_ = before->zero_;
  if (zero_) zero_->update(spec_);
}

}  // namespace scaler
