// Reads spec.triggers of a ScaledObject.
#pragma once

#include <vector>

#include "common/config/fields.h"
#include "scaler/policy/keda/keda_spec.h"

namespace scaler {

// At least one, with names that KEDA gives their metrics; what is wrong is complained about by config::FieldError.
std::vector<KedaTrigger> read_keda_triggers(config::Fields& spec);

// A number that is written as a text, as all metadata is. Complains at `key` unless it is one and not below `least`.
double read_number_text(config::Fields& fields, const std::string& key, double least);

}  // namespace scaler
