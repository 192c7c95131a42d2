// Small systems that the tests of this folder are made of.
#pragma once

#include <vector>

#include "sim/mesh/mesh_engine.h"
#include "sim/service/engine_options.h"

namespace sim {

// One entry to one service that is loaded by one source, Poisson at `rate` per second.
inline SystemOptions one_service(double rate, Ticks duration) {
  SystemOptions o;
  o.entries.resize(1);
  o.entries[0].routes.resize(1);
  o.sources = {{.traffic = {.name = "all", .profile = RateProfile::constant(rate)}, .entry = 0}};
  o.services.resize(1);
  o.services[0].name = "api";
  o.duration = duration;
  return o;
}

// Requests at 0.5, 1.5, 2.5 ... times 1/rate, all of the same length: everything can be worked out by hand.
inline SystemOptions clockwork(double rate, Ticks service, Ticks duration) {
  SystemOptions o = one_service(rate, duration);
  o.arrivals.process = ArrivalOptions::Process::kDeterministic;
  o.services[0].service = {.distribution = ServiceTime::Distribution::kDeterministic, .mean = service, .cv = 0};
  return o;
}

// What the faster engine understands, as a system.
inline SystemOptions as_system(const EngineOptions& e) {
  SystemOptions o;
  o.entries.resize(1);
  o.entries[0].routes.resize(1);
  for (const TrafficSource& source : e.sources) o.sources.push_back({.traffic = source, .entry = 0});
  o.viewers = e.viewers;
  o.arrivals = e.arrivals;
  o.client.attempts = e.client;
  ServiceOptions service;
  service.name = "api";
  service.discipline = e.discipline;
  service.workers = e.workers;
  service.queue_limit = e.queue_limit;
  service.service = e.service;
  service.balancer = e.balancer;
  service.cpu = e.cpu;
  o.services = {service};
  o.slo = e.slo;
  o.start = e.start;
  o.warmup = e.warmup;
  o.duration = e.duration;
  return o;
}

inline void add_pods(MeshEngine& engine, PodId begin, PodId end, Ticks at, const PodTraits& traits = {}) {
  for (PodId pod = begin; pod < end; ++pod) engine.add_pod(pod, at, traits);
}

}  // namespace sim
