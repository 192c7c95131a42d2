// The balancer of a service, whichever it is. Not thread-safe; owned by a ServiceState.
#pragma once

#include <cstdint>
#include <variant>

#include "sim/mesh/pod_choosers.h"
#include "sim/mesh/turn_choosers.h"
#include "sim/service/balancers.h"
#include "sim/service/least_outstanding.h"
#include "sim/service/power_of_choices.h"
#include "sim/service/system_options.h"

namespace sim {

class Balancer {
 public:
  // REQUIRES: not for a central queue.
  Balancer(const ServiceOptions& service, std::uint64_t seed) : chooser_(make(service, seed)) {}

  void add(std::uint32_t slot, const PodTraits& traits) {
    std::visit(
        [&](auto& chooser) {
          if constexpr (requires { chooser.add(slot, traits); }) {
            chooser.add(slot, traits);
          } else {
            chooser.add(slot);
          }
        },
        chooser_);
  }
  void remove(std::uint32_t slot) {
    std::visit([slot](auto& chooser) { chooser.remove(slot); }, chooser_);
  }
  // `load(slot)` is the number of requests that the pod holds, asker() is who asks. kNoPod if nobody takes it.
  template <class WhoAsks, class Load>
  std::uint32_t pick(WhoAsks asker, Load load) {
    return std::visit(
        [&](auto& chooser) {
          if constexpr (requires { chooser.pick(asker(), load); }) {
            return chooser.pick(asker(), load);
          } else {
            return chooser.pick(load);
          }
        },
        chooser_);
  }
  void arrived(std::uint32_t slot) {
    if (auto* const least = std::get_if<LeastOutstanding>(&chooser_)) least->arrived(slot);
  }
  void departed(std::uint32_t slot) {
    if (auto* const least = std::get_if<LeastOutstanding>(&chooser_)) least->departed(slot);
  }

 private:
  using Chooser = std::variant<RoundRobin, RandomChoice, LeastOutstanding, PowerOfChoices, ConnectionPool, Affinity,
                               WeightedRoundRobin, ZoneAware>;

  static Chooser make(const ServiceOptions& service, std::uint64_t seed);

  Chooser chooser_;
};

}  // namespace sim
