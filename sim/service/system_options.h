// A system of services and the clients that load it: everything a request engine can be asked to simulate. Values.
//
// as_single_service() (sim/run/engines.h) turns a system that one plain service makes up into EngineOptions, which the
// faster engine understands.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "sim/service/engine_options.h"
#include "sim/traffic/users.h"
#include "sim/traffic/viewers.h"

namespace sim {

using ServiceIndex = std::uint32_t;

// One of the services that an entry may lead to, e.g. the same API in another region.
struct Route {
  ServiceIndex service = 0;
  Ticks round_trip = 0;  // added to the latency of every attempt that goes there
  double weight = 1.0;   // kWeighted
};

// Where requests from outside enter. With one route the strategy makes no difference.
struct Entry {
  enum class Strategy {
    // The first route whose service has room: a pod, and fewer requests held than `full` of its workers.
    kPriority,
    kWeighted,  // at random by weight
    kNearest,   // as kPriority in the order of the round trip times
  };
  std::string name;
  Strategy strategy = Strategy::kPriority;
  std::vector<Route> routes;  // at least one
  // From `at` on the routes have these weights, one for each: blue/green, canary steps.
  struct Shift {
    Ticks at = 0;
    std::vector<double> weights;
  };
  std::vector<Shift> shifts;  // kWeighted, in order of time
  double full = 1.0;          // requests held / workers of the ready pods, above which the next route is taken
};

// Clients that send whether or not they are answered.
struct OpenSource {
  TrafficSource traffic;
  std::uint32_t entry = 0;  // index into SystemOptions::entries
};

struct Hedging {
  Ticks after = 0;  // a second attempt is sent when there is no answer by then; the first answer counts
  bool cancel_loser = true;
};

// Time that a client waits in a queue before it goes away, drawn anew for each request. Counts as timed out.
struct Patience {
  ServiceTime::Distribution distribution = ServiceTime::Distribution::kExponential;
  Ticks mean = 0;
  double cv = 1.0;
};

struct SystemClient {
  ClientOptions attempts;
  std::optional<Hedging> hedging;
  std::optional<Patience> patience;
};

// A synchronous call of another service: the caller's worker is held, its CPU is not.
struct Call {
  ServiceIndex to = 0;
  double probability = 1.0;
  std::uint32_t count = 1;  // calls at a time, answered when all are: fan-out
  double hit_ratio = 0.0;   // share answered by a cache in front, at once
  // A cache that is empty at the start and after each rollout: the hit ratio grows as 1 - e^(-age/fill). 0: full.
  Ticks cache_fill = 0;
  ClientOptions attempts;        // time-out and retries of each call
  bool optional_answer = false;  // true: the request goes on when the call fails
};

struct MemoryOptions {
  std::uint64_t base = 0;              // bytes of a pod that holds nothing
  std::uint64_t per_request = 0;       // for each request held
  std::optional<std::uint64_t> limit;  // above it the pod is killed, see PodFailure
};

// Just-in-time compilation, cold caches: service times are multiplied by 1 + factor * e^(-age/tau).
struct WarmUp {
  double factor = 0.0;
  Ticks tau = 60 * kSecond;
};

// Holds requests while there is no pod (an activator, the proxy of an HTTP autoscaler).
struct FrontProxy {
  std::uint32_t buffer = 1000;  // requests; one more is rejected
  Ticks timeout = 30 * kSecond;
};

struct ServiceOptions {
  std::string name;
  Discipline discipline = Discipline::kFcfs;
  std::uint32_t workers = 1;  // per pod; kProcessorSharing: cores
  std::optional<std::uint32_t> queue_limit;
  std::optional<std::uint32_t> concurrency_limit;  // requests in a pod, waiting or not; one more is rejected
  std::optional<std::uint32_t> connection_limit;   // kConnections: connections of a pod; one more is refused
  ServiceTime service;
  // Whether the CPU limit slows the pod down: its busy workers together burn at most limit - idle cores, each
  // per_request / mean when undisturbed. False: the limit only clips what usage() reports.
  bool throttles = false;
  CpuOptions cpu;
  MemoryOptions memory;
  WarmUp warm_up;
  BalancerOptions balancer;
  std::vector<Call> calls;  // one after the other, after the service's own work
  std::optional<FrontProxy> front_proxy;
  std::uint32_t zones = 1;
  // Added to every attempt's latency on its way here and back: proxies, TLS, the network.
  Ticks overhead = 0;
};

// An edge cache before everything: this share of the requests of an entry never reaches a service.
struct EdgeCache {
  double hit_ratio = 0.0;
  Ticks latency = 5 * kMillisecond;
};

// A window in which a service answers every attempt with an error at once.
struct ServiceOutage {
  ServiceIndex service = 0;
  Ticks begin = 0;
  Ticks end = 0;
};

struct SystemOptions {
  std::vector<Entry> entries;
  std::vector<OpenSource> sources;
  std::vector<ViewerOptions> viewers;
  std::vector<UserOptions> users;
  ArrivalOptions arrivals;
  SystemClient client;
  std::optional<EdgeCache> edge;
  std::vector<ServiceOptions> services;  // at least one
  std::vector<ServiceOutage> outages;
  SloOptions slo;
  Ticks start = 0;
  Ticks warmup = 0;
  Ticks duration = 0;
};

}  // namespace sim
