// A Prometheus of the simulated world: scrapes every running pod of the workloads and answers queries about them.
//
// Metrics: http_requests_total, http_requests_in_flight, container_cpu_usage_seconds_total; labels: namespace, pod,
// deployment, app, job, container. Only what watch() was told of is scraped. Single-threaded, on the simulation's
// executor.
#pragma once

#include <chrono>
#include <set>
#include <string>

#include "common/base/clock.h"
#include "fake-apiserver/controllers/timers.h"
#include "sim/bridge/system_bridge.h"
#include "sim/promql/query.h"

namespace sim {

class Prometheus {
 public:
  static constexpr base::Duration kScrapeInterval = std::chrono::seconds(15);

  // Scrapes at construction + `first` + k * kScrapeInterval. References must outlive it.
  Prometheus(SystemBridge& bridge, base::Clock& clock, base::Duration first);

  void watch(const PromQuery& query);
  // By what was scraped until now.
  PromValue answer(const PromQuery& query) const { return query.evaluate(store_, clock_.now()); }

 private:
  void scrape();
  void scrape(const WorkloadSpec& workload, const std::string& pod, const WorkloadBridge::Traffic& traffic);
  void forget();

  SystemBridge& bridge_;
  base::Clock& clock_;
  PromStore store_;
  std::set<std::string> metrics_;
  base::Duration reach_ = kPromLookback;
  fakeapi::Timers timers_;
};

}  // namespace sim
