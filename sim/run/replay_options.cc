#include "sim/run/replay_options.h"

#include <algorithm>
#include <cmath>

#include "common/base/number_format.h"

namespace sim {
namespace {

// Nodes for a scenario that says nothing about them: they never limit anything.
constexpr int kPodsPerNode = 100;
constexpr int kPodsPerEndlessNode = 1'000'000;

fakeapi::Delay delay_of(const DelaySpec& spec) {
  switch (spec.kind) {
    case DelaySpec::Kind::kFixed: return fakeapi::Delay::fixed(spec.mean);
    case DelaySpec::Kind::kExponential: return fakeapi::Delay::exponential(spec.mean);
    case DelaySpec::Kind::kLognormal: return fakeapi::Delay::lognormal(spec.median, spec.sigma);
  }
  return fakeapi::Delay::none();
}

std::string quantity(double value) { return std::to_string(std::llround(value * 1000)) + "m"; }
std::string bytes(double value) { return std::to_string(std::llround(value)); }

void add_node_pools(const Scenario& scenario, fakeapi::ClusterOptions& options) {
  options.node_pools.clear();
  for (const NodePoolSpec& spec : scenario.cluster.node_pools) {
    fakeapi::NodePoolOptions pool;
    pool.name = spec.name;
    pool.nodes = spec.nodes;
    pool.max_nodes = spec.max_nodes;
    pool.cpu = quantity(spec.cpu);
    pool.memory = bytes(spec.memory);
    pool.provisioning = delay_of(spec.provisioning);
    pool.zones = spec.zones;
    pool.region = spec.region;
    pool.failure_ratio = spec.failure_ratio;
    options.node_pools.push_back(std::move(pool));
  }
  if (!options.node_pools.empty()) return;
  int replicas = 0;
  for (const WorkloadSpec& workload : scenario.workloads) replicas += workload.fixed ? 0 : workload.replicas;
  fakeapi::NodePoolOptions pool;
  pool.nodes = pool.max_nodes = replicas / kPodsPerNode + 1;
  pool.cpu = "1000000";
  pool.memory = "1Pi";
  pool.max_pods = kPodsPerEndlessNode;
  pool.provisioning = fakeapi::Delay::none();
  options.node_pools.push_back(std::move(pool));
}

fakeapi::ProbeOptions probe_options(const ProbeSpec& spec) {
  fakeapi::ProbeOptions probe;
  probe.initial_delay = spec.initial_delay;
  probe.period = spec.period;
  probe.timeout = spec.timeout;
  probe.failure_threshold = spec.failure_threshold;
  probe.does_work = spec.does_work;
  return probe;
}

fakeapi::PodStartOptions pod_start_options(const WorkloadSpec& workload) {
  fakeapi::PodStartOptions options;
  options.container_delay = fakeapi::Delay::fixed(workload.container_delay);
  if (workload.boot) options.boot = delay_of(*workload.boot);
  if (workload.readiness_probe) options.readiness_probe = probe_options(*workload.readiness_probe);
  if (workload.liveness_probe) options.liveness_probe = probe_options(*workload.liveness_probe);
  return options;
}

// What the scaler's transport does to calls of `method`.
http::FaultRule fault_rule(const Scenario& scenario, const ActionSpec& action, const ApiFault& fault,
                           const std::string& method) {
  http::FaultRule rule;
  rule.method = method;
  rule.from = scenario.start + action.at;
  if (action.lasts > base::Duration::zero()) rule.until = *rule.from + action.lasts;
  switch (fault.status) {
    case 409: rule.conflict_probability = fault.probability; break;
    case 429: rule.rate_limited_probability = fault.probability; break;
    case 500: rule.internal_probability = fault.probability; break;
    default: rule.unavailable_probability = fault.probability; break;
  }
  return rule;
}

}  // namespace

fakeapi::ClusterOptions cluster_options(const Scenario& scenario) {
  fakeapi::ClusterOptions options;
  add_node_pools(scenario, options);
  for (const WorkloadSpec& workload : scenario.workloads) {
    if (!workload.fixed) options.pod_start_of[{workload.ns, workload.name}] = pod_start_options(workload);
  }
  options.metrics_resolution = scenario.cluster.metrics_resolution;
  if (const auto& pull = scenario.cluster.image_pull) {
    options.image_pull = fakeapi::ImagePullOptions{
        .bytes = pull->bytes, .bytes_per_second = pull->bytes_per_second, .initial_images = {}};
    for (const WorkloadSpec& workload : scenario.workloads) {
      options.image_pull->initial_images.push_back(workload.name + ":1");
    }
  }
  if (const auto& headroom = scenario.cluster.headroom) {
    options.headroom = fakeapi::HeadroomOptions{.replicas = headroom->replicas,
                                                .cpu = quantity(headroom->cpu),
                                                .memory = bytes(headroom->memory),
                                                .priority = headroom->priority};
  }
  options.events = false;
  return options;
}

SystemOptions with_lead_in(const Scenario& scenario) {
  SystemOptions options = scenario.system;
  options.start = -kLeadIn.count();
  options.warmup += kLeadIn.count();
  options.duration += kLeadIn.count();
  return options;
}

scaler::ScalerConfig scaler_config(const Scenario& scenario, base::Random random) {
  scaler::ScalerConfig config;
  config.run_hpa_controller = true;
  config.control.allow_people = true;
  config.control.policies.seed = scenario.seed;
  config.remembered_decisions = 0;
  config.control.period = scenario.cluster.scaler_period;
  // A controller's loop has no fixed phase against the metrics that it reads.
  const double period = static_cast<double>(config.control.period.count());
  config.control.first_loop_delay = base::Duration(static_cast<std::int64_t>(random.uniform() * period));
  return config;
}

std::vector<http::FaultRule> fault_rules(const Scenario& scenario) {
  std::vector<http::FaultRule> rules;
  for (const ActionSpec& action : scenario.actions) {
    const auto* fault = std::get_if<ApiFault>(&action.what);
    if (!fault) continue;
    if (!fault->writes_only) {
      rules.push_back(fault_rule(scenario, action, *fault, ""));
      continue;
    }
    for (const char* method : {"PATCH", "PUT", "POST", "DELETE"}) {
      rules.push_back(fault_rule(scenario, action, *fault, method));
    }
  }
  return rules;
}

}  // namespace sim
