#include "sim/run/policy_run.h"

#include <algorithm>
#include <cmath>
#include <memory>

#include "common/base/metrics.h"
#include "common/base/task_group.h"
#include "common/base/time_format.h"
#include "common/base/virtual_time.h"
#include "common/http/in_process_transport.h"
#include "fake-apiserver/controllers/cluster.h"
#include "fake-apiserver/fake_apiserver.h"
#include "scaler/app/scaler_app.h"
#include "scaler/model/decision_json.h"
#include "sim/bridge/policy_objects.h"
#include "sim/bridge/workload_bridge.h"
#include "sim/run/elasticity.h"

namespace sim {
namespace {

using namespace std::chrono_literals;

// The cluster stands for so long before the night begins: pods are up, and no longer young to an HPA.
constexpr base::Duration kPreRoll = 30min;
// Traffic comes at its first rate for the last part of that, so that the first metrics that a policy sees are those of
// a service at work. Nothing of it is counted.
constexpr base::Duration kLeadIn = 60s;
// Nodes for a scenario that says nothing about them: they never limit anything.
constexpr int kPodsPerNode = 100;

fakeapi::Delay delay_of(const DelaySpec& spec) {
  switch (spec.kind) {
    case DelaySpec::Kind::kFixed: return fakeapi::Delay::fixed(spec.mean);
    case DelaySpec::Kind::kExponential: return fakeapi::Delay::exponential(spec.mean);
    case DelaySpec::Kind::kLognormal: return fakeapi::Delay::lognormal(spec.median, spec.sigma);
  }
  return fakeapi::Delay::none();
}

std::string quantity(double value) { return std::to_string(std::llround(value * 1000)) + "m"; }

fakeapi::ClusterOptions cluster_options(const Scenario& scenario) {
  fakeapi::ClusterOptions options;
  options.node_pools.clear();
  for (const NodePoolSpec& pool : scenario.cluster.node_pools) {
    options.node_pools.push_back({pool.name, pool.nodes, pool.max_nodes, quantity(pool.cpu),
                                  std::to_string(std::llround(pool.memory)), delay_of(pool.provisioning)});
  }
  if (options.node_pools.empty()) {
    const int nodes = scenario.workload.replicas / kPodsPerNode + 1;
    options.node_pools.push_back({"default", nodes, nodes, "1000000", "1Pi", fakeapi::Delay::none()});
  }
  options.pod_start.container_delay = fakeapi::Delay::fixed(scenario.workload.container_delay);
  if (scenario.workload.boot) options.pod_start.boot = delay_of(*scenario.workload.boot);
  if (const auto& probe = scenario.workload.readiness_probe) {
    options.pod_start.readiness_probe = fakeapi::ReadinessProbe{probe->initial_delay, probe->period};
  }
  options.metrics_resolution = scenario.cluster.metrics_resolution;
  options.events = false;
  return options;
}

EngineOptions engine_options(const Scenario& scenario) {
  EngineOptions options = scenario.engine;
  options.start = -kLeadIn.count();
  options.warmup += kLeadIn.count();
  options.duration += kLeadIn.count();
  return options;
}

scaler::ScalerConfig scaler_config(base::Random random) {
  scaler::ScalerConfig config;
  config.run_hpa_controller = true;
  config.remembered_decisions = 0;
  // A controller's loop has no fixed phase against the metrics that it reads.
  const double period = static_cast<double>(config.control.period.count());
  config.control.first_loop_delay = base::Duration(static_cast<std::int64_t>(random.uniform() * period));
  return config;
}

double milliseconds(Ticks t) { return static_cast<double>(t) / 1e6; }

// Everything that one replay owns, in the order of dependence.
class Replay {
 public:
  Replay(const Scenario& scenario, const PolicyFile* policy, base::LogLevel log_level)
      : scenario_(scenario),
        policy_(policy),
        random_(scenario.seed),
        time_(scenario.start - kPreRoll),
        log_(time_, base::LogOptions{log_level, base::LogFormat::kLogfmt}),
        api_(time_, random_.fork("api"), fakeapi::FakeApiServerOptions{}, metrics_),
        engine_(engine_options(scenario), random_.fork("traffic")),
        bridge_(scenario, api_.store(), engine_),
        cluster_(cluster_options(scenario), api_.store(), time_, random_.fork("cluster"), &bridge_, metrics_),
        transport_(api_) {
    api_.set_metrics_source(&cluster_.metrics());
  }

  // However the replay ends, the scaler's coroutines end before what they refer to.
  ~Replay() { stop_scaler(); }
  Replay(const Replay&) = delete;
  Replay& operator=(const Replay&) = delete;

  base::Result<PolicyResult> run(RunControl& control) {
    if (auto ready = prepare(control); !ready) return ready.error();
    for (std::int64_t second = 0; second < scenario_.duration / 1s; ++second) {
      record_cluster();
      if (auto ok = run_until(scenario_.start + std::chrono::seconds(second + 1), control); !ok) return ok.error();
      ++control.seconds_done;
    }
    engine_.finish();
    return result();
  }

 private:
  // In steps of a second, so that a stop is obeyed soon.
  base::Result<> run_until(base::Time t, const RunControl& control) {
    while (time_.now() < t) {
      if (control.stop) return base::Error{base::ErrorCode::kCancelled, "interrupted"};
      time_.run_until(std::min(t, time_.now() + 1s));
    }
    return {};
  }

  // Brings the cluster up and the traffic to its first rate, hands over the policies and starts the scaler.
  base::Result<> prepare(const RunControl& control) {
    if (auto deployed = bridge_.deploy(); !deployed) return deployed;
    if (auto ok = run_until(scenario_.start - kLeadIn, control); !ok) return ok;
    const WorkloadSpec& workload = scenario_.workload;
    if (bridge_.state().ready != workload.replicas) {
      return base::Error{base::ErrorCode::kInvalid,
                         workload.replicas_where + ": only " + std::to_string(bridge_.state().ready) + " of " +
                             std::to_string(workload.replicas) + " replicas became ready in the " +
                             base::format_duration(kPreRoll) +
                             " before the start: too few nodes for them, or a start-up that takes longer"};
    }
    bridge_.begin();
    if (auto ok = run_until(scenario_.start, control); !ok) return ok;
    if (policy_) {
      if (auto created = create_policy_objects(*policy_, api_.store()); !created) return created;
      scaler_ = std::make_unique<scaler::ScalerApp>(
          scaler_config(random_.fork("scaler/phase")), time_, transport_, random_.fork("scaler"), log_, metrics_,
          [this](const scaler::Decision& decision) { decisions_.push_back(to_line(decision)); });
      scaler_->start();
    }
    return {};
  }

  void stop_scaler() {
    if (!scaler_) return;
    base::TaskGroup stopping(time_.executor());
    stopping.spawn(scaler_->stop());
    time_.run_ready();
  }

  // Lines of all policies stand in one file; each says whose it is, by the name that the run gives it.
  std::string to_line(scaler::Decision decision) const {
    decision.policy = policy_->name;
    return scaler::to_json_line(decision);
  }

  void record_cluster() {
    const WorkloadBridge::State state = bridge_.state();
    const double rate = scenario_.engine.workers / to_seconds(scenario_.engine.service.mean);
    series_.desired.push_back(state.desired);
    series_.ready.push_back(state.ready);
    series_.capacity.push_back(state.ready * rate);
    series_.nodes.push_back(state.nodes);
    series_.pods.push_back(state.pods);
  }

  void record_requests() {
    const SloOptions& slo = scenario_.engine.slo;
    for (const SecondResult& second : engine_.seconds()) {
      if (second.second < 0) continue;
      series_.arrivals.push_back(static_cast<std::int64_t>(second.arrivals));
      series_.p50_ms.push_back(milliseconds(second.p50));
      series_.p95_ms.push_back(milliseconds(second.p95));
      series_.p99_ms.push_back(milliseconds(second.p99));
      series_.failed.push_back(static_cast<std::int64_t>(second.failed));
      series_.demand.push_back(
          demand_pods(static_cast<double>(second.arrivals), to_seconds(scenario_.engine.service.mean),
                      static_cast<int>(scenario_.engine.workers), to_seconds(slo.latency), slo.percentile));
    }
  }

  PolicyResult result() {
    record_requests();
    PolicyResult result;
    result.name = policy_ ? policy_->name : "none";
    if (policy_) result.text = policy_->text;
    result.summary = summary();
    result.series = std::move(series_);
    result.decisions = std::move(decisions_);
    return result;
  }

  Summary summary() const {
    const Totals t = engine_.totals();
    Summary s;
    s.requests = t.requests;
    s.succeeded = t.succeeded;
    s.failed = t.failed;
    s.rejected = t.rejected;
    s.timed_out = t.timed_out;
    s.retried = t.retried;
    s.latency_ms = {milliseconds(t.latency.mean), milliseconds(t.latency.p50), milliseconds(t.latency.p90),
                    milliseconds(t.latency.p95),  milliseconds(t.latency.p99), milliseconds(t.latency.p999),
                    milliseconds(t.latency.max)};
    s.queue_wait_mean_ms = milliseconds(t.queue_wait.mean);
    s.queue_wait_p95_ms = milliseconds(t.queue_wait.p95);
    s.queue_wait_p99_ms = milliseconds(t.queue_wait.p99);
    s.degradation_seconds = static_cast<int>(t.degradation_seconds);
    s.slo_violation_ratio = t.slo_violation_ratio;
    s.mean_in_system = t.mean_in_system;
    s.utilization = t.utilization;
    add_cluster_summary(s);
    return s;
  }

  void add_cluster_summary(Summary& s) const {
    const std::size_t warmup = static_cast<std::size_t>(scenario_.engine.warmup / kSecond);
    std::int64_t pod_seconds = 0;
    std::int64_t node_seconds = 0;
    for (std::size_t i = warmup; i < series_.pods.size(); ++i) {
      pod_seconds += series_.pods[i];
      node_seconds += series_.nodes[i];
      s.worst_p99_ms = std::max(s.worst_p99_ms, series_.p99_ms[i]);
    }
    s.pod_hours = static_cast<double>(pod_seconds) / 3600;
    s.node_hours = static_cast<double>(node_seconds) / 3600;
    s.cost = s.pod_hours * scenario_.cost.pod_hour + s.node_hours * scenario_.cost.node_hour;
    s.scale_events = bridge_.scale_events();
    s.scale_reversals = bridge_.scale_reversals();
    const auto demand = std::span(series_.demand).subspan(warmup);
    const auto supply = std::span(series_.ready).subspan(warmup);
    s.elasticity = elasticity(demand, supply);
    s.time_to_capacity_seconds = time_to_capacity(demand, supply);
  }

  const Scenario& scenario_;
  const PolicyFile* const policy_;
  base::Random random_;
  base::VirtualTime time_;
  base::Log log_;
  base::Metrics metrics_;
  fakeapi::FakeApiServer api_;
  Engine engine_;
  WorkloadBridge bridge_;
  fakeapi::Cluster cluster_;
  http::InProcessTransport transport_;
  std::unique_ptr<scaler::ScalerApp> scaler_;
  std::vector<std::string> decisions_;
  Series series_;
};

}  // namespace

base::Result<PolicyResult> run_policy(const Scenario& scenario, const PolicyFile* policy, base::LogLevel log_level,
                                      RunControl& control) {
  return std::make_unique<Replay>(scenario, policy, log_level)->run(control);
}

}  // namespace sim
