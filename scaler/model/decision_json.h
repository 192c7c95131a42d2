// A Decision as one line of decisions.ndjson.
#pragma once

#include <string>

#include "scaler/model/decision.h"

namespace scaler {

// One JSON object without line breaks: t, policy, target, field, trigger, current, inputs, selected, raw, steps, final,
// applied, in this order; an input has metric, value, ageSeconds, target, wants. What there is no value for is null.
// Only error and note (also an input's note) are left out where there is none.
std::string to_json_line(const Decision& decision);

}  // namespace scaler
