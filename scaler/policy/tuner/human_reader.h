// Reads a HumanOperator. Complaints travel as config::FieldError.
#pragma once

#include "common/config/fields.h"
#include "scaler/policy/policy_spec.h"

namespace scaler {

// Reads the object's `spec`, but for scaleTargetRef. `policy` holds the metadata already.
void read_human(config::Fields& spec, PolicySpec& policy);

}  // namespace scaler
