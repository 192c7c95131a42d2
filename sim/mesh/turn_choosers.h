// Balancers that only the event-driven engine has and that go round, by weight or by zone. Not thread-safe.
#pragma once

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <vector>

#include "sim/mesh/pod_choosers.h"
#include "sim/service/balancers.h"
#include "sim/service/dary_heap.h"

namespace sim {

// kWeightedRoundRobin, as a queue of deadlines: a pod's next turn is 1/weight after its last.
class WeightedRoundRobin {
 public:
  void add(std::uint32_t slot, const PodTraits& traits) {
    if (!(traits.weight > 0.0)) return;
    const auto period = std::llround(0x1p32 / std::clamp(traits.weight, 1e-4, 1e4));
    turns_.push({now_ + period, slot, period});
  }
  void remove(std::uint32_t slot) {
    DaryHeap<Turn> rest;
    for (const Turn& turn : turns_.items()) {
      if (turn.slot != slot) rest.push(turn);
    }
    turns_ = std::move(rest);
  }
  template <class Load>
  std::uint32_t pick(const Asker&, Load) {
    if (turns_.empty()) return kNoPod;
    Turn turn = turns_.top();
    now_ = turn.at;
    turn.at += turn.period;
    turns_.replace_top(turn);
    if (now_ > kRebase) start_anew();
    return turn.slot;
  }

 private:
  static constexpr std::int64_t kRebase = std::int64_t{1} << 61;

  struct Turn {
    std::int64_t at;  // 2^-32
    std::uint32_t slot;
    std::int64_t period;
    bool operator<(const Turn& b) const { return at != b.at ? at < b.at : slot < b.slot; }
  };

  void start_anew() {
    DaryHeap<Turn> shifted;
    for (Turn turn : turns_.items()) {
      turn.at -= now_;
      shifted.push(turn);
    }
    turns_ = std::move(shifted);
    now_ = 0;
  }

  DaryHeap<Turn> turns_;
  std::int64_t now_ = 0;
};

// kZoneAware.
class ZoneAware {
 public:
  ZoneAware(const BalancerOptions& options, std::uint32_t zones) : share_(options.zone_share), all_(0, 0) {
    for (std::uint32_t i = 0; i < zones; ++i) zones_.push_back({RoundRobin(0, 0), 0});
  }

  void add(std::uint32_t slot, const PodTraits& traits) {
    Zone& zone = zones_[traits.zone % zones_.size()];
    if (slot >= zone_of_.size()) zone_of_.resize(slot + 1, 0);
    zone_of_[slot] = traits.zone % static_cast<std::uint32_t>(zones_.size());
    zone.turn.add(slot);
    ++zone.pods;
    all_.add(slot);
    ++pods_;
  }
  void remove(std::uint32_t slot) {
    Zone& zone = zones_[zone_of_[slot]];
    zone.turn.remove(slot);
    --zone.pods;
    all_.remove(slot);
    --pods_;
  }
  template <class Load>
  std::uint32_t pick(const Asker& asker, Load load) {
    Zone& zone = zones_[asker.zone % zones_.size()];
    const double fair = static_cast<double>(pods_) / static_cast<double>(zones_.size());
    const bool enough = zone.pods > 0 && static_cast<double>(zone.pods) >= share_ * fair;
    return enough ? zone.turn.pick(load) : all_.pick(load);
  }

 private:
  struct Zone {
    RoundRobin turn;
    std::size_t pods;
  };
  double share_;
  RoundRobin all_;
  std::vector<Zone> zones_;
  std::vector<std::uint32_t> zone_of_;  // by slot
  std::size_t pods_ = 0;
};

}  // namespace sim
