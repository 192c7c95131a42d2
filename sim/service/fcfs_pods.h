// First-come-first-served pods without an event queue (Kiefer and Wolfowitz 1955): a request starts at the later of its
// arrival and the earliest time at which a worker is free, so all about it is known when it arrives.
//
// One cache line of worker free times a pod, sorted; a ring of the times at which waiting requests leave the queue,
// touched only when one has to wait. Not thread-safe; owned by a core.
#pragma once

#include <algorithm>
#include <array>
#include <cstdint>
#include <vector>

#include "sim/service/core.h"
#include "sim/traffic/ticks.h"

namespace sim {

class FcfsPods {
 public:
  explicit FcfsPods(std::uint32_t workers)
      : workers_(workers), lines_(workers <= kLine ? 1 : (workers + kLine - 1) / kLine) {}

  void add(Ticks at) {
    pods_.emplace_back();
    const std::size_t begin = free_.size();
    free_.resize(begin + lines_);
    // Places beyond the last worker are never free, so they stay at the end of the order.
    for (std::size_t i = 0; i < lines_ * kLine; ++i)
      free_[begin + i / kLine].at[i % kLine] = i < workers_ ? at : kNever;
  }

  // When the next request of the pod may start. Never goes back.
  Ticks earliest(std::uint32_t slot) const { return free_[slot * lines_].at[0]; }

  // The earliest free worker is busy from now until `done`. REQUIRES: done >= earliest.
  void occupy(std::uint32_t slot, Ticks done) {
    Ticks* const line = free_[slot * lines_].at.data();
    if (lines_ == 1) {
      for (std::size_t i = 0; i + 1 < kLine; ++i) line[i] = std::max(line[i], std::min(line[i + 1], done));
      line[kLine - 1] = std::max(line[kLine - 1], done);
    } else {
      Ticks* const place = std::upper_bound(line + 1, line + workers_, done);
      std::move(line + 1, place, line);
      *(place - 1) = done;
    }
  }

  // Requests of the pod that wait at `now`.
  std::uint32_t waiting(std::uint32_t slot, Ticks now) {
    Pod& pod = pods_[slot];
    while (pod.head != pod.tail && pod.ring[pod.head & pod.mask()] <= now) ++pod.head;
    return pod.tail - pod.head;
  }
  // One more waits, until `leaves`. REQUIRES: `leaves` never goes back; waiting() was called at this time.
  void wait(std::uint32_t slot, Ticks leaves) {
    Pod& pod = pods_[slot];
    if (pod.tail - pod.head == pod.ring.size()) pod.grow();
    pod.ring[pod.tail++ & pod.mask()] = leaves;
  }
  // Requests that the pod holds at `now`.
  std::uint32_t held(std::uint32_t slot, Ticks now) {
    const Ticks* const line = free_[slot * lines_].at.data();
    std::uint32_t busy = 0;
    if (lines_ == 1) {
      for (std::size_t i = 0; i < kLine; ++i) busy += static_cast<std::uint32_t>(line[i] > now);
      busy -= static_cast<std::uint32_t>(kLine) - workers_;
    } else {
      busy = static_cast<std::uint32_t>(line + workers_ - std::upper_bound(line, line + workers_, now));
    }
    return busy < workers_ ? busy : busy + waiting(slot, now);
  }

  // Worker time given to requests until `t`. REQUIRES: the pod got no request after `t`, so its workers are busy from
  // `t` until they are free.
  Ticks busy(std::uint32_t slot, Ticks t) const {
    const Ticks* const line = free_[slot * lines_].at.data();
    Ticks rest = 0;
    for (std::size_t i = 0; i < workers_; ++i) rest += std::max<Ticks>(0, line[i] - t);
    return pods_[slot].assigned - rest;
  }

  void count_received(std::uint32_t slot) { ++pods_[slot].counters.received; }
  void count_rejected(std::uint32_t slot) { ++pods_[slot].counters.rejected; }
  void count_assigned(std::uint32_t slot, Ticks demand) { pods_[slot].assigned += demand; }
  const PodCounters& counters(std::uint32_t slot) const { return pods_[slot].counters; }

 private:
  static constexpr std::size_t kLine = 8;
  struct alignas(64) Line {
    std::array<Ticks, kLine> at;
  };
  struct alignas(64) Pod {
    PodCounters counters;
    Ticks assigned = 0;
    std::vector<Ticks> ring;  // its size is 0 or a power of two
    std::uint32_t head = 0;   // both run on and wrap
    std::uint32_t tail = 0;

    std::uint32_t mask() const { return static_cast<std::uint32_t>(ring.size()) - 1; }
    void grow() {
      std::vector<Ticks> larger(std::max<std::size_t>(16, 2 * ring.size()));
      const std::uint32_t n = tail - head;
      for (std::uint32_t i = 0; i < n; ++i) larger[i] = ring[(head + i) & mask()];
      ring = std::move(larger);
      head = 0;
      tail = n;
    }
  };

  const std::uint32_t workers_;
  const std::size_t lines_;  // cache lines a pod
  std::vector<Line> free_;
  std::vector<Pod> pods_;
};

}  // namespace sim
