#include "sim/mesh/service_state.h"

#include <array>
#include <cmath>

#include "common/base/check.h"

namespace sim {
namespace {

// 2^-16 of a worker: how finely a CPU limit slows a pod down.
constexpr int kSpeedBits = 16;
// A limit that idling uses up leaves a thousandth of a worker, so that whatever is served will be done.
constexpr double kSlowest = 1e-3;

Speed speed_of(const ServiceOptions& o) {
  Speed speed{.workers = o.workers, .full = o.workers, .most = o.workers, .shift = 0};
  if (!o.throttles || !o.cpu.limit || o.cpu.per_request <= 0) return speed;
  const double per_busy = static_cast<double>(o.cpu.per_request) / static_cast<double>(o.service.mean);
  const double most = std::max(kSlowest, (*o.cpu.limit - o.cpu.idle) / per_busy);
  if (most >= static_cast<double>(o.workers)) return speed;
  speed.full = static_cast<std::int64_t>(most);
  speed.most = std::llround(std::ldexp(most, kSpeedBits));
  speed.shift = kSpeedBits;
  return speed;
}

std::uint32_t room_of(const ServiceOptions& o) {
  std::uint64_t room = kNoPod;
  if (o.queue_limit) room = std::min(room, std::uint64_t{o.workers} + *o.queue_limit);
  if (o.concurrency_limit) room = std::min(room, std::uint64_t{*o.concurrency_limit});
  return static_cast<std::uint32_t>(room);
}

}  // namespace

QuantileTable quantiles_of(ServiceTime::Distribution distribution, Ticks mean, double cv) {
  const auto ticks = static_cast<double>(mean);
  switch (distribution) {
    case ServiceTime::Distribution::kExponential: return QuantileTable::exponential(ticks);
    case ServiceTime::Distribution::kDeterministic: return QuantileTable::constant(ticks);
    case ServiceTime::Distribution::kLognormal: return QuantileTable::lognormal(ticks, cv);
  }
  CHECK(false, "every distribution has its table");
  return QuantileTable::constant(ticks);
}

ServiceState::ServiceState(const ServiceOptions& service, const base::Random& stream)
    : options(service),
      demand(quantiles_of(service.service.distribution, service.service.mean, service.service.cv)),
      central(service.balancer.algorithm == BalancerOptions::Algorithm::kCentralQueue),
      speed(speed_of(service)),
      room(room_of(service)),
      queue_limit(service.queue_limit.value_or(kNoPod)),
      own_demand(service.warm_up.factor > 0.0),
      balancer(service, stream.key()) {
  CHECK(service.workers > 0, "a pod has a worker");
  CHECK(service.service.mean > 0, "service takes time");
  CHECK(service.balancer.choices > 0, "a balancer chooses among at least one");
  CHECK(service.balancer.connections > 0 && service.balancer.clients > 0, "a balancer has connections and clients");
  CHECK(service.zones > 0, "a service is in a zone");
  CHECK(service.overhead >= 0, "nothing arrives before it is sent");
  CHECK(service.warm_up.factor >= 0.0 && service.warm_up.tau > 0, "pods get faster as they warm up");
  counts.name = service.name;
}

Ticks ServiceState::demand_on(const MeshPod& pod, Ticks undisturbed, Ticks now) const {
  double factor = pod.traits.slowdown;
  if (const WarmUp& warm_up = options.warm_up; warm_up.factor > 0.0) {
    const double age = static_cast<double>(now - pod.added) / static_cast<double>(warm_up.tau);
    if (age < 40.0) factor *= 1.0 + warm_up.factor * std::exp(-age);
  }
  if (factor == 1.0) return undisturbed;
  const double slowed = static_cast<double>(undisturbed) * factor;
  return std::max<Ticks>(1, static_cast<Ticks>(std::min(slowed, static_cast<double>(RunningSet::kLongestDemand))));
}

ServiceTotals ServiceState::totals() const {
  ServiceTotals totals = counts;
  totals.latency_mean = rounded_mean(latency_sum, counts.answered);
  std::array<Ticks, 1> p95{};
  latency.quantiles(std::array{0.95}, 0, p95);
  totals.latency_p95 = p95[0];
  if (available_time > 0) totals.utilization = static_cast<double>(busy_time) / static_cast<double>(available_time);
  return totals;
}

}  // namespace sim
