#include "scaler/policy/wpa/wpa_policy.h"

#include <fmt/format.h>

#include <algorithm>

#include "common/base/number_format.h"
#include "common/base/time_format.h"
#include "scaler/policy/decision_steps.h"
#include "scaler/policy/setting_text.h"

namespace scaler {
namespace {

using Position = WatermarkProposal::Position;

std::string number(std::int64_t thousandths) { return base::format_number(milli(thousandths)); }
std::string percent(std::int64_t factor) { return number(factor) + "%"; }
std::string count(int pods) { return base::format_number(std::int64_t{pods}); }

// "0 of 5": what is left of the pods that one step may add or take away.
std::string used_up(int from, int to) { return "0 of " + count(from < to ? to - from : from - to); }

}  // namespace

void WpaPolicy::Condition::set(bool value, base::Time now) {
  if (on == value) return;
  on = value;
  since = now;
}

WpaPolicy::WpaPolicy(const PolicySpec& spec)
    : name_(spec.name), target_(spec.target_path()), spec_(std::get<WpaSpec>(spec.rules)) {}

MetricNeeds WpaPolicy::needs() const {
  MetricNeeds needs;
  for (const WpaMetric& metric : spec_.metrics) {
    const MetricNeed need{metric.name, metric.selector, {}};
    if (metric.source == WpaMetric::Source::kResource) {
      needs.resource_metrics = true;
    } else if (std::find(needs.externals.begin(), needs.externals.end(), need) == needs.externals.end()) {
      needs.externals.push_back(need);
    }
  }
  return needs;
}

Decision WpaPolicy::evaluate(const Observation& observation) {
  Decision decision = replicas_decision(name_, target_, observation);
  if (decision.current == 0) {
    decision.note = "the target has zero replicas, which switches autoscaling off";
    return decision;
  }
  const auto round = propose(observation, decision);
  if (!round) return decision;
  above_.set(round->above, observation.now);
  below_.set(round->below, observation.now);
  tell_proposal(*round, decision);
  limit(*round, decision);
  bool scales = may_scale(!round->above && !round->below, decision);
  if (override_bounds(observation, decision)) scales = true;
  if (spec_.dry_run) step_to(decision, decision.current, "dryRun", "only the status is written", "true");
  // What changes the scale counts once it is written, the rest counts now.
  if (scales && decision.final == decision.current) last_scale_ = observation.now;
  return decision;
}

std::optional<WpaPolicy::Round> WpaPolicy::propose(const Observation& observation, Decision& decision) const {
  Round round;
  bool first = true;
  for (const WpaMetric& metric : spec_.metrics) {
    const auto usage = read_wpa_metric(spec_, metric, observation);
    if (!usage) {
      Input input;
      input.metric = metric.name;
      input.note = usage.error().message;
      decision.inputs.push_back(std::move(input));
      if (decision.error.empty()) decision.error = metric.name + ": " + usage.error().message;
      continue;
    }
    const WatermarkProposal proposal =
        propose_by_watermarks(spec_, metric, usage->sum_milli, usage->ready, decision.current);
    decision.inputs.push_back(input_of(metric, *usage, proposal, observation.now));
    if (metric.source == WpaMetric::Source::kResource && metric.selector != observation.scale.selector) {
      decision.inputs.back().note += ", of all pods of the target: metricSelector is not its selector";
    }
    round.above = round.above || proposal.position == Position::kAbove;
    round.below = round.below || proposal.position == Position::kBelow;
    if (first || proposal.replicas > round.proposal.replicas) {
      decision.selected = metric.name;
      round.proposal = proposal;
      round.ready = usage->ready;
    }
    first = false;
  }
  if (decision.error.empty()) return round;
  decision.selected.clear();
  decision.note = "a metric without a value ends the round: nothing changes";
  return std::nullopt;
}

Input WpaPolicy::input_of(const WpaMetric& metric, const WpaUsage& usage, const WatermarkProposal& proposal,
                          base::Time now) const {
  Input input;
  input.metric = metric.name;
  if (!proposal.no_share) input.value = proposal.zero ? 0.0 : proposal.usage_milli / 1000.0;
  if (usage.oldest) input.age = now - *usage.oldest;
  input.target = milli(proposal.position == Position::kBelow ? metric.low_milli : metric.high_milli);
  input.wants = proposal.replicas;
  const std::string band = number(proposal.low_milli) + " to " + number(proposal.high_milli);
  if (proposal.no_share) {
    input.note = "no pods to share it (status.replicas is 0)";
  } else if (proposal.zero) {
    input.note = "0 is not tolerated (tolerateZero): the ready pods stay";
  } else if (proposal.position == Position::kInside) {
    input.note = "inside " + band;
  } else {
    input.note = (proposal.position == Position::kAbove ? "above " : "below ") + band;
  }
  return input;
}

void WpaPolicy::tell_proposal(const Round& round, Decision& decision) const {
  const WatermarkProposal& proposal = round.proposal;
  decision.raw = decision.final = proposal.raw;
  step_to(decision, proposal.rounded, "replicaScalingAbsoluteModulo", "up to a multiple of it", count(spec_.modulo));
  if (proposal.position == Position::kInside) {
    if (spec_.converge == WpaSpec::Converge::kOff || proposal.zero) return;
    const bool shed = spec_.converge == WpaSpec::Converge::kHighWatermark;
    const std::string why =
        shed ? fmt::format("from {} pods on the usage stays below the high watermark", proposal.bound)
             : fmt::format("up to {} pods the usage stays above the low watermark", proposal.bound);
    if (proposal.replicas == decision.final) decision.unused.push_back({"convergeTowardsWatermark", why});
    step_to(decision, proposal.replicas, "convergeTowardsWatermark", why, shed ? "highwatermark" : "lowwatermark");
    return;
  }
  const bool above = proposal.position == Position::kAbove;
  step_to(decision, proposal.replicas, above ? "highWatermark" : "lowWatermark",
          above ? "a value above the watermark takes no pods away" : "a value below the watermark adds no pods");
}

void WpaPolicy::limit(const Round& round, Decision& decision) const {
  using Limit = Velocity::Limit;
  const int current = decision.current;
  const Velocity velocity = limit_velocity(spec_, current, decision.final, round.ready);
  if (velocity.limit == Limit::kNone && spec_.min_replicas == 0 && decision.final < current) {
    decision.unused.push_back(
        {"scaleDownLimitFactor", fmt::format("minReplicas 0 switches it off; {} of {} would let one step go down to {}",
                                             percent(spec_.scale_down_limit), current, velocity.down_to)});
  } else if (velocity.limit == Limit::kNone) {
    decision.unused.push_back(
        {decision.final >= current ? "scaleUpLimitFactor" : "scaleDownLimitFactor",
         fmt::format("{} is within {} to {}, {} and {} of {}", decision.final, velocity.down_to, velocity.up_to,
                     percent(spec_.scale_down_limit), percent(spec_.scale_up_limit), current)});
  } else if (velocity.too_few_ready) {
    step_to(decision, velocity.replicas, "scaleDownLimitFactor",
            fmt::format("only {} pods are ready, fewer than may stay: nothing shrinks", round.ready),
            percent(spec_.scale_down_limit));
  } else if (velocity.limit == Limit::kScaleDown && velocity.replicas == velocity.down_to) {
    step_to(decision, velocity.replicas, "scaleDownLimitFactor",
            spec_.scale_down_limit == 0 ? "0 switches shrinking off" : "one step takes no more away",
            percent(spec_.scale_down_limit), used_up(current, velocity.down_to));
  } else if (velocity.limit == Limit::kScaleUp && velocity.replicas == velocity.up_to) {
    step_to(decision, velocity.replicas, "scaleUpLimitFactor",
            spec_.scale_up_limit == 0 ? "0 switches growing off" : "one step adds no more",
            percent(spec_.scale_up_limit), used_up(current, velocity.up_to));
  } else if (velocity.limit == Limit::kScaleDown || velocity.limit == Limit::kTooFew) {
    step_to(decision, velocity.replicas, "minReplicas",
            spec_.min_replicas == 0 ? "with a minimum of 0 one replica stays" : "the fewest replicas",
            count(spec_.min_replicas));
  } else {
    step_to(decision, velocity.replicas, "maxReplicas", "the most replicas", count(spec_.max_replicas));
  }
}

bool WpaPolicy::may_scale(bool stable, Decision& decision) const {
  if (!last_scale_) {
    decision.unused.push_back({"forbidden windows", "no scaling is known yet; they start now"});
    return true;
  }
  const bool up = decision.final > decision.current;
  const bool down = decision.final < decision.current;
  for (const bool upwards : {true, false}) {
    if (upwards ? up : down) continue;
    const base::Duration window = upwards ? spec_.upscale_forbidden_window : spec_.downscale_forbidden_window;
    const base::Duration left = *last_scale_ + window - decision.at;
    if (left <= base::Duration::zero()) continue;
    decision.unused.push_back(
        {upwards ? "upscaleForbiddenWindowSeconds" : "downscaleForbiddenWindowSeconds",
         fmt::format("no {} for another {}, none is asked", upwards ? "growing" : "shrinking", seconds_text(left))});
  }
  return (up || down) && !hold(up, stable, decision);
}

bool WpaPolicy::hold(bool up, bool stable, Decision& decision) const {
  const std::string window_rule = up ? "upscaleForbiddenWindowSeconds" : "downscaleForbiddenWindowSeconds";
  const base::Duration window = up ? spec_.upscale_forbidden_window : spec_.downscale_forbidden_window;
  const base::Time open = *last_scale_ + window;
  const std::string elapsed = "last change " + seconds_text(decision.at - *last_scale_) + " ago";
  const base::Duration delay = up ? spec_.upscale_delay : spec_.downscale_delay;
  const Condition& outside = up ? above_ : below_;
  if (delay > base::Duration::zero() && !stable) {
    const std::string delay_rule = up ? "upscaleDelayAboveWatermarkSeconds" : "downscaleDelayBelowWatermarkSeconds";
    const std::string side = up ? "above" : "below";
    const base::Time due = outside.since + delay;
    if (outside.on != true || decision.at < due) {
      const bool counting = outside.on == true;
      step_to(decision, decision.current, delay_rule,
              counting ? side + " since " + base::format_rfc3339(outside.since) : "no metric is " + side,
              seconds_text(delay), counting ? seconds_text(due - decision.at) : "");
      if (counting) decision.next = NextChange{std::max(due, open), delay_rule + " is over"};
      return true;
    }
    decision.unused.push_back(
        {delay_rule, side + " since " + seconds_text(decision.at - outside.since) + " >= " + seconds_text(delay)});
  }
  if (decision.at < open) {
    step_to(decision, decision.current, window_rule, elapsed + ", at " + base::format_rfc3339(*last_scale_),
            seconds_text(window), seconds_text(open - decision.at));
    decision.next = NextChange{open, window_rule + " is over"};
    return true;
  }
  decision.unused.push_back({window_rule, elapsed + " >= " + seconds_text(window)});
  return false;
}

bool WpaPolicy::override_bounds(const Observation& observation, Decision& decision) const {
  const int current = decision.current;
  if (current > spec_.max_replicas) {
    step_to(decision, spec_.max_replicas, "maxReplicas", "the current count is above it, whatever the windows say",
            count(spec_.max_replicas));
  } else if (current < spec_.min_replicas) {
    step_to(decision, spec_.min_replicas, "minReplicas", "the current count is below it, whatever the windows say",
            count(spec_.min_replicas));
  } else if (observation.scale.status_replicas == 0) {
    step_to(decision, 1, "status.replicas", "the target has no pods, whatever the windows say");
  } else {
    return false;
  }
  decision.next.reset();
  return true;
}

void WpaPolicy::applied(const Decision& decision) {
  if (decision.final != decision.current) last_scale_ = decision.at;
}

void WpaPolicy::inherit(const Policy& previous) {
  const auto* before = dynamic_cast<const WpaPolicy*>(&previous);
  if (before == nullptr) return;
  last_scale_ = before->last_scale_;
  above_ = before->above_;
  below_ = before->below_;
}

}  // namespace scaler
