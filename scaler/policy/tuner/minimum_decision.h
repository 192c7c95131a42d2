// What every decision about the minReplicas of an HPA begins with.
//
// Stateless.
#pragma once

#include <string>

#include "scaler/model/decision.h"
#include "scaler/model/observation.h"

namespace scaler {

// Of a round that changes nothing yet. Without Observation::hpa it is an error, and the whole answer.
inline Decision minimum_decision(const std::string& policy, const std::string& target, const Observation& observation) {
  Decision decision;
  decision.at = observation.now;
  decision.policy = policy;
  decision.target = target;
  decision.field = "minReplicas";
  decision.current = observation.hpa ? observation.hpa->min_replicas : observation.current_min_replicas.value_or(0);
  decision.final = decision.current;
  if (!observation.hpa) decision.error = "the HorizontalPodAutoscaler " + target + " could not be read";
  return decision;
}

}  // namespace scaler
