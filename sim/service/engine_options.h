// What the request engine simulates: the traffic, the clients, the pods' way of serving, and the load balancer. Values.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "sim/traffic/arrival_process.h"
#include "sim/traffic/rate_profile.h"
#include "sim/traffic/ticks.h"
#include "sim/traffic/viewers.h"

namespace sim {

struct TrafficSource {
  std::string name;  // names its random stream; no two sources of an engine share it
  RateProfile profile = RateProfile::constant(0);
};

struct ClientOptions {
  // Of each attempt. After it a waiting request leaves the queue (it held its place until then), and one in service
  // is served to the end for nothing.
  std::optional<Ticks> timeout;
  // A failed attempt is sent again after backoff * 2^k, k = 0 for the first retry, times a jitter uniform in
  // [0.5, 1.5). The service time of a retry is drawn anew.
  std::uint32_t max_retries = 0;
  Ticks backoff = 100 * kMillisecond;
  // Retries allowed per first attempt, nullopt: without bound. A bucket, empty at the start, gains so many tokens with
  // each first attempt up to kRetryBudgetCap; a retry takes 1 when the failure is known, or is not sent.
  std::optional<double> budget;
  // What happens to an attempt in service whose client gave up: false: it is served to the end for nothing; true: the
  // pod notices and drops it at that moment.
  bool cancels = false;
};
inline constexpr std::int64_t kRetryBudgetCap = 1000;  // tokens

struct ServiceTime {
  enum class Distribution { kExponential, kDeterministic, kLognormal };
  Distribution distribution = Distribution::kExponential;
  Ticks mean = 40 * kMillisecond;
  double cv = 1.0;  // kLognormal: standard deviation / mean
};

enum class Discipline {
  kFcfs,              // `workers` requests at a time, the others wait in order of arrival
  kProcessorSharing,  // all at a time, each at the speed min(1, workers / requests in the pod)
};

// Envoy's outlier detection by consecutive errors: a pod that answered so many attempts in a row with an error, or let
// them time out, leaves the balancer for `base * (times ejected so far)`; never more than `most` of the pods at a time.
struct OutlierEjection {
  std::uint32_t consecutive_errors = 5;
  Ticks base = 30 * kSecond;
  double most = 0.1;
};

struct BalancerOptions {
  enum class Algorithm {
    kRoundRobin,
    kRandom,
    kLeastOutstanding,   // fewest requests held by the pod; among equals, the one that is so for longest
    kPowerOfTwoChoices,  // the least loaded of `choices` different pods drawn at random; among equals the first drawn
    // One queue for all pods; its head goes to the worker that is idle for longest, so the discipline makes no
    // difference.
    kCentralQueue,
    // kube-proxy with keep-alive: `connections` connections, each to the pod that it drew at random when it was opened;
    // a request takes one at random. A connection is opened anew after an exponential lifetime, or when its pod goes,
    // so pods that come later stay idle for long. Event-driven engine only, like all that follow.
    kConnections,
    kAffinity,            // `clients` clients, each with one pod for as long as that is in the balancer
    kWeightedRoundRobin,  // in proportion to PodTraits::weight, as smoothly as can be
    // A request comes from a zone, all equally likely, and goes round the pods there; to any pod when the zone has less
    // than `zone_share` of its fair share of the pods.
    kZoneAware,
  };
  Algorithm algorithm = Algorithm::kRoundRobin;
  std::uint32_t choices = 2;
  std::uint32_t connections = 1000;          // kConnections
  std::optional<Ticks> connection_lifetime;  // kConnections: mean; nullopt: for ever
  std::uint32_t clients = 10'000;            // kAffinity
  double zone_share = 0.5;                   // kZoneAware
  std::optional<OutlierEjection> ejection;   // any but the central queue
};

struct CpuOptions {
  std::optional<double> limit;  // cores
  Ticks per_request = 0;        // core time of a mean request; a busy worker burns per_request / mean service time
  Ticks per_rejection = 0;      // core time of turning a request away
  double idle = 0.0;            // cores, from add_pod on
};

struct SloOptions {
  Ticks latency = 2 * kSecond;
  double percentile = 0.95;  // in (0, 1]
  Ticks apdex_threshold = 500 * kMillisecond;
};

struct EngineOptions {
  std::vector<TrafficSource> sources;
  // Without a reaction: viewers that mind bad answers need the event-driven engine. All their calls are of one kind
  // here, and the run uses one thread.
  std::vector<ViewerOptions> viewers;
  ArrivalOptions arrivals;
  ClientOptions client;
  Discipline discipline = Discipline::kFcfs;
  std::uint32_t workers = 1;  // per pod
  // Requests that may wait in a pod; one more is rejected. Processor sharing: workers + queue_limit requests in a pod.
  // Central queue: queue_limit for each pod in the balancer, in the one queue.
  std::optional<std::uint32_t> queue_limit;
  ServiceTime service;
  BalancerOptions balancer;
  CpuOptions cpu;
  SloOptions slo;
  Ticks start = 0;  // no request before
  // Left out of the totals: requests that first arrive before start + warmup, to the next whole second.
  Ticks warmup = 0;
  Ticks duration = 0;  // no request from start + duration on

  // How it is computed, never what comes out.
  bool vector_paths = true;   // use the processor's vector unit where there is one
  std::uint32_t threads = 1;  // that work on the run, the caller's included
  bool knows_held = false;    // Load::held counts what waits even where nothing else needs to know
};

}  // namespace sim
