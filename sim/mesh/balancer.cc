#include "sim/mesh/balancer.h"

#include "common/base/check.h"

namespace sim {

Balancer::Chooser Balancer::make(const ServiceOptions& service, std::uint64_t seed) {
  const BalancerOptions& options = service.balancer;
  switch (options.algorithm) {
    case BalancerOptions::Algorithm::kRoundRobin: return RoundRobin(seed, options.choices);
    case BalancerOptions::Algorithm::kRandom: return RandomChoice(seed, options.choices);
    case BalancerOptions::Algorithm::kLeastOutstanding: return LeastOutstanding(seed, options.choices);
    case BalancerOptions::Algorithm::kPowerOfTwoChoices: return PowerOfChoices(seed, options.choices);
    case BalancerOptions::Algorithm::kConnections: return ConnectionPool(seed, options, service.connection_limit);
    case BalancerOptions::Algorithm::kAffinity: return Affinity(seed, options);
    case BalancerOptions::Algorithm::kWeightedRoundRobin: return WeightedRoundRobin();
    case BalancerOptions::Algorithm::kZoneAware: return ZoneAware(options, service.zones);
    case BalancerOptions::Algorithm::kCentralQueue: break;  // has no balancer; this one is never asked
  }
  return RoundRobin(seed, options.choices);
}

}  // namespace sim
