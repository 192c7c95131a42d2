// The metrics APIs' source with a switch: during an outage it has nothing, or goes on serving what it had when the
// outage began. Single-threaded, on the simulation's executor.
#pragma once

#include <map>
#include <string>
#include <utility>
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

 private:
  fakeapi::MetricsSource& inner_;
  Mode mode_ = Mode::kLive;
  // As they were when the mode became kStale; of all namespaces.
  std::vector<fakeapi::PodMetrics> pods_;
  std::vector<fakeapi::NodeMetrics> nodes_;
  std::map<std::string, std::vector<fakeapi::PodMetricValue>> values_;
};

}  // namespace sim
