// Draws the summary of a replay from its series, decisions and pods. Pure.
#pragma once

#include <vector>

#include "sim/metrics/lag_split.h"
#include "sim/run/run_result.h"
#include "sim/service/results.h"

namespace sim {

// What a replay has collected. Moments are those since the start of the night.
struct SummaryInputs {
  const Scenario& scenario;
  Totals totals;
  const Series& series;
  std::vector<int> first_pods;            // of the first workload, a second each
  std::vector<DecisionMoment> decisions;  // for the first workload
  std::vector<PodMoments> pods;           // of the first workload that became ready after the start
  std::vector<int> capped;                // pods that maxReplicas took from the last decision, a second each
  int scale_events = 0;
  int scale_reversals = 0;
};

Summary summarize(const SummaryInputs& inputs);

}  // namespace sim
