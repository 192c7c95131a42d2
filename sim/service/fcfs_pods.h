// First-come-first-served pods without an event queue (Kiefer and Wolfowitz 1955): a request starts at the later of its
// arrival and the earliest time at which a worker is free, so all about it is known when it arrives.
//
// One cache line of worker free times a pod, sorted; a ring of the times at which waiting requests leave the queue,
// touched only when one has to wait. Not thread-safe; owned by a core.
#pragma once

#include <algorithm>
#include <array>
#include <cstdint>
#include <utility>
#include <vector>

#include "sim/service/core.h"
#include "sim/service/line_unit.h"
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

  void prefetch(std::uint32_t slot) const {
    __builtin_prefetch(line_of(slot));
    __builtin_prefetch(pods_.data() + slot);
  }

  // When the next request of the pod may start. Never goes back.
  Ticks earliest(std::uint32_t slot) const { return *line_of(slot); }

  // The earliest free worker is busy from now until `done`. REQUIRES: done >= earliest.
  template <class Unit>
  void occupy(std::uint32_t slot, Ticks done) {
    Ticks* const line = line_of(slot);
    if (lines_ == 1) [[likely]] {
      Unit::replace_first(line, done);
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
  template <class Unit>
  std::uint32_t held(std::uint32_t slot, Ticks now) {
    const Ticks* const line = line_of(slot);
    std::uint32_t busy = 0;
    if (lines_ == 1) [[likely]] {
      busy = Unit::count_later(line, now) - (static_cast<std::uint32_t>(kLine) - workers_);
    } else {
      busy = static_cast<std::uint32_t>(line + workers_ - std::upper_bound(line, line + workers_, now));
    }
    return busy < workers_ ? busy : busy + waiting(slot, now);
  }

  // Worker time given to requests until `t`. REQUIRES: the pod got no request after `t`, so its workers are busy from
  // `t` until they are free.
  Ticks busy(std::uint32_t slot, Ticks t) const {
    const Ticks* const line = line_of(slot);
    std::uint64_t rest = 0;
    for (std::size_t i = 0; i < workers_; ++i) rest += static_cast<std::uint64_t>(std::max<Ticks>(0, line[i] - t));
    return static_cast<Ticks>(pods_[slot].assigned - rest);
  }

  void count_received(std::uint32_t slot) { ++pods_[slot].counters.received; }
  void count_rejected(std::uint32_t slot) { ++pods_[slot].counters.rejected; }
  void count_assigned(std::uint32_t slot, Ticks time) { pods_[slot].assigned += static_cast<std::uint64_t>(time); }
  const PodCounters& counters(std::uint32_t slot) const { return pods_[slot].counters; }

 private:
  const Ticks* line_of(std::uint32_t slot) const {
    return free_[lines_ == 1 ? std::size_t{slot} : slot * lines_].at.data();
  }
  Ticks* line_of(std::uint32_t slot) { return const_cast<Ticks*>(std::as_const(*this).line_of(slot)); }

  struct alignas(64) Line {
    std::array<Ticks, kLine> at;
  };
  struct alignas(64) Pod {
    PodCounters counters;
    std::uint64_t assigned = 0;  // ticks; may wrap, what busy() subtracts wraps with it
    std::vector<Ticks> ring;     // its size is 0 or a power of two
    std::uint32_t head = 0;      // both run on and wrap
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
