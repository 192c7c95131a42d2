// How policies begin a decision, and write down what a rule did.
//
// Stateless.
#pragma once

#include <string>
#include <utility>

#include "scaler/model/decision.h"
#include "scaler/model/observation.h"

namespace scaler {

// About the replicas of the target; nothing has changed yet.
inline Decision replicas_decision(const std::string& policy, const std::string& target,
                                  const Observation& observation) {
  Decision decision;
  decision.at = observation.now;
  decision.policy = policy;
  decision.target = target;
  decision.current = decision.final = observation.scale.spec_replicas;
  return decision;
}

// Moves the decision to step.after; `before` is where it stands. A rule that changes nothing leaves no step.
inline void step_to(Decision& decision, Step step) {
  if (decision.final == step.after) return;
  step.before = decision.final;
  decision.final = step.after;
  decision.steps.push_back(std::move(step));
}

inline void step_to(Decision& decision, int after, std::string rule, std::string why, std::string param = {},
                    std::string remaining = {}) {
  step_to(decision, Step{std::move(rule), 0, after, std::move(why), std::move(param), std::move(remaining)});
}

}  // namespace scaler
