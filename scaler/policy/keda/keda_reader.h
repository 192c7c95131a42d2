// Reads a keda.sh/v1alpha1 ScaledObject with KEDA's defaults, refusing what KEDA's admission webhook refuses.
#pragma once

#include "common/config/fields.h"
#include "scaler/policy/policy_spec.h"

namespace scaler {

// Fills `policy.rules` and, since a scaleTargetRef may leave its kind out here, `policy.target`.
// REQUIRES: the metadata is read.
void read_keda(config::Fields& spec, PolicySpec& policy);

}  // namespace scaler
