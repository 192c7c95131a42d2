// What the custom and external metrics APIs of the simulated world tell beyond the metrics-server's values: live totals
// of each workload, and what a ScaledObject's triggers measure.
//
// Names: requests_per_second (over the last full second), concurrency and requests_in_flight (requests in the pods and
// in front of them). External series carry the labels namespace, deployment and app, and without a selector are those
// of the scenario's first workload alone; Object metrics describe a Deployment, Service or Ingress of its name.
// Single-threaded, on the simulation's executor.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "common/base/clock.h"
#include "fake-apiserver/api/metrics_source.h"
#include "fake-apiserver/controllers/timers.h"
#include "sim/bridge/prometheus.h"
#include "sim/bridge/system_bridge.h"

namespace sim {

// An external metric that an autoscaler makes of a trigger.
struct TriggerMetric {
  std::string ns;
  std::string name;                           // "s0-prometheus"
  std::map<std::string, std::string> labels;  // that its series carries
  std::optional<PromQuery> query;             // nullopt: the requests in flight of `workload`, as they are pushed
  std::string workload;                       // its name
  bool nothing_is_zero = false;               // what a query that finds nothing means; otherwise it is an error
};

class WorkloadMetrics final : public fakeapi::MetricsSource {
 public:
  // `pods` is asked for all that is measured by pod. References must outlive it.
  WorkloadMetrics(fakeapi::MetricsSource& pods, SystemBridge& bridge, Prometheus& prometheus, base::Clock& clock);

  // From now on at each full second. Before two of them there is no rate.
  void measure_rates();
  void add(TriggerMetric trigger);

  std::vector<fakeapi::PodMetrics> pod_metrics(const std::string& ns) override { return pods_.pod_metrics(ns); }
  std::vector<fakeapi::NodeMetrics> node_metrics() override { return pods_.node_metrics(); }
  std::vector<fakeapi::PodMetricValue> pod_values(const std::string& ns, const std::string& metric) override {
    return pods_.pod_values(ns, metric);
  }
  std::vector<std::string> pod_value_names() override { return pods_.pod_value_names(); }

  std::optional<fakeapi::ObjectMetricValue> object_value(const std::string& ns,
                                                         const fakeapi::DescribedResource& object,
                                                         const std::string& metric,
                                                         const std::string& selector) override;
  std::optional<std::vector<fakeapi::ExternalMetricValue>> external_values(const std::string& ns,
                                                                           const std::string& metric,
                                                                           const std::string& selector) override;
  std::vector<fakeapi::ObjectMetricName> object_value_names() override;
  std::vector<std::string> external_value_names() override;

 private:
  struct Rate {
    std::optional<double> received;  // until the last full second
    std::optional<double> per_second;
  };

  void tick();
  std::optional<double> total(std::size_t workload, const std::string& metric);
  std::optional<double> measured(const TriggerMetric& trigger);
  base::Time timestamp(const std::string& metric) const;

  fakeapi::MetricsSource& pods_;
  SystemBridge& bridge_;
  Prometheus& prometheus_;
  base::Clock& clock_;
  std::vector<Rate> rates_;  // by workload
  base::Time rated_at_{};
  std::vector<TriggerMetric> triggers_;
  fakeapi::Timers timers_;
};

}  // namespace sim
