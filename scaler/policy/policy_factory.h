// From a PolicySpec to the policy that follows it.
#pragma once

#include <memory>

#include "scaler/policy/policy.h"
#include "scaler/policy/policy_spec.h"

namespace scaler {

// REQUIRES: `spec` passed the checks of policy_file.h.
std::unique_ptr<Policy> make_policy(const PolicySpec& spec, const ControllerOptions& options = {});

}  // namespace scaler
