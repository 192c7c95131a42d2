// The terminal's answer to a run: what happened first, then a line a policy.
#pragma once

#include <string>

#include "sim/run/run_result.h"

namespace sim {

// Several lines, ending with a newline. Without colour: words and numbers carry the meaning.
std::string summary_text(const RunResult& result);

// A line for each expectation of the scenario, those that failed first; empty if it has none.
std::string expectations_text(const RunResult& result);

}  // namespace sim
