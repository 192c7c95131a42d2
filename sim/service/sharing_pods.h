// Processor-sharing pods in virtual time (Parekh and Gallager 1993): with n requests on c workers a pod's virtual clock
// runs at min(1, c/n), and a request is done when the clock has run for as long as its demand.
//
// Integers only. The clock counts 2^-8 ns, moves at the pod's own arrivals and departures and nowhere else, each time
// by the whole part of what passed, and a departure is the first whole tick at which the clock has come far enough: so
// results do not depend on when a pod is looked at. Not thread-safe; owned by a core.
#pragma once

#include <algorithm>
#include <cstdint>
#include <vector>

#include "sim/service/core.h"
#include "sim/service/quotient.h"
#include "sim/service/sorted_column.h"
#include "sim/traffic/ticks.h"

namespace sim {

// Each request has an item, a number of the core's. Items that are not in use stay in the pod's column behind those
// that are, so that it can serve as a stack of free numbers.
class SharingPods {
 public:
  explicit SharingPods(std::uint32_t workers) : workers_(workers), by_workers_(std::uint64_t{workers} << kClockBits) {}

  void add(Ticks at) {
    pods_.emplace_back().moved = at;
    columns_.emplace_back();
  }
  void prefetch(std::uint32_t slot) const {
    __builtin_prefetch(pods_.data() + slot);
    columns_.prefetch(slot);
  }

  // When the next request of the pod is done; kNever if it holds none.
  Ticks next_done(std::uint32_t slot) const { return pods_[slot].next_done; }
  std::uint32_t held(std::uint32_t slot) const { return pods_[slot].held; }

  // Ends what is done until `last` inclusive, or only the first of it: on_done(item, when).
  template <bool kOnlyFirst = false, class OnDone>
  void finish_until(std::uint32_t slot, Ticks last, OnDone on_done) {
    Pod& pod = pods_[slot];
    if (pod.next_done > last) return;
    Progress p = pod.progress();
    const SortedColumn column = column_of(slot);
    do {
      const Ticks done = p.next_done;
      move_clock(p, done);
      --p.held;
      foresee(p, column.keys[std::ptrdiff_t{p.held} - 1]);
      on_done(column.items[p.held], done);
    } while (!kOnlyFirst && p.next_done <= last);
    pod.set(p);
  }
  // The item that is next in the pod's stack of those not in use.
  std::int64_t free_item(std::uint32_t slot) { return column_of(slot).items[pods_[slot].held]; }
  // REQUIRES: all that is done at `now` is finished.
  template <class Unit>
  void admit(std::uint32_t slot, Ticks now, Ticks demand, std::int64_t item) {
    Pod& pod = pods_[slot];
    if (pod.held + 1 >= pod.room) [[unlikely]]
      pod.room = columns_.grow(slot, pod.room, pod.held);
    if (pod.clock > kLongClock) [[unlikely]]
      set_back(slot);
    const SortedColumn column = column_of(slot);
    Progress p = pod.progress();
    // Before it is changed: a look at what was just written would wait for that.
    const std::int64_t smallest = column.keys[std::ptrdiff_t{p.held} - 1];
    move_clock(p, now);
    const std::int64_t key = p.clock + (demand << kClockBits);
    Unit::insert(column.keys, column.items, p.held, key, item);
    ++p.held;
    foresee(p, std::min(smallest, key));
    pod.set(p);
  }
  // Takes out a request before it is done. REQUIRES: as for admit(); it is there.
  void drop(std::uint32_t slot, Ticks now, std::int64_t item) {
    Pod& pod = pods_[slot];
    const SortedColumn column = column_of(slot);
    Progress p = pod.progress();
    move_clock(p, now);
    column.remove(static_cast<std::size_t>(std::find(column.items, column.items + p.held, item) - column.items),
                  p.held);
    --p.held;
    foresee(p, column.keys[std::ptrdiff_t{p.held} - 1]);
    pod.set(p);
  }
  // visit(item) for those in use.
  template <class Visitor>
  void for_each(std::uint32_t slot, Visitor visit) {
    const SortedColumn column = column_of(slot);
    for (std::uint32_t i = 0; i < pods_[slot].held; ++i) visit(column.items[i]);
  }

  // Worker time spent until `t`. REQUIRES: all that is done before `t` is finished.
  Ticks busy(std::uint32_t slot, Ticks t) const {
    const Pod& pod = pods_[slot];
    return static_cast<Ticks>(pod.busy + static_cast<std::uint64_t>(t - pod.moved) * std::min(pod.held, workers_));
  }

  void count_received(std::uint32_t slot) { ++pods_[slot].counters.received; }
  void count_rejected(std::uint32_t slot) { ++pods_[slot].counters.rejected; }
  const PodCounters& counters(std::uint32_t slot) const { return pods_[slot].counters; }

 private:
  static constexpr int kClockBits = 8;
  static constexpr std::int64_t kLongClock = std::int64_t{1} << 58;

  // What moves with time, for loops to hold in registers.
  struct Progress {
    Ticks next_done = kNever;
    Ticks moved = 0;         // when the clock was last moved
    std::int64_t clock = 0;  // 2^-8 ns; starts anew whenever the pod is empty
    std::uint64_t busy = 0;  // ticks until `moved`
    std::uint32_t held = 0;
  };
  struct alignas(64) Pod : Progress {
    std::uint32_t room = SortedColumns::kFirstRoom;
    PodCounters counters;

    Progress progress() const { return *this; }
    void set(const Progress& p) {
      next_done = p.next_done;
      moved = p.moved;
      clock = p.clock;
      busy = p.busy;
      held = p.held;
    }
  };

  SortedColumn column_of(std::uint32_t slot) { return columns_.at(slot, pods_[slot].room); }

  void move_clock(Progress& p, Ticks now) {
    const auto passed = static_cast<std::uint64_t>(now - p.moved);
    p.moved = now;
    if (p.held <= workers_) [[likely]] {
      p.busy += passed * p.held;
      p.clock = p.held == 0 ? 0 : p.clock + static_cast<std::int64_t>(passed << kClockBits);
    } else {
      p.busy += passed * workers_;
      p.clock += quotients_.of(passed << kClockBits, workers_, p.held);
    }
  }
  // `smallest` of the keys; any number if there is none.
  void foresee(Progress& p, std::int64_t smallest) {
    const std::int64_t rest = std::max<std::int64_t>(0, smallest - p.clock);
    // Rounded up: the smallest whole time after which the rounded-down clock has moved by `rest`.
    if (p.held <= workers_) [[likely]] {
      constexpr std::int64_t kRoundUp = (1 << kClockBits) - 1;
      p.next_done = p.held == 0 ? kNever : p.moved + ((rest + kRoundUp) >> kClockBits);
    } else {
      p.next_done = std::min(kLatest, p.moved + by_workers_.rounded_up(static_cast<std::uint64_t>(rest), p.held));
    }
  }
  // The clock of a pod that is never empty goes back to 0 before its numbers become too large.
  void set_back(std::uint32_t slot) {
    Pod& pod = pods_[slot];
    const SortedColumn column = column_of(slot);
    for (std::uint32_t i = 0; i < pod.held; ++i) column.keys[i] -= pod.clock;
    pod.clock = 0;
  }

  const std::uint32_t workers_;
  const FixedDivisor by_workers_;
  Quotients quotients_;
  std::vector<Pod> pods_;
  SortedColumns columns_;
};

}  // namespace sim
