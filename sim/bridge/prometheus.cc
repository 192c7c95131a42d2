#include "sim/bridge/prometheus.h"

#include <optional>

namespace sim {
namespace {

constexpr const char* kRequests = "http_requests_total";
constexpr const char* kInFlight = "http_requests_in_flight";
constexpr const char* kCpu = "container_cpu_usage_seconds_total";

}  // namespace

Prometheus::Prometheus(SystemBridge& bridge, base::Clock& clock, base::Duration first)
    : bridge_(bridge), clock_(clock), timers_(clock) {
  timers_.call_after(first, [this] { scrape(); });
}

void Prometheus::watch(const PromQuery& query) {
  metrics_.insert(query.metrics().begin(), query.metrics().end());
  reach_ = std::max(reach_, query.reach());
}

void Prometheus::scrape() {
  timers_.call_after(kScrapeInterval, [this] { scrape(); });
  if (metrics_.empty()) return;
  for (auto& [metric, all] : store_.metrics()) {
    for (auto& [target, series] : all) series.stale = true;
  }
  for (const auto& workload : bridge_.workloads()) {
    for (const auto& [pod, traffic] : workload->traffic_of_pods(clock_.now())) {
      scrape(workload->workload(), pod, traffic);
    }
  }
  forget();
}

void Prometheus::scrape(const WorkloadSpec& workload, const std::string& pod, const WorkloadBridge::Traffic& traffic) {
  const auto add = [&](const char* metric, double value) {
    if (metrics_.count(metric) == 0) return;
    PromSeries& series = store_.series(metric, workload.ns + "/" + pod);
    if (series.labels.empty()) {
      series.labels = {{"namespace", workload.ns}, {"pod", pod},           {"deployment", workload.name},
                       {"app", workload.name},     {"job", workload.name}, {"container", workload.name}};
    }
    series.stale = false;
    series.samples.push_back({clock_.now(), value});
  };
  add(kRequests, traffic.received);
  add(kInFlight, traffic.held);
  // Reading CPU meters it, so only those who ask for it pay.
  if (metrics_.count(kCpu) == 0) return;
  if (const auto sample = bridge_.sample(workload.ns, pod, clock_.now())) {
    add(kCpu, static_cast<double>(sample->cpu_nanoseconds) / 1e9);
  }
}

void Prometheus::forget() {
  const base::Time oldest = clock_.now() - reach_ - kScrapeInterval;
  for (auto& [metric, all] : store_.metrics()) {
    for (auto at = all.begin(); at != all.end();) {
      auto& samples = at->second.samples;
      while (!samples.empty() && samples.front().at < oldest) samples.pop_front();
      at = samples.empty() ? all.erase(at) : std::next(at);
    }
  }
}

}  // namespace sim
