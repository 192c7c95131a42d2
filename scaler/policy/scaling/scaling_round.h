// What a ScalingPolicy knows while it decides one round. For its own sources only.
#pragma once

#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "scaler/policy/decision_steps.h"
#include "scaler/policy/scaling/demand.h"
#include "scaler/policy/scaling/scaling_policy.h"

namespace scaler {

struct ScalingPolicy::Round {
  const Observation& observation;
  Decision decision{};
  std::vector<base::Result<Demand>> demands{};        // one a metric, if any rule looks at them
  std::optional<base::Result<Total>> ladder_total{};  // nullopt: there is no ladder
  Limits limits{};
  int asked = 0;                     // by metrics, prediction and ladder
  bool ladder_asked = false;         // the ladder, of these
  bool floor_raised = false;         // limits.floor lifted what was asked for
  std::optional<NextChange> next{};  // what the last rule that holds the number waits for

  // Moves the decision to `after`; a rule that changes nothing leaves no step.
  void step(int after, Step step) {
    step_to(decision, after, std::move(step.rule), std::move(step.why), std::move(step.param),
            std::move(step.remaining));
  }
};

}  // namespace scaler
