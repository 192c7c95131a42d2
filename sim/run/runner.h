// Replays a scenario once per policy, on as many threads as allowed. Each replay is alone in its thread and shares
// nothing, so the result does not depend on their number.
#pragma once

#include <atomic>
#include <cstdint>

#include "common/base/log.h"
#include "common/base/result.h"
#include "sim/run/engines.h"
#include "sim/run/run_result.h"

namespace sim {

// Written by the replaying threads, read by whoever watches.
struct RunControl {
  std::atomic<bool> stop = false;              // set it to end all replays early, with kCancelled
  std::atomic<std::int64_t> seconds_done = 0;  // virtual seconds, over all policies
  std::atomic<int> policies_done = 0;
};

struct RunOptions {
  int jobs = 1;  // threads, over all policies; those that no policy needs of its own help inside the engines
  Fidelity fidelity = Fidelity::kExact;
  base::LogLevel log_level = base::LogLevel::kOff;  // of the simulated scaler and cluster, on stderr
};

// Results in the scenario's order of policies; the first failure wins. `scenario` must outlive the result.
base::Result<RunResult> run_scenario(const Scenario& scenario, const RunOptions& options, RunControl& control);

}  // namespace sim
