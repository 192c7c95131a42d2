#include "scaler/policy/scaling/ladder.h"

#include <fmt/format.h>

#include <algorithm>

#include "scaler/policy/scaling/amount.h"

namespace scaler {

std::size_t Ladder::steps_below(double value, double part) const {
  const auto above = std::find_if(spec_.steps.begin(), spec_.steps.end(),
                                  [&](const LadderStep& step) { return step.from * (1.0 - part) > value; });
  return static_cast<std::size_t>(above - spec_.steps.begin());
}

Ladder::Answer Ladder::ask(double total) {
  Answer answer;
  const double surge = spec_.surge_per_second * base::seconds(spec_.start_up);
  answer.looked_up = total + surge;
  const std::size_t plain = steps_below(answer.looked_up, 0);
  const std::size_t held = std::max(plain, std::min(step_, steps_below(answer.looked_up, spec_.hysteresis)));
  step_ = held;
  std::string value = amount_text(total);
  if (surge > 0) value += fmt::format(" + {} surge", amount_text(surge));
  if (held == 0) {
    answer.why = fmt::format("{} is below the first step, {}", value, amount_text(spec_.steps[0].from));
    return answer;
  }
  const LadderStep& step = spec_.steps[held - 1];
  answer.replicas = step.replicas;
  answer.why = fmt::format("{} is on the step from {}", value, amount_text(step.from));
  if (held > plain) answer.why += ", which hysteresis still holds";
  return answer;
}

}  // namespace scaler
