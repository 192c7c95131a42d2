// How policies write down what a rule did.
//
// Stateless.
#pragma once

#include <string>
#include <utility>

#include "scaler/model/decision.h"

namespace scaler {

// Moves the decision to `after` and tells why; a rule that changes nothing leaves no step.
inline void step_to(Decision& decision, int after, std::string rule, std::string why, std::string param = {},
                    std::string remaining = {}) {
  if (decision.final == after) return;
  decision.steps.push_back(
      {std::move(rule), decision.final, after, std::move(why), std::move(param), std::move(remaining)});
  decision.final = after;
}

}  // namespace scaler
