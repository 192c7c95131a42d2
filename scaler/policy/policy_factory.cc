#include "scaler/policy/policy_factory.h"

#include "scaler/policy/hpa/hpa_policy.h"
#include "scaler/policy/keda/keda_policy.h"
#include "scaler/policy/kpa/kpa_policy.h"
#include "scaler/policy/scaling/scaling_policy.h"
#include "scaler/policy/tuner/human_policy.h"
#include "scaler/policy/tuner/tuner_policy.h"
#include "scaler/policy/wpa/wpa_policy.h"

namespace scaler {

std::unique_ptr<Policy> make_policy(const PolicySpec& spec, const ControllerOptions& options) {
  if (std::holds_alternative<HpaSpec>(spec.rules)) return std::make_unique<HpaPolicy>(spec, options);
  if (std::holds_alternative<ScalingPolicySpec>(spec.rules)) return std::make_unique<ScalingPolicy>(spec, options);
  if (std::holds_alternative<HumanOperatorSpec>(spec.rules)) return std::make_unique<HumanPolicy>(spec, options.seed);
  if (std::holds_alternative<KedaSpec>(spec.rules)) return std::make_unique<KedaPolicy>(spec, options);
  if (std::holds_alternative<KpaSpec>(spec.rules)) return std::make_unique<KpaPolicy>(spec);
  if (std::holds_alternative<WpaSpec>(spec.rules)) return std::make_unique<WpaPolicy>(spec);
  return std::make_unique<TunerPolicy>(spec);
}

}  // namespace scaler
