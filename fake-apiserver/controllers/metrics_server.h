// metrics-server and the custom metrics adapter: samples each running pod on a fixed grid, and serves the difference
// of the last two samples as a rate.
//
// Single-threaded; owned by the Cluster.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "common/base/background_clock.h"
#include "common/base/clock.h"
#include "fake-apiserver/api/metrics_source.h"
#include "fake-apiserver/controllers/node_table.h"
#include "fake-apiserver/controllers/pod_cache.h"
#include "fake-apiserver/controllers/pod_sampler.h"
#include "fake-apiserver/controllers/timers.h"

namespace fakeapi {

// On a pod of which nobody knows the real usage: what it uses, as quantities.
inline constexpr const char* kCpuAnnotation = "gamenight/cpu";
inline constexpr const char* kMemoryAnnotation = "gamenight/memory";

class MetricsServer final : public MetricsSource {
 public:
  // Samples at construction + k * `resolution`, k = 1, 2, ... Without a `sampler` every pod uses what its annotations
  // tell, or idles at 20m and 50Mi. With a `window` that is what it tells, and the rate is that of the last seconds
  // before the sample, as it was until version 0.4.
  MetricsServer(base::Duration resolution, base::Clock& clock, PodCache& pods, NodeTable& nodes, PodSampler* sampler,
                std::optional<base::Duration> window = std::nullopt);

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
    // That the usage is booked on, in equal parts: the pod's first if a sampler tells the usage, else all of them.
    std::vector<std::string> containers;
    std::uint64_t idle_nanocores = 0;  // without a sampler
    std::uint64_t idle_memory = 0;
    std::string node;
    std::optional<Point> last;
    std::optional<Point> look;  // shortly before a round, if the window is fixed
    bool looked_at = false;
    // The rates between the last two points, if there are two, and the gauges of the last.
    base::Duration window{};
    std::uint64_t cpu_nanocores = 0;
    std::map<std::string, double> rates;
  };

  void on_pod(const Pod* before, const Pod* after);
  void read_usage(const Pod& pod, Tracked& tracked);
  void plan_round();
  void look_before_round();
  void round();
  void add_sample(Tracked& pod, Point point);
  std::optional<PodSample> sample(const ObjectName& name, const Tracked& pod, base::Time now);
  // The pods of `ns`, or all.
  std::vector<std::pair<const ObjectName*, const Tracked*>> with_rates(const std::string& ns) const;

  const base::Duration resolution_;
  const std::optional<base::Duration> window_;
  base::Clock& clock_;
  NodeTable& nodes_;
  PodSampler* const sampler_;
  std::map<ObjectName, Tracked> tracked_;
  std::optional<base::Time> last_round_;
  base::Time next_round_;
  base::BackgroundClock background_;  // a round changes no object
  Timers timers_;
};

}  // namespace fakeapi
