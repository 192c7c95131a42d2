// Chooses the request engine for a scenario: the fast exact one for a single plain service, the event-driven one for
// everything else, the fluid one when that is asked for.
#pragma once

#include <memory>

#include "common/base/random.h"
#include "common/base/result.h"
#include "sim/scenario/scenario.h"
#include "sim/service/request_engine.h"

namespace sim {

enum class Fidelity {
  kExact,   // every request by itself
  kCohort,  // fluid slices that keep percentiles; a single plain service only
};

struct EngineChoice {
  Fidelity fidelity = Fidelity::kExact;
  int threads = 1;          // inside the engine, where it knows how; results do not depend on it
  bool knows_held = false;  // somebody will ask what pods hold; results do not depend on it either
};

// kInvalid, with the reason, if the scenario is more than one plain service whose pods finish what they hold.
base::Result<EngineOptions> as_single_service(const Scenario& scenario);

// `options` are the scenario's, possibly with an earlier start. kInvalid if the fidelity cannot be had.
base::Result<std::unique_ptr<RequestEngine>> make_engine(const Scenario& scenario, const SystemOptions& options,
                                                         const EngineChoice& choice, const base::Random& stream);

}  // namespace sim
