#include "sim/scenario/workload_reader.h"

#include <algorithm>

#include "common/base/number_format.h"
#include "sim/scenario/balancer_reader.h"
#include "sim/scenario/call_reader.h"
#include "sim/scenario/cluster_reader.h"
#include "sim/scenario/common_fields.h"
#include "sim/scenario/zones.h"

namespace sim {
namespace {

using config::Fields;
using namespace std::chrono_literals;

constexpr double kMostCores = 10'000;  // of a pod; beyond it integer core time could overflow in a long night
constexpr int kMostReplicas = 5'000;   // as many as an HPA of a large cluster is allowed
constexpr std::size_t kMostWorkloads = 1'000;
constexpr std::int64_t kMostRequests = 10'000'000;  // held by one pod

void read_cpu(Fields& workload, WorkloadSpec& spec, ServiceOptions& service) {
  auto cpu = workload.object_if("cpu");
  if (!cpu) return;
  const auto at_most_an_hour = [&](const char* key, Ticks ticks) {
    if (ticks > 3600 * kSecond) cpu->fail(key, "must be at most 1h");
  };
  spec.cpu_request = cpu->quantity_or("request", 0);
  if (spec.cpu_request > kMostCores) cpu->fail("request", "must be at most 10000 cores");
  if (cpu->has("limit")) {
    const double limit = cpu->quantity("limit");
    if (limit <= 0 || limit > kMostCores) cpu->fail("limit", "must be above 0 and at most 10000 cores");
    if (limit < spec.cpu_request) cpu->fail("limit", "must not be below request");
    spec.cpu_limit = service.cpu.limit = limit;
  }
  service.cpu.per_request = cpu->duration_or("perRequest", 0ns).count();
  at_most_an_hour("perRequest", service.cpu.per_request);
  // A pod that sheds load still accepts, decrypts, parses and answers; how much less that costs is the user's to say.
  service.cpu.per_rejection = cpu->duration_or("perRejection", base::Duration(service.cpu.per_request)).count();
  at_most_an_hour("perRejection", service.cpu.per_rejection);
  service.cpu.idle = cpu->quantity_or("idle", 0);
  if (service.cpu.idle > kMostCores) cpu->fail("idle", "must be at most 10000 cores");
  service.throttles = cpu->boolean_or("throttle", false);
  if (service.throttles && !service.cpu.limit) cpu->fail("throttle", "needs a limit");
  if (service.throttles && service.cpu.idle >= *service.cpu.limit) {
    cpu->fail("throttle", "leaves nothing for requests: idle is not below limit");
  }
}

void read_memory(Fields& workload, WorkloadSpec& spec, ServiceOptions& service) {
  auto memory = workload.object_if("memory");
  if (!memory) return;
  if (memory->has("request")) spec.memory_request = read_bytes(*memory, "request");
  if (memory->has("base")) service.memory.base = static_cast<std::uint64_t>(read_bytes(*memory, "base"));
  if (memory->has("perRequest")) {
    service.memory.per_request = static_cast<std::uint64_t>(read_bytes(*memory, "perRequest"));
  }
  if (!memory->has("limit")) return;
  spec.memory_limit = read_bytes(*memory, "limit");
  service.memory.limit = static_cast<std::uint64_t>(*spec.memory_limit);
  if (*spec.memory_limit < spec.memory_request) memory->fail("limit", "must not be below request");
  if (*service.memory.limit <= service.memory.base) {
    memory->fail("limit", "must be above base, or no pod would live for a moment");
  }
}

std::optional<ProbeSpec> read_probe(Fields& workload, const char* key) {
  auto fields = workload.object_if(key);
  if (!fields) return std::nullopt;
  ProbeSpec probe;
  probe.initial_delay = base::Duration(read_ticks_or(*fields, "initialDelay", 0));
  probe.period = base::Duration(read_ticks_or(*fields, "period", probe.period.count(), 1));
  probe.timeout = base::Duration(read_ticks_or(*fields, "timeout", probe.timeout.count(), 1));
  probe.failure_threshold = static_cast<int>(fields->integer_or("failureThreshold", probe.failure_threshold, 1, 1000));
  probe.does_work = fields->boolean_or("doesWork", false);
  return probe;
}

// A number of pods or a share of them, as Kubernetes writes it.
std::string read_pods_or_percent(Fields& fields, const std::string& key, const std::string& fallback) {
  if (!fields.has(key)) return fallback;
  const config::Json& value = fields.raw(key);
  if (value.is_number_integer()) return base::format_number(fields.integer(key, 0, kMostReplicas));
  const std::string text = value.is_string() ? value.get<std::string>() : "";
  const auto percent = text.ends_with('%') ? base::parse_int64(std::string_view(text).substr(0, text.size() - 1))
                                           : std::optional<std::int64_t>();
  if (!percent || *percent < 0 || *percent > 100) {
    fields.fail(key, "must be a number of pods or a share of them, such as 2 or 25%");
  }
  return text;
}

void read_rolling_update(Fields& workload, WorkloadSpec& spec) {
  auto update = workload.object_if("rollingUpdate");
  if (!update) return;
  const auto nothing = [](const std::string& value) { return value == "0" || value == "0%"; };
  spec.max_surge = read_pods_or_percent(*update, "maxSurge", spec.max_surge);
  spec.max_unavailable = read_pods_or_percent(*update, "maxUnavailable", spec.max_unavailable);
  if (nothing(spec.max_surge) && nothing(spec.max_unavailable)) {
    update->fail("maxUnavailable", "must not be 0 when maxSurge is 0: no pod could ever be replaced");
  }
}

void read_startup(Fields& workload, WorkloadSpec& spec) {
  auto startup = workload.object_if("startup");
  if (!startup) return;
  spec.container_delay = base::Duration(read_ticks_or(*startup, "delay", 0));
  if (startup->has("distribution")) {
    spec.boot = read_delay(*startup, startup->choice("distribution", {"lognormal", "exponential"}));
  }
}

void read_front_proxy(Fields& workload, WorkloadSpec& spec, ServiceOptions& service) {
  auto proxy = workload.object_if("frontProxy");
  if (!proxy) return;
  FrontProxy front;
  front.buffer = read_count_or(*proxy, "buffer", front.buffer, 0, 1'000'000);
  front.timeout = read_ticks_or(*proxy, "timeout", front.timeout, 1);
  service.front_proxy = front;
  if (proxy->has("activation")) spec.activation = base::Duration(read_ticks(*proxy, "activation"));
}

// Where its pods run, how they start, are watched and replaced: none of it for a workload that is just there.
void read_deployment(Fields& workload, const ClusterSpec& cluster, WorkloadSpec& spec, ServiceOptions& service) {
  static const char* const kOfDeployments[] = {
      "startup",       "readinessProbe", "livenessProbe", "terminationGracePeriod",
      "rollingUpdate", "priority",       "region",        "frontProxy"};
  for (const char* key : kOfDeployments) {
    if (spec.fixed && workload.has(key)) workload.fail(key, "has no meaning for a fixed workload, which has no pods");
  }
  read_startup(workload, spec);
  spec.readiness_probe = read_probe(workload, "readinessProbe");
  spec.liveness_probe = read_probe(workload, "livenessProbe");
  spec.termination_grace = base::Duration(read_ticks_or(workload, "terminationGracePeriod", 30 * kSecond));
  read_rolling_update(workload, spec);
  spec.priority = static_cast<int>(workload.integer_or("priority", 0, -1'000'000'000, 1'000'000'000));
  if (workload.has("region")) {
    std::vector<std::string> regions;
    for (const NodePoolSpec& pool : cluster.node_pools) {
      if (!pool.region.empty()) regions.push_back(pool.region);
    }
    spec.region = regions.empty() ? "" : regions[read_index(workload, "region", regions, "regions")];
    if (regions.empty()) workload.fail("region", "needs a node pool of that region");
  }
  read_front_proxy(workload, spec, service);
}

void read_limits(Fields& workload, ServiceOptions& service) {
  if (workload.has("queueLimit") && workload.value().at("queueLimit") != "none") {
    service.queue_limit = read_count(workload, "queueLimit", 0, kMostRequests);
  }
  if (workload.has("concurrencyLimit") && workload.value().at("concurrencyLimit") != "none") {
    service.concurrency_limit = read_count(workload, "concurrencyLimit", 1, kMostRequests);
  }
  if (workload.has("connectionLimit") && workload.value().at("connectionLimit") != "none") {
    service.connection_limit = read_count(workload, "connectionLimit", 1, kMostRequests);
    if (service.balancer.algorithm != BalancerOptions::Algorithm::kConnections) {
      workload.fail("connectionLimit", "needs loadBalancer.algorithm connections: no other one knows connections");
    }
  }
}

void read_serving(Fields& workload, ServiceOptions& service) {
  service.workers = read_count_or(workload, "workersPerPod", 1, 1, 4096);
  service.discipline = workload.choice_or("discipline", {"fcfs", "processorSharing"}, "fcfs") == "fcfs"
                           ? Discipline::kFcfs
                           : Discipline::kProcessorSharing;
  Fields time = workload.object("serviceTime");
  service.service = read_distribution(time);
  service.overhead = read_ticks_or(workload, "overhead", 0);
  if (auto warm_up = workload.object_if("warmUp")) {
    service.warm_up.factor = warm_up->number("factor", 0, 1000);
    service.warm_up.tau = read_ticks_or(*warm_up, "tau", service.warm_up.tau, 1);
  }
  read_limits(workload, service);
}

void read_workload(Fields& workload, const BalancerOptions& balancer, Scenario& scenario) {
  WorkloadSpec spec;
  ServiceOptions service;
  spec.name = service.name = read_name(workload, "name");
  for (const WorkloadSpec& other : scenario.workloads) {
    if (other.name == spec.name) workload.fail("name", "\"" + spec.name + "\" is taken by another workload");
  }
  if (workload.has("namespace")) spec.ns = read_name(workload, "namespace");
  spec.service = static_cast<ServiceIndex>(scenario.workloads.size());
  spec.fixed = workload.boolean_or("fixed", false);
  if (spec.fixed && scenario.workloads.empty()) {
    workload.fail("fixed", "must be false for the first workload, which the summary and the policies speak of");
  }
  spec.replicas = static_cast<int>(workload.integer("replicas", 0, kMostReplicas));
  spec.replicas_where = workload.where("replicas");
  if (spec.fixed && spec.replicas == 0)
    workload.fail("replicas", "must be at least 1: nothing ever adds to a fixed workload");
  service.balancer = read_balancer(workload, balancer);
  service.zones = std::max(1U, static_cast<std::uint32_t>(zone_names(scenario.cluster).size()));
  read_serving(workload, service);
  read_cpu(workload, spec, service);
  read_memory(workload, spec, service);
  read_deployment(workload, scenario.cluster, spec, service);
  scenario.workloads.push_back(std::move(spec));
  scenario.system.services.push_back(std::move(service));
}

// Which workload this one follows; one that follows nobody itself, and is there before it.
void read_mirrors(Fields& workload, std::size_t index, Scenario& scenario) {
  if (!workload.has("mirrors")) return;
  std::vector<std::string> names;
  for (std::size_t i = 0; i < index; ++i) {
    const WorkloadSpec& other = scenario.workloads[i];
    if (!other.fixed && other.mirrors.empty()) names.push_back(other.name);
  }
  if (names.empty()) workload.fail("mirrors", "needs a workload before it that scales");
  if (scenario.workloads[index].fixed) workload.fail("mirrors", "is not for a fixed workload");
  scenario.workloads[index].mirrors = names[read_index(workload, "mirrors", names, "workloads before it")];
}

}  // namespace

void read_workloads(Fields& spec, Scenario& scenario) {
  const BalancerOptions balancer = read_balancer(spec, {});
  std::vector<Fields> workloads;
  if (only_one_of(spec, {"workload", "workloads"}, "spec") == "workload") {
    workloads.push_back(spec.object("workload"));
  } else {
    workloads = spec.objects("workloads");
    if (workloads.empty()) spec.fail("workloads", "must hold at least one workload");
    if (workloads.size() > kMostWorkloads) spec.fail("workloads", "must hold at most 1000 workloads");
  }
  for (Fields& workload : workloads) read_workload(workload, balancer, scenario);
  for (std::size_t i = 0; i < workloads.size(); ++i) read_mirrors(workloads[i], i, scenario);
  // A workload may call one that comes after it.
  for (std::size_t i = 0; i < workloads.size(); ++i) read_calls(workloads[i], i, scenario);
  check_calls(workloads, scenario);
}

}  // namespace sim
