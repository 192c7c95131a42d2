// Does long work on a thread of its own while the first shows progress and listens for Ctrl-C.
#pragma once

#include <functional>
#include <string>

#include "sim/run/runner.h"

namespace sim {

// How far the work is, in one line, after so many seconds.
using ProgressLine = std::function<std::string(double elapsed_seconds)>;

// Runs `work` to its end. SIGINT and SIGTERM set control.stop. `line` may be empty: then nothing is shown; otherwise it
// is shown on stderr, rewritten in place on a terminal, elsewhere a line at the start and one every ten seconds.
// Returns the wall time that the work took, in seconds.
double drive(const std::function<void()>& work, const ProgressLine& line, RunControl& control);

// As many as asked for, or one a core.
int threads_or_all(int jobs);

}  // namespace sim
