#include "scaler/policy/policy_factory.h"

#include "scaler/policy/hpa/hpa_policy.h"
#include "scaler/policy/scaling/scaling_policy.h"
#include "scaler/policy/tuner/tuner_policy.h"

namespace scaler {

std::unique_ptr<Policy> make_policy(const PolicySpec& spec, const ControllerOptions& options) {
  if (std::holds_alternative<HpaSpec>(spec.rules)) return std::make_unique<HpaPolicy>(spec, options);
  if (std::holds_alternative<ScalingPolicySpec>(spec.rules)) return std::make_unique<ScalingPolicy>(spec, options);
  return std::make_unique<TunerPolicy>(spec);
}

}  // namespace scaler
