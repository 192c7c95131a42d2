// How far one round may go: spec.behavior's policies over the changes of the last periods, and the limits of old that
// apply without `behavior`.
//
// Pure. ScaleEvents are owned by one policy and written only when a change was applied.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "common/base/time.h"
#include "scaler/model/decision.h"
#include "scaler/policy/hpa/hpa_spec.h"

namespace scaler {

struct ScaleEvent {
  int change = 0;  // absolute
  base::Time at{};
  bool outdated = false;  // marked for reuse of its slot; its age alone decides whether it counts
};

struct ScaleHistory {
  std::vector<ScaleEvent> up;
  std::vector<ScaleEvent> down;
};

// The sum of the changes strictly younger than `period`.
std::int64_t change_within(const std::vector<ScaleEvent>& events, base::Duration period, base::Time now);

// Records an applied change. The last slot older than the longest period of `rules` is reused.
void store_event(std::vector<ScaleEvent>& events, const ScalingRules& rules, int change, base::Time now);

// Records an applied change of the count in its direction.
void store_change(ScaleHistory& history, const Behavior& behavior, int before, int after, base::Time now);

// Why a number was cut; the words of the HPA's ScalingLimited condition.
enum class LimitReason { kDesiredWithinRange, kTooFewReplicas, kTooManyReplicas, kScaleUpLimit, kScaleDownLimit };
std::string_view to_string(LimitReason reason);

struct Limited {
  int replicas = 0;
  LimitReason reason = LimitReason::kDesiredWithinRange;
  std::string rule;  // the field that cut it, "behavior.scaleUp.pods", "maxReplicas"; empty if none did
  std::string why;
  std::string param{};               // the field's value
  std::string remaining{};           // of the budget of a rate, after this change
  std::optional<base::Time> next{};  // when a rate that cut it lets go of more
};

struct RateLimit {
  int replicas = 0;
  std::string rule;
  std::string why;
  std::int64_t budget = 0;  // of the rate that decided, for its whole period
};

// The highest count that the scaleUp rules allow now; never below current.
RateLimit scale_up_limit(int current, const ScaleHistory& history, const ScalingRules& rules, base::Time now);
// The lowest count that the scaleDown rules allow now; never above current.
RateLimit scale_down_limit(int current, const ScaleHistory& history, const ScalingRules& rules, base::Time now);

// When the rates, spent by a change from `current` to `changed_to` at `now`, let the count move on in the same
// direction; nullopt if they never do.
std::optional<base::Time> budget_frees(int current, int changed_to, const ScaleHistory& history,
                                       const ScalingRules& rules, base::Time now, bool upwards);

struct Bounds {
  int min = 0;
  int max = 0;
};

// With `behavior`. What did not cut the number but was looked at is told in `unused`, unless that is null.
Limited limit_by_behavior(int current, int desired, Bounds bounds, const Behavior& behavior,
                          const ScaleHistory& history, base::Time now, std::vector<Unused>* unused = nullptr);

// Without: at most max(factor * current, minimum) in one round.
Limited limit_by_legacy_rules(int current, int desired, Bounds bounds, const ControllerOptions& options);

}  // namespace scaler
