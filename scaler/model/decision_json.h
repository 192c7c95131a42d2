// A Decision as one line of decisions.ndjson.
#pragma once

#include <string>

#include "scaler/model/decision.h"

namespace scaler {

// One JSON object without line breaks: t, policy, target, field, trigger, current, inputs, selected, raw, steps, final,
// applied, in this order; error and note (also an input's note) only where there is one. No value is null.
std::string to_json_line(const Decision& decision);

}  // namespace scaler
