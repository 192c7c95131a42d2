#include "sim/scenario/scenario_loader.h"

#include <cmath>
#include <set>

#include "common/base/file.h"
#include "common/base/number_format.h"
#include "common/base/time_format.h"
#include "common/config/fields.h"
#include "sim/scenario/policy_set.h"
#include "sim/scenario/traffic_reader.h"

namespace sim {
namespace {

using config::Fields;
using namespace std::chrono_literals;
namespace fs = std::filesystem;

constexpr double kMostCores = 10'000;  // of a pod; beyond it integer core time could overflow in a long night
constexpr int kMostReplicas = 5'000;   // as many as an HPA of a large cluster is allowed
constexpr base::Duration kLongest = std::chrono::days(31);

// The fields of a random delay; a fixed one is the field `delay`.
DelaySpec read_delay(Fields& f, const std::string& kind) {
  DelaySpec delay;
  if (kind == "lognormal") {
    delay.kind = DelaySpec::Kind::kLognormal;
    delay.median = f.duration("median");
    delay.sigma = f.number("sigma", 0, 5);
  } else if (kind == "exponential") {
    delay.kind = DelaySpec::Kind::kExponential;
    delay.mean = f.duration("mean");
  } else {
    delay.mean = f.duration("delay");
  }
  return delay;
}

// What Kubernetes and file systems accept as a name.
std::string read_name(Fields& f, const std::string& key) {
  const std::string name = f.text(key);
  const bool ok = !name.empty() && name.size() <= 63 &&
                  name.find_first_not_of("abcdefghijklmnopqrstuvwxyz0123456789-") == std::string::npos &&
                  name.front() != '-' && name.back() != '-';
  if (!ok) f.fail(key, "must be at most 63 lower-case letters, digits and hyphens, is \"" + name + "\"");
  return name;
}

ServiceTime read_service_time(Fields f) {
  ServiceTime service;
  const std::string kind = f.choice("distribution", {"exponential", "deterministic", "lognormal"});
  service.mean = f.duration("mean").count();
  if (service.mean <= 0 || service.mean > 3600 * kSecond) f.fail("mean", "must be positive and at most 1h");
  if (kind == "exponential") service.distribution = ServiceTime::Distribution::kExponential;
  if (kind == "deterministic") service.distribution = ServiceTime::Distribution::kDeterministic;
  if (kind == "lognormal") {
    service.distribution = ServiceTime::Distribution::kLognormal;
    service.cv = f.number("cv", 0, 10);
  }
  return service;
}

void read_cpu(Fields& workload, Scenario& scenario) {
  auto cpu = workload.object_if("cpu");
  if (!cpu) return;
  scenario.workload.cpu_request = cpu->quantity_or("request", 0);
  if (cpu->has("limit")) {
    const double limit = cpu->quantity("limit");
    if (limit <= 0 || limit > kMostCores) cpu->fail("limit", "must be above 0 and at most 10000 cores");
    if (limit < scenario.workload.cpu_request) cpu->fail("limit", "must not be below request");
    scenario.workload.cpu_limit = scenario.engine.cpu.limit = limit;
  }
  scenario.engine.cpu.per_request = cpu->duration_or("perRequest", 0ns).count();
  // A pod that sheds load still accepts, decrypts, parses and answers; how much less that costs is the user's to say.
  scenario.engine.cpu.per_rejection =
      cpu->duration_or("perRejection", base::Duration(scenario.engine.cpu.per_request)).count();
  scenario.engine.cpu.idle = cpu->quantity_or("idle", 0);
  if (scenario.engine.cpu.idle > kMostCores) cpu->fail("idle", "must be at most 10000 cores");
  if (scenario.workload.cpu_request > kMostCores) cpu->fail("request", "must be at most 10000 cores");
  if (scenario.engine.cpu.per_request > 3600 * kSecond) cpu->fail("perRequest", "must be at most 1h");
  if (scenario.engine.cpu.per_rejection > 3600 * kSecond) cpu->fail("perRejection", "must be at most 1h");
}

void read_startup(Fields& workload, WorkloadSpec& spec) {
  if (auto startup = workload.object_if("startup")) {
    spec.container_delay = startup->duration_or("delay", 0ns);
    if (startup->has("distribution")) {
      spec.boot = read_delay(*startup, startup->choice("distribution", {"lognormal", "exponential"}));
    }
  }
  if (auto probe = workload.object_if("readinessProbe")) {
    spec.readiness_probe = ProbeSpec{probe->duration_or("initialDelay", 0s), probe->duration_or("period", 10s)};
    if (spec.readiness_probe->period <= 0ns) probe->fail("period", "must be positive");
  }
}

void read_workload(Fields workload, Scenario& scenario) {
  WorkloadSpec& spec = scenario.workload;
  EngineOptions& engine = scenario.engine;
  spec.name = read_name(workload, "name");
  if (workload.has("namespace")) spec.ns = read_name(workload, "namespace");
  spec.replicas = static_cast<int>(workload.integer("replicas", 0, kMostReplicas));
  spec.replicas_where = workload.where("replicas");
  engine.workers = static_cast<std::uint32_t>(workload.integer_or("workersPerPod", 1, 1, 4096));
  engine.discipline = workload.choice_or("discipline", {"fcfs", "processorSharing"}, "fcfs") == "fcfs"
                          ? Discipline::kFcfs
                          : Discipline::kProcessorSharing;
  if (workload.has("queueLimit") && workload.value().at("queueLimit") != "none") {
    engine.queue_limit = static_cast<std::uint32_t>(workload.integer("queueLimit", 0, 10'000'000));
  }
  engine.service = read_service_time(workload.object("serviceTime"));
  read_cpu(workload, scenario);
  read_startup(workload, spec);
}

BalancerOptions read_balancer(Fields& spec) {
  BalancerOptions options;
  auto balancer = spec.object_if("loadBalancer");
  if (!balancer) return options;
  using Algorithm = BalancerOptions::Algorithm;
  static constexpr std::pair<const char*, Algorithm> kNames[] = {
      {"roundRobin", Algorithm::kRoundRobin},
      {"random", Algorithm::kRandom},
      {"leastOutstanding", Algorithm::kLeastOutstanding},
      {"powerOfTwoChoices", Algorithm::kPowerOfTwoChoices},
      {"centralQueue", Algorithm::kCentralQueue},
  };
  std::vector<std::string> names;
  for (const auto& [name, algorithm] : kNames) names.emplace_back(name);
  const std::string chosen = balancer->choice("algorithm", names);
  for (const auto& [name, algorithm] : kNames) {
    if (chosen == name) options.algorithm = algorithm;
  }
  if (options.algorithm == Algorithm::kPowerOfTwoChoices) {
    options.choices = static_cast<std::uint32_t>(balancer->integer_or("choices", 2, 1, 64));
  }
  return options;
}

ClusterSpec read_cluster(Fields& spec) {
  ClusterSpec cluster;
  auto fields = spec.object_if("cluster");
  if (!fields) return cluster;
  std::set<std::string> names;
  for (Fields& pool : fields->objects_or_none("nodePools")) {
    NodePoolSpec p;
    p.name = pool.text("name");
    if (!names.insert(p.name).second) pool.fail("name", "\"" + p.name + "\" is taken by another pool");
    p.nodes = static_cast<int>(pool.integer("nodes", 0, 20'000));
    p.max_nodes = static_cast<int>(pool.integer_or("maxNodes", p.nodes, p.nodes, 20'000));
    Fields allocatable = pool.object("allocatable");
    p.cpu = allocatable.quantity("cpu");
    p.memory = allocatable.quantity("memory");
    if (auto provisioning = pool.object_if("provisioning")) {
      p.provisioning = read_delay(
          *provisioning, provisioning->choice_or("distribution", {"fixed", "lognormal", "exponential"}, "fixed"));
    } else if (p.max_nodes > p.nodes) {
      pool.fail("maxNodes", "is above nodes, so \"provisioning\" must say how long a node takes");
    }
    cluster.node_pools.push_back(std::move(p));
  }
  if (auto metrics = fields->object_if("metrics")) {
    cluster.metrics_resolution = metrics->duration_or("resolution", 15s);
    if (cluster.metrics_resolution < 1s) metrics->fail("resolution", "must be at least 1s");
  }
  return cluster;
}

void read_slo(Fields& spec, SloOptions& slo) {
  auto fields = spec.object_if("slo");
  if (!fields) return;
  slo.latency = fields->duration("latency").count();
  if (slo.latency <= 0) fields->fail("latency", "must be positive");
  if (!fields->has("percentile")) return;
  const std::string text = fields->text("percentile");
  const auto number = base::parse_double(text.starts_with('p') ? std::string_view(text).substr(1) : std::string_view());
  if (!number || *number <= 0 || *number >= 100) {
    fields->fail("percentile", "must be p and a number between 0 and 100, such as p95 or p99.9, is \"" + text + "\"");
  }
  slo.percentile = *number / 100.0;
}

void read_events(Fields& spec, Scenario& scenario) {
  for (Fields& event : spec.objects_or_none("events")) {
    scenario.events.push_back(EventSpec{event.text("name"), event.time("at")});
  }
}

void read_times(Fields& spec, const Overrides& overrides, Scenario& scenario) {
  scenario.start = spec.time("startTime");
  scenario.utc_offset = *base::rfc3339_offset(spec.text("startTime"));
  scenario.duration = spec.duration("duration");
  const auto check = [&](const char* key, base::Duration d) {
    if (d % base::Duration(1s) != 0ns) spec.fail(key, "must be whole seconds, is " + base::format_duration(d));
    if (d > kLongest) spec.fail(key, "must be at most " + base::format_duration(kLongest));
  };
  if (scenario.duration <= 0s) spec.fail("duration", "must be positive");
  check("duration", scenario.duration);
  const base::Duration warmup = spec.duration_or("warmup", 0s);
  check("warmup", warmup);
  if (overrides.duration) {
    scenario.duration = *overrides.duration;
    if (scenario.duration > kLongest) {
      throw config::FieldError("--duration must be at most " + base::format_duration(kLongest));
    }
    if (warmup >= scenario.duration) {
      throw config::FieldError("--duration must be longer than the warm-up of " + base::format_duration(warmup));
    }
  }
  if (warmup >= scenario.duration) spec.fail("warmup", "must be shorter than the duration");
  scenario.engine.duration = scenario.duration.count();
  scenario.engine.warmup = warmup.count();
  scenario.seed = static_cast<std::uint64_t>(spec.integer_or("seed", 1, 0, std::numeric_limits<std::int64_t>::max()));
  if (overrides.seed) scenario.seed = *overrides.seed;
}

Scenario read_scenario(Fields& root, const fs::path& folder, const Overrides& overrides) {
  root.choice("apiVersion", {"gamenight/v1"});
  root.choice("kind", {"Scenario"});
  Scenario scenario;
  Fields metadata = root.object("metadata");
  scenario.name = read_name(metadata, "name");
  Fields spec = root.object("spec");
  read_times(spec, overrides, scenario);
  read_traffic(spec.object("traffic"), folder, scenario);
  read_workload(spec.object("workload"), scenario);
  scenario.engine.balancer = read_balancer(spec);
  scenario.cluster = read_cluster(spec);
  read_slo(spec, scenario.engine.slo);
  if (auto cost = spec.object_if("cost")) {
    scenario.cost = CostSpec{cost->number_or("podHour", 0, 0), cost->number_or("nodeHour", 0, 0)};
  }
  read_events(spec, scenario);
  scenario.policies = read_policies(spec, folder, overrides.policies, scenario.workload);
  return scenario;
}

}  // namespace

base::Result<Scenario> load_scenario(const fs::path& path, const Overrides& overrides) {
  const auto documents = config::load_yaml(path);
  if (!documents) return documents.error();
  const auto invalid = [&](const std::string& what) {
    const std::string place = documents->empty() ? path.string() + ":1:1" : documents->back().locate("");
    return base::Error{base::ErrorCode::kInvalid, place + ": " + what};
  };
  if (documents->size() != 1)
    return invalid("a scenario is one YAML document, not " + std::to_string(documents->size()));
  auto scenario = config::read(documents->front(),
                               [&](Fields& root) { return read_scenario(root, path.parent_path(), overrides); });
  if (!scenario) return scenario.error();
  const auto text = base::read_file(path);
  if (!text) return text.error();
  scenario->text = *text;
  return std::move(*scenario);
}

}  // namespace sim
