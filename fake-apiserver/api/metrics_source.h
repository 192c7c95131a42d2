// Where the metrics APIs get their numbers: metrics-server's role, seen from the API server.
//
// Called on the executor of the server, from inside a request. Selectors are applied by the caller.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
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

// The object that a custom metric describes, as the path of a request names it. The namespace as a whole is
// {"", "namespaces", <its name>}.
struct DescribedResource {
  std::string group;     // empty: the core group
  std::string resource;  // plural: "deployments"
  std::string name;
};

struct ObjectMetricValue {
  base::Time timestamp{};
  base::Duration window{};
  double value = 0;
};

// One series of a metric that belongs to no object of the cluster.
struct ExternalMetricValue {
  std::map<std::string, std::string> labels;
  base::Time timestamp{};
  base::Duration window{};
  double value = 0;
};

// A metric of objects that discovery lists.
struct ObjectMetricName {
  std::string group;
  std::string resource;
  std::string metric;
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

  // `metric` of an object of the namespace; nullopt if it has none. `selector` is the request's metricLabelSelector as
  // text ("a=b,c in (d)"), empty for none: a source without labels may leave it aside.
  virtual std::optional<ObjectMetricValue> object_value(const std::string& ns, const DescribedResource& object,
                                                        const std::string& metric, const std::string& selector) {
    static_cast<void>(ns), static_cast<void>(object), static_cast<void>(metric), static_cast<void>(selector);
    return std::nullopt;
  }

  // The series of `metric`, in a fixed order; nullopt if there is no such metric. The caller drops those whose labels
  // `selector` (text, as above) does not match: it is told so that a source may make less.
  virtual std::optional<std::vector<ExternalMetricValue>> external_values(const std::string& ns,
                                                                          const std::string& metric,
                                                                          const std::string& selector) {
    static_cast<void>(ns), static_cast<void>(metric), static_cast<void>(selector);
    return std::nullopt;
  }

  // For discovery, sorted.
  virtual std::vector<ObjectMetricName> object_value_names() { return {}; }
  virtual std::vector<std::string> external_value_names() { return {}; }
};

}  // namespace fakeapi
