#include "scaler/policy/hpa/rate_limits.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <limits>

#include "common/base/check.h"
#include "common/base/number_format.h"
#include "common/base/time_format.h"
#include "scaler/policy/hpa/saturate.h"

namespace scaler {
namespace {

bool is_up(int sign) { return sign > 0; }

std::string side(int sign) { return is_up(sign) ? "behavior.scaleUp" : "behavior.scaleDown"; }

std::string field(const RatePolicy& policy, int sign) {
  return side(sign) + (policy.type == RatePolicy::Type::kPods ? ".pods" : ".percent");
}

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

int reach(const RatePolicy& policy, std::int64_t start, int sign) {
  return saturate_to_int(is_up(sign) ? reach_up(policy, start) : reach_down(policy, start));
}

std::string describe(const RatePolicy& policy) {
  return fmt::format("{}{} per {}", policy.value, policy.type == RatePolicy::Type::kPods ? " pods" : " %",
                     base::format_duration(policy.period));
}

// `sign` is 1 upwards and -1 downwards; with it, "reaches further" is a comparison in either direction.
RateLimit rate_limit(int current, const ScaleHistory& history, const ScalingRules& rules, base::Time now, int sign) {
  if (rules.select == SelectPolicy::kDisabled) return {current, side(sign) + ".selectPolicy", "Disabled"};
  const RatePolicy* decisive = nullptr;
  int limit = 0;
  std::int64_t start = 0;
  for (const RatePolicy& policy : rules.policies) {
    const std::int64_t begin = start_of_period(current, history, policy.period, now);
    const int end = reach(policy, begin, sign);
    const bool further = is_up(sign) ? end > limit : end < limit;
    const bool nearer = is_up(sign) ? end < limit : end > limit;
    if (decisive == nullptr || (rules.select == SelectPolicy::kMax ? further : nearer)) {
      decisive = &policy;
      limit = end;
      start = begin;
    }
  }
  if (decisive == nullptr) {
    // Not allowed by the API; upstream's answer is that of a comparison with nothing.
    const int unlimited = is_up(sign) ? std::numeric_limits<int>::max() : std::numeric_limits<int>::min();
    return {rules.select == SelectPolicy::kMax ? current : unlimited, side(sign) + ".policies", "none"};
  }
  return {is_up(sign) ? std::max(limit, current) : std::min(limit, current), field(*decisive, sign),
          describe(*decisive), std::abs(limit - start)};
}

// When the rate of one policy, over all that was changed, reaches further than `count`.
std::optional<base::Time> policy_frees(const RatePolicy& policy, int count, const ScaleHistory& history, base::Time now,
                                       int sign) {
  struct Leaving {
    base::Time at;
    std::int64_t change;  // of the count at the start of the period
  };
  std::vector<Leaving> leaving;
  std::int64_t start = start_of_period(count, history, policy.period, now);
  for (const ScaleEvent& event : history.up) {
    if (event.at > now - policy.period) leaving.push_back({event.at + policy.period, event.change});
  }
  for (const ScaleEvent& event : history.down) {
    if (event.at > now - policy.period) leaving.push_back({event.at + policy.period, -std::int64_t{event.change}});
  }
  std::sort(leaving.begin(), leaving.end(), [](const Leaving& a, const Leaving& b) { return a.at < b.at; });
  for (const Leaving& event : leaving) {
    start += event.change;
    const int end = reach(policy, start, sign);
    if (is_up(sign) ? end > count : end < count) return event.at;
  }
  return std::nullopt;
}

Limited bounded(int desired, int limit, LimitReason reason, const char* rule) {
  const bool above = reason == LimitReason::kTooManyReplicas;
  if (above ? desired <= limit : desired >= limit) return {.replicas = desired, .rule = {}, .why = {}};
  return {.replicas = limit,
          .reason = reason,
          .rule = rule,
          .why = above ? "the most that is allowed" : "the fewest that are allowed",
          .param = base::format_number(std::int64_t{limit})};
}

// What the rates let through of a change towards `desired`.
Limited rated(int current, int desired, RateLimit limit, const ScalingRules& rules, const ScaleHistory& history,
              base::Time now, int sign, std::vector<Unused>* unused) {
  const bool disabled = rules.select == SelectPolicy::kDisabled;
  const bool fits = is_up(sign) ? desired <= limit.replicas : desired >= limit.replicas;
  if (fits) {
    const std::int64_t left = std::abs(std::int64_t{limit.replicas} - desired);
    if (unused) unused->push_back({limit.rule, fmt::format("{}, {} left of {}", limit.why, left, limit.budget)});
    return {.replicas = desired, .rule = {}, .why = {}};
  }
  Limited limited;
  limited.replicas = limit.replicas;
  limited.reason = is_up(sign) ? LimitReason::kScaleUpLimit : LimitReason::kScaleDownLimit;
  limited.why = disabled ? "scaling in this direction is switched off" : "the rate of this period allows no more";
  limited.rule = std::move(limit.rule);
  limited.param = std::move(limit.why);
  if (disabled) return limited;
  limited.remaining = fmt::format("0 of {}", limit.budget);
  limited.next = budget_frees(current, limit.replicas, history, rules, now, is_up(sign));
  return limited;
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

std::int64_t change_within(const std::vector<ScaleEvent>& events, base::Duration period, base::Time now) {
  const base::Time cutoff = now - period;
  std::int64_t sum = 0;
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

void store_change(ScaleHistory& history, const Behavior& behavior, int before, int after, base::Time now) {
  if (after > before) store_event(history.up, behavior.scale_up, after - before, now);
  if (after < before) store_event(history.down, behavior.scale_down, before - after, now);
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

std::optional<base::Time> budget_frees(int current, int changed_to, const ScaleHistory& history,
                                       const ScalingRules& rules, base::Time now, bool upwards) {
  if (rules.select == SelectPolicy::kDisabled) return std::nullopt;
  ScaleHistory after = history;
  if (changed_to > current) after.up.push_back({changed_to - current, now});
  if (changed_to < current) after.down.push_back({current - changed_to, now});
  std::optional<base::Time> frees;
  for (const RatePolicy& policy : rules.policies) {
    const auto one = policy_frees(policy, changed_to, after, now, upwards ? 1 : -1);
    if (rules.select == SelectPolicy::kMax) {
      if (one) frees = std::min(frees.value_or(*one), *one);
    } else {
      // All of them must let go.
      if (!one) return std::nullopt;
      frees = std::max(frees.value_or(*one), *one);
    }
  }
  return frees;
}

Limited limit_by_behavior(int current, int desired, Bounds bounds, const Behavior& behavior,
                          const ScaleHistory& history, base::Time now, std::vector<Unused>* unused) {
  if (desired > current) {
    RateLimit limit = scale_up_limit(current, history, behavior.scale_up, now);
    if (bounds.max > limit.replicas) {
      return rated(current, desired, std::move(limit), behavior.scale_up, history, now, 1, unused);
    }
    return bounded(desired, bounds.max, LimitReason::kTooManyReplicas, "maxReplicas");
  }
  if (desired < current) {
    RateLimit limit = scale_down_limit(current, history, behavior.scale_down, now);
    if (bounds.min < limit.replicas) {
      return rated(current, desired, std::move(limit), behavior.scale_down, history, now, -1, unused);
    }
    return bounded(desired, bounds.min, LimitReason::kTooFewReplicas, "minReplicas");
  }
  return {.replicas = desired, .rule = {}, .why = {}};
}

Limited limit_by_legacy_rules(int current, int desired, Bounds bounds, const ControllerOptions& options) {
  if (desired < bounds.min) return bounded(desired, bounds.min, LimitReason::kTooFewReplicas, "minReplicas");
  const int limit = saturate_to_int(
      std::max(options.scale_up_limit_factor * current, static_cast<double>(options.scale_up_limit_minimum)));
  if (bounds.max <= limit) return bounded(desired, bounds.max, LimitReason::kTooManyReplicas, "maxReplicas");
  if (desired <= limit) return {.replicas = desired, .rule = {}, .why = {}};
  const std::string factor = base::format_number(options.scale_up_limit_factor);
  return {.replicas = limit,
          .reason = LimitReason::kScaleUpLimit,
          .rule = "scaleUpLimit",
          .why = fmt::format("without behavior, one round reaches {} times the current count, or {}", factor,
                             options.scale_up_limit_minimum),
          .param = fmt::format("max({}x, {})", factor, options.scale_up_limit_minimum)};
}

}  // namespace scaler
