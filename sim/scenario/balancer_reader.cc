#include "sim/scenario/balancer_reader.h"

#include "sim/scenario/common_fields.h"

namespace sim {
namespace {

using config::Fields;
using Algorithm = BalancerOptions::Algorithm;

constexpr std::pair<const char*, Algorithm> kNames[] = {
    {"roundRobin", Algorithm::kRoundRobin},
    {"random", Algorithm::kRandom},
    {"leastOutstanding", Algorithm::kLeastOutstanding},
    {"powerOfTwoChoices", Algorithm::kPowerOfTwoChoices},
    {"centralQueue", Algorithm::kCentralQueue},
    {"connections", Algorithm::kConnections},
    {"affinity", Algorithm::kAffinity},
    {"weightedRoundRobin", Algorithm::kWeightedRoundRobin},
    {"zoneAware", Algorithm::kZoneAware},
};

Algorithm read_algorithm(Fields& fields) {
  std::vector<std::string> names;
  for (const auto& [name, algorithm] : kNames) names.emplace_back(name);
  return kNames[read_index(fields, "algorithm", names, "algorithms")].second;
}

OutlierEjection read_ejection(Fields fields) {
  OutlierEjection ejection;
  ejection.consecutive_errors = read_count_or(fields, "consecutiveErrors", ejection.consecutive_errors, 1, 1'000'000);
  ejection.base = read_ticks_or(fields, "base", ejection.base, 1);
  ejection.most = read_share_or(fields, "most", ejection.most);
  return ejection;
}

}  // namespace

BalancerOptions read_balancer(Fields& fields, const BalancerOptions& fallback) {
  auto balancer = fields.object_if("loadBalancer");
  if (!balancer) return fallback;
  BalancerOptions options;
  options.algorithm = read_algorithm(*balancer);
  switch (options.algorithm) {
    case Algorithm::kPowerOfTwoChoices: options.choices = read_count_or(*balancer, "choices", 2, 1, 64); break;
    case Algorithm::kConnections:
      options.connections = read_count_or(*balancer, "connections", options.connections, 1, 1'000'000);
      if (balancer->has("lifetime") && balancer->value().at("lifetime") != "none") {
        options.connection_lifetime = read_ticks(*balancer, "lifetime", 1);
      }
      break;
    case Algorithm::kAffinity:
      options.clients = read_count_or(*balancer, "clients", options.clients, 1, 1'000'000);
      break;
    case Algorithm::kZoneAware: options.zone_share = read_share_or(*balancer, "zoneShare", options.zone_share); break;
    default: break;
  }
  if (auto ejection = balancer->object_if("outlierEjection")) {
    if (options.algorithm == Algorithm::kCentralQueue) {
      balancer->fail("outlierEjection",
                     "has no meaning for a central queue, which sends nothing to a pod of its choice");
    }
    options.ejection = read_ejection(std::move(*ejection));
  }
  return options;
}

}  // namespace sim
