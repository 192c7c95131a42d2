// A game night as a file says it: plain values, checked by the loader. The format is documented in scenarios/README.md.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "common/base/time.h"
#include "scaler/policy/policy_file.h"
#include "sim/service/engine_options.h"

namespace sim {

// A delay that is drawn anew for each pod or node.
struct DelaySpec {
  enum class Kind { kFixed, kLognormal, kExponential };
  Kind kind = Kind::kFixed;
  base::Duration mean{};    // kFixed: the delay itself; kExponential
  base::Duration median{};  // kLognormal
  double sigma = 0;         // kLognormal
};

struct ProbeSpec {
  base::Duration initial_delay{};
  base::Duration period = std::chrono::seconds(10);
};

struct WorkloadSpec {
  std::string name;
  std::string ns = "default";
  int replicas = 1;
  std::string replicas_where;        // "file:line:col" of it, for complaints about it
  double cpu_request = 0;            // cores; 0: none
  std::optional<double> cpu_limit;   // cores
  base::Duration container_delay{};  // startup.delay: until the container runs
  std::optional<DelaySpec> boot;     // from there until the application answers its probe
  std::optional<ProbeSpec> readiness_probe;
};

struct NodePoolSpec {
  std::string name;
  int nodes = 1;
  int max_nodes = 1;
  double cpu = 0;     // allocatable, cores
  double memory = 0;  // allocatable, bytes
  DelaySpec provisioning;
};

struct ClusterSpec {
  std::vector<NodePoolSpec> node_pools;
  base::Duration metrics_resolution = std::chrono::seconds(15);
};

struct EventSpec {
  std::string name;
  base::Time at{};
};

struct CostSpec {
  double pod_hour = 0;
  double node_hour = 0;
};

// A policy file: every document of it, and the text for the report.
struct PolicyFile {
  std::string name;  // metadata.name of the policy that gives the run its name
  std::string path;  // as the user named it
  std::string text;
  std::vector<config::Document> documents;
  std::vector<scaler::PolicySpec> specs;
};

struct Scenario {
  std::string name;
  std::string text;  // the file itself, for the report
  base::Time start{};
  base::Duration utc_offset{};  // of startTime as it was written, for showing times
  base::Duration duration{};
  std::uint64_t seed = 1;
  EngineOptions engine;  // traffic, service, balancer, clients, SLO
  WorkloadSpec workload;
  ClusterSpec cluster;
  CostSpec cost;
  std::vector<EventSpec> events;
  std::vector<PolicyFile> policies;  // empty: run once without a scaler, as the policy "none"
};

}  // namespace sim
