#include "sim/run/engines.h"

#include <algorithm>
#include <limits>

#include "sim/cohort/cohort_engine.h"
#include "sim/mesh/mesh_engine.h"
#include "sim/service/engine.h"

namespace sim {
namespace {

using Algorithm = BalancerOptions::Algorithm;

// No request takes longer than so many mean service times, but for one in millions.
constexpr double kLongestInServiceTimes = 20;

bool is_plain(Algorithm algorithm) {
  switch (algorithm) {
    case Algorithm::kRoundRobin:
    case Algorithm::kRandom:
    case Algorithm::kLeastOutstanding:
    case Algorithm::kPowerOfTwoChoices:
    case Algorithm::kCentralQueue: return true;
    case Algorithm::kConnections:
    case Algorithm::kAffinity:
    case Algorithm::kWeightedRoundRobin:
    case Algorithm::kZoneAware: return false;
  }
  return false;
}

// What makes a service more than plain; empty if nothing does.
std::string beyond_plain(const ServiceOptions& service) {
  if (!service.calls.empty()) return "calls of other services";
  if (service.front_proxy) return "a front proxy";
  if (service.throttles) return "CPU throttling";
  if (service.memory.per_request > 0 || service.memory.limit) return "memory that grows with the requests";
  if (service.warm_up.factor > 0) return "a warm-up";
  if (service.concurrency_limit || service.connection_limit) return "concurrency or connection limits";
  if (service.overhead > 0) return "an overhead of the network";
  if (!is_plain(service.balancer.algorithm)) return "its load balancer";
  if (service.balancer.ejection) return "outlier ejection";
  return {};
}

std::string beyond_plain(const SystemOptions& system) {
  if (system.services.size() != 1) return "several services";
  for (const Entry& entry : system.entries) {
    if (entry.routes.size() != 1 || entry.routes.front().round_trip > 0) return "routes";
  }
  if (system.edge) return "an edge cache";
  if (!system.users.empty()) return "users in a closed loop";
  const auto reacts = [](const ViewerOptions& viewers) { return viewers.reaction.has_value(); };
  if (std::any_of(system.viewers.begin(), system.viewers.end(), reacts)) return "viewers who react";
  if (system.client.hedging) return "hedging";
  if (system.client.patience) return "patience";
  if (!system.outages.empty()) return "outages of a service";
  return beyond_plain(system.services.front());
}

bool breaks_pods(const ActionSpec& action) {
  return std::holds_alternative<ZoneOutage>(action.what) || std::holds_alternative<NodeLoss>(action.what) ||
         std::holds_alternative<PodFault>(action.what);
}

std::string beyond_plain(const Scenario& scenario) {
  if (const std::string what = beyond_plain(scenario.system); !what.empty()) return what;
  if (std::any_of(scenario.actions.begin(), scenario.actions.end(), breaks_pods)) return "pods that break or change";
  if (scenario.workload().liveness_probe) return "a liveness probe";
  if (const auto& probe = scenario.workload().readiness_probe; probe && probe->does_work) {
    return "a readiness probe that does work";
  }
  return {};
}

// For how long a pod may still be busy with a request that it holds, in ticks: its queue, then the request itself. A
// client that gives up leaves the queue, but what is in service then is served to the end.
double longest_stay(const ServiceOptions& service, const ClientOptions& client) {
  const auto mean = static_cast<double>(service.service.mean);
  double wait = std::numeric_limits<double>::infinity();
  if (service.queue_limit) wait = *service.queue_limit * mean / service.workers;
  if (client.timeout && service.discipline == Discipline::kFcfs) {
    wait = std::min(wait, static_cast<double>(*client.timeout));
  }
  return wait + kLongestInServiceTimes * mean;
}

// Whether a pod that is told to end may still hold a request when its grace period is over. Only the event-driven
// engine can take it away then; the coarse one lets it finish.
bool may_outlive_grace(const Scenario& scenario) {
  const bool pods_end = !scenario.policies.empty() || !scenario.actions.empty();
  return pods_end && longest_stay(scenario.service(), scenario.system.client.attempts) >
                         static_cast<double>(scenario.workload().termination_grace.count());
}

EngineOptions single_service(const SystemOptions& system) {
  const ServiceOptions& service = system.services.front();
  EngineOptions options;
  for (const OpenSource& source : system.sources) options.sources.push_back(source.traffic);
  options.viewers = system.viewers;
  options.arrivals = system.arrivals;
  options.client = system.client.attempts;
  options.discipline = service.discipline;
  options.workers = service.workers;
  options.queue_limit = service.queue_limit;
  options.service = service.service;
  options.balancer = service.balancer;
  options.cpu = service.cpu;
  options.slo = system.slo;
  options.start = system.start;
  options.warmup = system.warmup;
  options.duration = system.duration;
  return options;
}

}  // namespace

base::Result<EngineOptions> as_single_service(const Scenario& scenario) {
  if (const std::string what = beyond_plain(scenario); !what.empty()) {
    return base::Error{base::ErrorCode::kInvalid, what};
  }
  return single_service(scenario.system);
}

base::Result<std::unique_ptr<RequestEngine>> make_engine(const Scenario& scenario, const SystemOptions& options,
                                                         const EngineChoice& choice, const base::Random& stream) {
  const std::string what = beyond_plain(scenario);
  if (choice.fidelity == Fidelity::kCohort) {
    if (!what.empty()) {
      return base::Error{base::ErrorCode::kInvalid,
                         "--fidelity cohort is for a single plain service; " + scenario.name + " has " + what};
    }
    EngineOptions plain = single_service(options);
    if (auto known = check_cohort(plain); !known) return annotate(known.error(), "--fidelity cohort");
    return std::unique_ptr<RequestEngine>(std::make_unique<CohortEngine>(std::move(plain), stream));
  }
  if (!what.empty() || may_outlive_grace(scenario)) {
    return std::unique_ptr<RequestEngine>(std::make_unique<MeshEngine>(options, stream));
  }
  EngineOptions plain = single_service(options);
  plain.threads = static_cast<std::uint32_t>(choice.threads);
  plain.knows_held = choice.knows_held;
  return std::unique_ptr<RequestEngine>(std::make_unique<Engine>(std::move(plain), stream));
}

}  // namespace sim
