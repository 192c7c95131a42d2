// What the event-driven engine keeps for a service: its rules ready for use, its balancer and queues, and its counts.
// Not thread-safe; owned by a Mesh.
#pragma once

#include <algorithm>
#include <cstdint>
#include <deque>
#include <limits>
#include <optional>
#include <vector>

#include "common/base/random.h"
#include "sim/mesh/balancer.h"
#include "sim/mesh/edge.h"
#include "sim/mesh/mesh_pod.h"
#include "sim/service/histogram.h"
#include "sim/service/system_options.h"
#include "sim/traffic/quantile_table.h"

namespace sim {

QuantileTable quantiles_of(ServiceTime::Distribution distribution, Ticks mean, double cv);

struct ServiceState {
  // `stream` is that of the balancer.
  ServiceState(const ServiceOptions& service, const base::Random& stream);

  bool sharing() const { return options.discipline == Discipline::kProcessorSharing && !central; }
  // Whether an entry may send one more here, see Entry::Strategy.
  bool has_room(double full) const {
    return listed > 0 && static_cast<double>(held) < full * static_cast<double>(options.workers) * listed;
  }
  bool is_out(Ticks now) const {
    return std::any_of(outages.begin(), outages.end(),
                       [now](const ServiceOutage& o) { return o.begin <= now && now < o.end; });
  }
  // Service time of the attempt on a pod of that age.
  Ticks demand_on(const MeshPod& pod, Ticks demand, Ticks now) const;
  ServiceTotals totals() const;

  const ServiceOptions options;
  QuantileTable demand;
  const bool central;
  Speed speed;
  std::uint32_t room;                // requests that a pod may hold
  std::uint32_t queue_limit;         // central queue: of each listed pod
  bool own_demand = false;           // something in a pod changes the demand of what it serves
  std::vector<std::uint16_t> calls;  // edges
  std::vector<ServiceOutage> outages;
  std::uint16_t delay = 0;  // line of the overhead

  Balancer balancer;
  std::uint32_t listed = 0;  // pods in the balancer
  std::uint32_t wanted = 0;  // and those that are ejected
  std::uint32_t ejected = 0;
  std::uint64_t held = 0;          // by pods in the balancer and the central queue
  JobList buffered;                // front proxy
  JobList waiting;                 // central queue
  std::deque<std::uint32_t> idle;  // central queue: pods of idle workers, idle for longest first

  ServiceTotals counts;
  WideCount latency_sum = 0;
  Histogram latency;
  WideCount busy_time = 0;
  WideCount available_time = 0;
};

}  // namespace sim
