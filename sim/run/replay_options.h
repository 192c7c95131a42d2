// What a scenario means for the parts of a replay: the cluster's options, the system with its lead-in, the scaler's
// configuration, the faults on its way to the API.
#pragma once

#include <vector>

#include "common/base/random.h"
#include "common/http/faulty_transport.h"
#include "fake-apiserver/controllers/cluster_options.h"
#include "scaler/app/config.h"
#include "sim/scenario/scenario.h"

namespace sim {

// The cluster stands for so long before the night begins: pods are up, and no longer young to an HPA.
inline constexpr base::Duration kPreRoll = std::chrono::minutes(30);
// Traffic comes at its first rate for the last part of that, so that the first metrics that a policy sees are those of
// a service at work. Nothing of it is counted.
inline constexpr base::Duration kLeadIn = std::chrono::seconds(60);

fakeapi::ClusterOptions cluster_options(const Scenario& scenario);
SystemOptions with_lead_in(const Scenario& scenario);
// The phase of its loops is drawn from `random`.
scaler::ScalerConfig scaler_config(const Scenario& scenario, base::Random random);
// One rule for each API fault of the scenario.
std::vector<http::FaultRule> fault_rules(const Scenario& scenario);

}  // namespace sim
