// Balancers that only the event-driven engine has and that remember who is with which pod, in the form of those of
// sim/service/balancers.h but that pick() is told who asks. Not thread-safe.
#pragma once

#include <algorithm>
#include <cstdint>
#include <optional>
#include <vector>

#include "sim/service/engine_options.h"
#include "sim/service/request_engine.h"
#include "sim/service/slots.h"
#include "sim/traffic/quantile_table.h"
#include "sim/traffic/ticks.h"
#include "sim/traffic/xoshiro.h"

namespace sim {

// Who asks for a pod.
struct Asker {
  std::uint64_t client = 0;  // the same for all requests of a client
  std::uint32_t zone = 0;
  Ticks now = 0;
};

// Which pods are in a balancer, and one of them at random.
class ListedPods {
 public:
  void add(std::uint32_t slot) {
    if (slot >= listed_.size()) listed_.resize(slot + 1, false);
    listed_[slot] = true;
    pods_.push_back(slot);
  }
  void remove(std::uint32_t slot) {
    listed_[slot] = false;
    std::erase(pods_, slot);
  }
  bool has(std::uint32_t slot) const { return slot != kNoPod && listed_[slot]; }
  bool empty() const { return pods_.empty(); }
  std::uint32_t draw(Xoshiro& bits) const { return pods_[bits.below(static_cast<std::uint32_t>(pods_.size()))]; }

 private:
  std::vector<std::uint32_t> pods_;
  std::vector<bool> listed_;  // by slot
};

// kConnections. A connection whose lifetime is over is opened anew when it is next used.
class ConnectionPool {
 public:
  ConnectionPool(std::uint64_t seed, const BalancerOptions& options, std::optional<std::uint32_t> limit)
      : bits_(seed), connections_(options.connections), limit_(limit.value_or(kNoPod)) {
    if (options.connection_lifetime) {
      lifetime_ = QuantileTable::exponential(static_cast<double>(*options.connection_lifetime));
    }
  }

  void add(std::uint32_t slot, const PodTraits&) {
    pods_.add(slot);
    if (slot >= open_.size()) open_.resize(slot + 1, 0);
    open_[slot] = 0;
  }
  void remove(std::uint32_t slot) {
    pods_.remove(slot);
    for (Connection& c : connections_) {
      if (c.pod == slot) c.pod = kNoPod;
    }
  }
  // kNoPod too if the pod that a connection is opened to refuses it.
  template <class Load>
  std::uint32_t pick(const Asker& asker, Load) {
    if (pods_.empty()) return kNoPod;
    Connection& c = connections_[bits_.below(static_cast<std::uint32_t>(connections_.size()))];
    if (c.pod != kNoPod && asker.now < c.expires) return c.pod;
    if (c.pod != kNoPod) --open_[c.pod];
    c.pod = pods_.draw(bits_);
    if (open_[c.pod] >= limit_) return c.pod = kNoPod;
    ++open_[c.pod];
    c.expires = kNever;
    if (lifetime_) {
      c.expires = asker.now + static_cast<Ticks>((*lifetime_)(static_cast<std::uint32_t>(bits_.next() >> 32)));
    }
    return c.pod;
  }

 private:
  struct Connection {
    std::uint32_t pod = kNoPod;  // kNoPod: not open
    Ticks expires = 0;
  };
  Xoshiro bits_;
  std::vector<Connection> connections_;
  std::uint32_t limit_;
  std::optional<QuantileTable> lifetime_;
  ListedPods pods_;
  std::vector<std::uint32_t> open_;  // by slot
};

// kAffinity.
class Affinity {
 public:
  Affinity(std::uint64_t seed, const BalancerOptions& options) : bits_(seed), pod_of_(options.clients, kNoPod) {}

  void add(std::uint32_t slot, const PodTraits&) { pods_.add(slot); }
  void remove(std::uint32_t slot) { pods_.remove(slot); }
  template <class Load>
  std::uint32_t pick(const Asker& asker, Load) {
    if (pods_.empty()) return kNoPod;
    std::uint32_t& pod = pod_of_[mix64(asker.client) % pod_of_.size()];
    if (!pods_.has(pod)) pod = pods_.draw(bits_);
    return pod;
  }

 private:
  Xoshiro bits_;
  std::vector<std::uint32_t> pod_of_;  // by client
  ListedPods pods_;
};

}  // namespace sim
