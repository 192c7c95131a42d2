// Everything that can be held against a figure from outside: queueing theory, a published simulator, a real testbed, a
// measured autoscaler, and what whole runs of scenarios must show.
//
// Rows depend on seed and scale alone, not on `jobs`. A figure that is not reproduced is a row that fails.
#pragma once

#include <atomic>
#include <cstdint>
#include <string>
#include <vector>

#include "sim/validation/row.h"

namespace sim {

struct ValidateOptions {
  std::uint64_t seed = 1;  // of all runs; each case forks its own streams
  int seeds = 10;          // runs a case; their scatter is the standard error. At least 2
  // Run lengths times this, in (0, 1]; a run has a least length. The bounds of means are 1 % at 1 with ten seeds, at
  // least three standard errors; with less they grow as 1/sqrt(requests run / requests at full length), as the standard
  // errors do.
  double scale = 1.0;
  std::vector<std::string> groups;  // in the order of validation_groups(); empty: all
  unsigned jobs = 1;                // threads
  // Set it to begin no further case; the rows of those that were not begun are missing.
  const std::atomic<bool>* stop = nullptr;
};

// "queueing", "balancing", "fluid", ...
std::vector<std::string> validation_groups();

// REQUIRES: options as described above; groups exist.
std::vector<Row> validate(const ValidateOptions& options);

// Figures of one run of a scenario under one policy, as in run.json.
struct ScenarioOutcome {
  std::string scenario;  // its name, e.g. "seed-004-k6"
  std::string policy;
  int longest_degradation_seconds = 0;  // the longest stretch with the SLO's percentile over its latency
  double p50_ms = 0, p95_ms = 0, p99_ms = 0, max_ms = 0;
  double failed_ratio = 0;
  std::string command;  // that ran it
};
// The scenarios that scenario_rows() knows, each once.
std::vector<std::string> promised_scenarios();
// What is known of the scenarios by name; others are passed over. A scenario that is expected and missing is a row left
// out. Group "scenarios".
std::vector<Row> scenario_rows(const std::vector<ScenarioOutcome>& outcomes);

}  // namespace sim
