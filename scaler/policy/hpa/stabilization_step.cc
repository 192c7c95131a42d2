#include "scaler/policy/hpa/stabilization_step.h"

#include <fmt/format.h>

#include "common/base/time_format.h"
#include "scaler/policy/decision_steps.h"
#include "scaler/policy/setting_text.h"

namespace scaler {
namespace {

struct Window {
  const char* rule;
  bool upwards;
  base::Duration length;
};

std::optional<NextChange> tell(const Stabilizer& stabilizer, const Window& window, int stable, Decision& decision) {
  const int desired = decision.final;
  if (stable == desired) {
    if (desired == decision.current || window.length == base::Duration::zero()) return std::nullopt;
    decision.unused.push_back(
        {window.rule, fmt::format("no {} recommendation in the last {}", window.upwards ? "lower" : "higher",
                                  seconds_text(window.length))});
    return std::nullopt;
  }
  const char* extreme = window.upwards ? "lowest" : "highest";
  std::optional<NextChange> next;
  std::string remaining;
  if (const auto until = stabilizer.held_until()) {
    remaining = seconds_text(*until - decision.at);
    next = NextChange{*until, fmt::format("the {} recommendation, {}, leaves the window", extreme, stable)};
  }
  step_to(decision, stable, window.rule,
          fmt::format("the {} recommendation of the last {}", extreme, base::format_duration(window.length)),
          seconds_text(window.length), std::move(remaining));
  return next;
}

}  // namespace

std::optional<NextChange> stabilize_by_behavior(Stabilizer& stabilizer, const Behavior& behavior,
                                                base::Duration default_down, Decision& decision) {
  const base::Duration up = behavior.scale_up.stabilization_window.value_or(base::Duration::zero());
  const base::Duration down = behavior.scale_down.stabilization_window.value_or(default_down);
  const bool upwards = decision.final >= decision.current;
  const int stable = stabilizer.between(decision.at, up, down, decision.current, decision.final);
  return tell(
      stabilizer,
      {upwards ? "behavior.scaleUp.stabilizationWindowSeconds" : "behavior.scaleDown.stabilizationWindowSeconds",
       upwards, upwards ? up : down},
      stable, decision);
}

std::optional<NextChange> stabilize_downwards(Stabilizer& stabilizer, base::Duration window, Decision& decision) {
  const int stable = stabilizer.highest(decision.at, window, decision.final);
  return tell(stabilizer, {"downscaleStabilization", false, window}, stable, decision);
}

}  // namespace scaler
