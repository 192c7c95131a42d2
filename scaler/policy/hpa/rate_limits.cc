#include "scaler/policy/hpa/rate_limits.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "common/base/check.h"
#include "common/base/number_format.h"
#include "common/base/time_format.h"
#include "scaler/policy/hpa/saturate.h"

namespace scaler {
namespace {

// The count at the start of the period: today's, without what was changed since.
std::int64_t start_of_period(int current, const ScaleHistory& history, base::Duration period, base::Time now) {
  return std::int64_t{current} - change_within(history.up, period, now) + change_within(history.down, period, now);
}

double reach_up(const RatePolicy& policy, std::int64_t start) {
  if (policy.type == RatePolicy::Type::kPods) return static_cast<double>(start + policy.value);
  return std::ceil(static_cast<double>(start) * (1.0 + static_cast<double>(policy.value) / 100.0));
}

double reach_down(const RatePolicy& policy, std::int64_t start) {
  if (policy.type == RatePolicy::Type::kPods) return static_cast<double>(start - policy.value);
  return std::trunc(static_cast<double>(start) * (1.0 - static_cast<double>(policy.value) / 100.0));
}

std::string describe(const RatePolicy& policy) {
  return fmt::format("{}{} per {}", policy.value, policy.type == RatePolicy::Type::kPods ? " pods" : " %",
                     base::format_duration(policy.period));
}

// `sign` is 1 upwards and -1 downwards; with it, "reaches further" is a comparison in either direction.
RateLimit rate_limit(int current, const ScaleHistory& history, const ScalingRules& rules, base::Time now, int sign) {
  const std::string side = sign > 0 ? "behavior.scaleUp" : "behavior.scaleDown";
  if (rules.select == SelectPolicy::kDisabled) return {current, side + ".selectPolicy", "Disabled"};
  const RatePolicy* decisive = nullptr;
  int limit = 0;
  for (const RatePolicy& policy : rules.policies) {
    const std::int64_t start = start_of_period(current, history, policy.period, now);
    const int reach = saturate_to_int(sign > 0 ? reach_up(policy, start) : reach_down(policy, start));
    const bool further = sign > 0 ? reach > limit : reach < limit;
    const bool nearer = sign > 0 ? reach < limit : reach > limit;
    if (decisive == nullptr || (rules.select == SelectPolicy::kMax ? further : nearer)) {
      decisive = &policy;
      limit = reach;
    }
  }
  CHECK(decisive != nullptr, "scaling rules without policies");
  return {sign > 0 ? std::max(limit, current) : std::min(limit, current),
          side + (decisive->type == RatePolicy::Type::kPods ? ".pods" : ".percent"), describe(*decisive)};
}

Limited cut(int desired, int limit, LimitReason reason, std::string rule, std::string why) {
  const bool above = reason == LimitReason::kTooManyReplicas || reason == LimitReason::kScaleUpLimit;
  if (above ? desired <= limit : desired >= limit) return {.replicas = desired, .rule = {}, .why = {}};
  return {limit, reason, std::move(rule), std::move(why)};
}

}  // namespace

ScalingRules default_scale_up_rules() {
  using std::chrono::seconds;
  return {.stabilization_window = base::Duration::zero(),
          .select = SelectPolicy::kMax,
          .policies = {{RatePolicy::Type::kPods, 4, seconds(15)}, {RatePolicy::Type::kPercent, 100, seconds(15)}},
          .tolerance = std::nullopt};
}

ScalingRules default_scale_down_rules() {
  return {.stabilization_window = std::nullopt,
          .select = SelectPolicy::kMax,
          .policies = {{RatePolicy::Type::kPercent, 100, std::chrono::seconds(15)}},
          .tolerance = std::nullopt};
}

int change_within(const std::vector<ScaleEvent>& events, base::Duration period, base::Time now) {
  const base::Time cutoff = now - period;
  int sum = 0;
  for (const ScaleEvent& event : events) {
    if (event.at > cutoff) sum += event.change;
  }
  return sum;
}

void store_event(std::vector<ScaleEvent>& events, const ScalingRules& rules, int change, base::Time now) {
  base::Duration longest{};
  for (const RatePolicy& policy : rules.policies) longest = std::max(longest, policy.period);
  const base::Time cutoff = now - longest;
  ScaleEvent* reusable = nullptr;
  for (ScaleEvent& event : events) {
    if (event.at < cutoff) event.outdated = true;
    if (event.outdated) reusable = &event;
  }
  const ScaleEvent stored{.change = change, .at = now, .outdated = false};
  if (reusable != nullptr) {
    *reusable = stored;
  } else {
    events.push_back(stored);
  }
}

std::string_view to_string(LimitReason reason) {
  switch (reason) {
    case LimitReason::kDesiredWithinRange: return "DesiredWithinRange";
    case LimitReason::kTooFewReplicas: return "TooFewReplicas";
    case LimitReason::kTooManyReplicas: return "TooManyReplicas";
    case LimitReason::kScaleUpLimit: return "ScaleUpLimit";
    case LimitReason::kScaleDownLimit: return "ScaleDownLimit";
  }
  base::check_failed(__FILE__, __LINE__, "reason", "not an enumerator");
}

RateLimit scale_up_limit(int current, const ScaleHistory& history, const ScalingRules& rules, base::Time now) {
  return rate_limit(current, history, rules, now, 1);
}

RateLimit scale_down_limit(int current, const ScaleHistory& history, const ScalingRules& rules, base::Time now) {
  return rate_limit(current, history, rules, now, -1);
}

Limited limit_by_behavior(int current, int desired, Bounds bounds, const Behavior& behavior,
                          const ScaleHistory& history, base::Time now) {
  if (desired > current) {
    const RateLimit limit = scale_up_limit(current, history, behavior.scale_up, now);
    if (bounds.max > limit.replicas) {
      return cut(desired, limit.replicas, LimitReason::kScaleUpLimit, limit.rule, limit.why);
    }
    return cut(desired, bounds.max, LimitReason::kTooManyReplicas, "maxReplicas", "the most that is allowed");
  }
  if (desired < current) {
    const RateLimit limit = scale_down_limit(current, history, behavior.scale_down, now);
    if (bounds.min < limit.replicas) {
      return cut(desired, limit.replicas, LimitReason::kScaleDownLimit, limit.rule, limit.why);
    }
    return cut(desired, bounds.min, LimitReason::kTooFewReplicas, "minReplicas", "the fewest that are allowed");
  }
  return {.replicas = desired, .rule = {}, .why = {}};
}

Limited limit_by_legacy_rules(int current, int desired, Bounds bounds, const ControllerOptions& options) {
  if (desired < bounds.min) {
    return {bounds.min, LimitReason::kTooFewReplicas, "minReplicas", "the fewest that are allowed"};
  }
  const int limit = saturate_to_int(
      std::max(options.scale_up_limit_factor * current, static_cast<double>(options.scale_up_limit_minimum)));
  if (bounds.max > limit) {
    return cut(desired, limit, LimitReason::kScaleUpLimit, "scaleUpLimit",
               fmt::format("without behavior, one round reaches {} times the current count, or {}",
                           base::format_number(options.scale_up_limit_factor), options.scale_up_limit_minimum));
  }
  return cut(desired, bounds.max, LimitReason::kTooManyReplicas, "maxReplicas", "the most that is allowed");
}

}  // namespace scaler
