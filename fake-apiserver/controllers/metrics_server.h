// metrics-server and the custom metrics adapter: samples each running pod on a fixed grid, and serves the difference
// of the last two samples as a rate.
//
// Single-threaded; owned by the Cluster.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "common/base/clock.h"
#include "fake-apiserver/api/metrics_source.h"
#include "fake-apiserver/controllers/node_table.h"
#include "fake-apiserver/controllers/pod_cache.h"
#include "fake-apiserver/controllers/pod_sampler.h"
#include "fake-apiserver/controllers/timers.h"

namespace fakeapi {

class MetricsServer final : public MetricsSource {
 public:
  // Samples at construction + k * `resolution`, k = 1, 2, ... Without a `sampler` every pod idles at 20m and 50Mi.
  MetricsServer(base::Duration resolution, base::Clock& clock, PodCache& pods, NodeTable& nodes, PodSampler* sampler);

  std::vector<PodMetrics> pod_metrics(const std::string& ns) override;
  std::vector<NodeMetrics> node_metrics() override;
  std::vector<PodMetricValue> pod_values(const std::string& ns, const std::string& metric) override;
  std::vector<std::string> pod_value_names() override;

 private:
  struct Point {
    base::Time at{};
    PodSample sample;
  };
  struct Tracked {
    base::Time started{};  // of the containers
    std::int64_t restarts = 0;
    std::string container;  // that all usage is booked on: the pod's first
    std::string node;
    std::optional<Point> last;
    // The rates between the last two points, if there are two, and the gauges of the last.
    base::Duration window{};
    std::uint64_t cpu_nanocores = 0;
    std::map<std::string, double> rates;
  };

  void on_pod(const Pod* before, const Pod* after);
  void round();
  void add_sample(Tracked& pod, Point point);
  std::optional<PodSample> sample(const ObjectName& name, const Tracked& pod, base::Time now);
  // The pods of `ns`, or all.
  std::vector<std::pair<const ObjectName*, const Tracked*>> with_rates(const std::string& ns) const;

  const base::Duration resolution_;
  base::Clock& clock_;
  NodeTable& nodes_;
  PodSampler* const sampler_;
  std::map<ObjectName, Tracked> tracked_;
  std::optional<base::Time> last_round_;
  base::Time next_round_;
  Timers timers_;
};

}  // namespace fakeapi
