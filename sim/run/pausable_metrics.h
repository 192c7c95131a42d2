// The metrics APIs' source with a switch: during an outage it has nothing, or goes on serving what it had when the
// outage began. Single-threaded, on the simulation's executor.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <tuple>
#include <vector>

#include "fake-apiserver/api/metrics_source.h"

namespace sim {

class PausableMetrics final : public fakeapi::MetricsSource {
 public:
  enum class Mode { kLive, kMissing, kStale };

  explicit PausableMetrics(fakeapi::MetricsSource& inner) : inner_(inner) {}

  void set_mode(Mode mode);

  std::vector<fakeapi::PodMetrics> pod_metrics(const std::string& ns) override;
  std::vector<fakeapi::NodeMetrics> node_metrics() override;
  std::vector<fakeapi::PodMetricValue> pod_values(const std::string& ns, const std::string& metric) override;
  std::vector<std::string> pod_value_names() override;
  std::optional<fakeapi::ObjectMetricValue> object_value(const std::string& ns,
                                                         const fakeapi::DescribedResource& object,
                                                         const std::string& metric,
                                                         const std::string& selector) override;
  std::optional<std::vector<fakeapi::ExternalMetricValue>> external_values(const std::string& ns,
                                                                           const std::string& metric,
                                                                           const std::string& selector) override;
  // What there is to ask for does not change with an outage.
  std::vector<fakeapi::ObjectMetricName> object_value_names() override { return inner_.object_value_names(); }
  std::vector<std::string> external_value_names() override { return inner_.external_value_names(); }

 private:
  using ExternalKey = std::tuple<std::string, std::string, std::string>;  // namespace, metric, selector
  // Namespace, group, resource, name, metric, selector.
  using ObjectKey = std::tuple<std::string, std::string, std::string, std::string, std::string, std::string>;

  fakeapi::MetricsSource& inner_;
  Mode mode_ = Mode::kLive;
  // As they were when the mode became kStale; of all namespaces.
  std::vector<fakeapi::PodMetrics> pods_;
  std::vector<fakeapi::NodeMetrics> nodes_;
  std::map<std::string, std::vector<fakeapi::PodMetricValue>> values_;
  // Of everything that was asked for so far: what could be asked for has no list.
  std::map<ObjectKey, std::optional<fakeapi::ObjectMetricValue>> objects_;
  std::map<ExternalKey, std::optional<std::vector<fakeapi::ExternalMetricValue>>> externals_;
};

}  // namespace sim
