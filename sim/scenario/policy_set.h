// Reads the policy files that a scenario, or the command line, names.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "common/config/fields.h"
#include "sim/scenario/scenario.h"

namespace sim {

// The files of `spec.policies` (relative to `folder`), or `instead` if that is not empty. Every policy must scale
// one of the workloads that are not fixed, or steer an HPA of the same file that does; queries must be such as the
// simulated Prometheus answers; objects that come with policies must not pass for a workload. Complains by FieldError.
std::vector<PolicyFile> read_policies(config::Fields& spec, const std::filesystem::path& folder,
                                      const std::vector<std::string>& instead,
                                      const std::vector<WorkloadSpec>& workloads);

}  // namespace sim
