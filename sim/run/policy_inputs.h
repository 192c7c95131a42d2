// What the policies of a file ask of the simulated world beyond pods and their CPU.
#pragma once

#include <vector>

#include "sim/bridge/workload_metrics.h"
#include "sim/scenario/scenario.h"

namespace sim {

struct PolicyInputs {
  bool held = false;                    // how many requests are in a pod, or in front of all
  bool rates = false;                   // requests per second of a workload, live
  std::vector<TriggerMetric> triggers;  // of ScaledObjects
};

// REQUIRES: the scenario's loader has accepted the file.
PolicyInputs inputs_of(const PolicyFile& file);

// The specs that no object of the API stands for.
std::vector<scaler::PolicySpec> policies_without_objects(const PolicyFile& file);
// Whether a policy of the file tells its opinion on an HPA to whoever asks the decision service.
bool has_advice(const PolicyFile& file);

}  // namespace sim
