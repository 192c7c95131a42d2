#include "sim/service/engine_common.h"

#include <cmath>

namespace sim {

Ticks CpuMeter::read(const CpuOptions& cpu, Ticks mean_service, std::uint32_t workers, const Done& done, Ticks at) {
  const double per_work = static_cast<double>(cpu.per_request) / static_cast<double>(mean_service);
  const Ticks raw = std::llround(static_cast<double>(done.work) * per_work) +
                    std::llround(static_cast<double>(done.lived_until - added_) * cpu.idle) +
                    static_cast<Ticks>(done.rejected) * cpu.per_rejection;
  // A worker is one thread, so it never burns more than a core.
  const double most = std::min(cpu.limit.value_or(workers), static_cast<double>(workers));
  used_ += std::min<Ticks>(raw - raw_, std::llround(static_cast<double>(at - sampled_) * most));
  raw_ = raw;
  sampled_ = at;
  return used_;
}

void Digest::add(const std::vector<SecondResult>& seconds, const Totals& t) {
  for (const SecondResult& s : seconds) {
    add(s.second);
    add(s.arrivals);
    add(s.failed);
    for (const Ticks x : {s.p50, s.p95, s.p99}) add(x);
    add(static_cast<std::uint64_t>(s.degraded));
  }
  for (const std::uint64_t n : {t.requests, t.rejected, t.timed_out, t.retried, t.degradation_seconds}) add(n);
  for (const Ticks x : {t.latency.mean, t.latency.p50, t.latency.p90, t.latency.p95, t.latency.p99, t.latency.p999,
                        t.latency.max, t.queue_wait.mean, t.queue_wait.p95, t.queue_wait.p99}) {
    add(x);
  }
  for (const double x : {t.slo_violation_ratio, t.mean_in_system, t.utilization}) add(x);
}

}  // namespace sim
