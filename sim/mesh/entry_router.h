// Chooses the route by which an attempt enters the system. Not thread-safe; owned by a Mesh.
#pragma once

#include <cstdint>
#include <vector>

#include "sim/mesh/service_state.h"
#include "sim/service/system_options.h"

namespace sim {

class EntryRouter {
 public:
  explicit EntryRouter(const Entry& entry);

  // The index of the route; `bits` are the attempt's own. If no route has room, the first whose service has a pod.
  std::size_t pick(const std::vector<ServiceState>& services, std::uint32_t bits, Ticks now);
  const Route& route(std::size_t i) const { return entry_.routes[i]; }
  std::size_t routes() const { return entry_.routes.size(); }

 private:
  std::size_t pick_weighted(std::uint32_t bits, Ticks now);

  const Entry entry_;
  std::vector<std::size_t> order_;  // of preference
  std::vector<double> weights_;     // now
  double total_ = 0.0;
  std::size_t shifts_done_ = 0;
};

}  // namespace sim
