// Where the metrics APIs get their numbers: metrics-server's role, seen from the API server.
//
// Called on the executor of the server, from inside a request. Selectors are applied by the caller.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "common/base/time.h"

namespace fakeapi {

// A mean over the `window` that ends at `timestamp`.
struct ContainerUsage {
  std::string name;
  std::uint64_t cpu_nanocores = 0;
  std::uint64_t memory_bytes = 0;
};

struct PodMetrics {
  std::string ns;
  std::string name;
  base::Time timestamp{};
  base::Duration window{};
  std::vector<ContainerUsage> containers;
};

struct NodeMetrics {
  std::string name;
  base::Time timestamp{};
  base::Duration window{};
  std::uint64_t cpu_nanocores = 0;
  std::uint64_t memory_bytes = 0;
};

// What the application of a pod exports, as the custom metrics adapter serves it.
struct PodMetricValue {
  std::string ns;
  std::string pod;
  base::Time timestamp{};
  base::Duration window{};
  double value = 0;
};

class MetricsSource {
 public:
  virtual ~MetricsSource() = default;

  // Sorted by namespace and name; an empty `ns` means all. A pod without two samples yet is missing.
  virtual std::vector<PodMetrics> pod_metrics(const std::string& ns) = 0;

  // Sorted by name.
  virtual std::vector<NodeMetrics> node_metrics() = 0;

  // The values of `metric` of the pods that have it, sorted by namespace and pod.
  virtual std::vector<PodMetricValue> pod_values(const std::string& ns, const std::string& metric) = 0;

  // Every metric that pod_values() knows now, sorted.
  virtual std::vector<std::string> pod_value_names() = 0;
};

}  // namespace fakeapi
