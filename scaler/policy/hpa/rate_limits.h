// How far one round may go: spec.behavior's policies over the changes of the last periods, and the limits of old that
// apply without `behavior`.
//
// Pure. ScaleEvents are owned by one policy and written only when a change was applied.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "common/base/time.h"
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
int change_within(const std::vector<ScaleEvent>& events, base::Duration period, base::Time now);

// Records an applied change. The last slot older than the longest period of `rules` is reused.
void store_event(std::vector<ScaleEvent>& events, const ScalingRules& rules, int change, base::Time now);

// Why a number was cut; the words of the HPA's ScalingLimited condition.
enum class LimitReason { kDesiredWithinRange, kTooFewReplicas, kTooManyReplicas, kScaleUpLimit, kScaleDownLimit };
std::string_view to_string(LimitReason reason);

struct Limited {
  int replicas = 0;
  LimitReason reason = LimitReason::kDesiredWithinRange;
  std::string rule;  // the field that cut it, "behavior.scaleUp.pods", "maxReplicas"; empty if none did
  std::string why;
};

struct RateLimit {
  int replicas = 0;
  std::string rule;
  std::string why;
};

// The highest count that the scaleUp rules allow now; never below current.
RateLimit scale_up_limit(int current, const ScaleHistory& history, const ScalingRules& rules, base::Time now);
// The lowest count that the scaleDown rules allow now; never above current.
RateLimit scale_down_limit(int current, const ScaleHistory& history, const ScalingRules& rules, base::Time now);

struct Bounds {
  int min = 0;
  int max = 0;
};

// With `behavior`.
Limited limit_by_behavior(int current, int desired, Bounds bounds, const Behavior& behavior,
                          const ScaleHistory& history, base::Time now);

// Without: at most max(factor * current, minimum) in one round.
Limited limit_by_legacy_rules(int current, int desired, Bounds bounds, const ControllerOptions& options);

}  // namespace scaler
