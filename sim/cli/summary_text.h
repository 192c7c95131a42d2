// The terminal's answer to a run: what happened first, then a line a policy.
#pragma once

#include <string>

#include "sim/run/run_result.h"

namespace sim {

// Several lines, ending with a newline. Without colour: words and numbers carry the meaning.
std::string summary_text(const RunResult& result);

}  // namespace sim
