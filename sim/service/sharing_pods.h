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
#include "sim/service/dary_heap.h"
#include "sim/traffic/ticks.h"

namespace sim {

// `Tag` is what the core wants to know of a request when it is done; an empty one takes no room.
template <class Tag>
class SharingPods {
 public:
  struct Job {
    std::int64_t finish;  // on the pod's virtual clock
    Ticks at;             // of the attempt
    [[no_unique_address]] Tag tag;
    bool operator<(const Job& b) const { return finish < b.finish; }
  };

  explicit SharingPods(std::uint32_t workers) : workers_(workers) {}

  void add(Ticks at) { pods_.emplace_back().moved = at; }

  // When the next request of the pod is done; kNever if it holds none.
  Ticks next_done(std::uint32_t slot) const { return pods_[slot].next_done; }
  std::uint32_t held(std::uint32_t slot) const { return static_cast<std::uint32_t>(pods_[slot].jobs.size()); }

  // Ends the request that is done next. REQUIRES: there is one.
  Job finish_next(std::uint32_t slot) {
    Pod& pod = pods_[slot];
    move_clock(pod, pod.next_done);
    const Job job = pod.jobs.top();
    pod.jobs.pop();
    foresee(pod);
    return job;
  }
  // REQUIRES: all that is done at `now` is finished.
  void admit(std::uint32_t slot, Ticks now, Ticks demand, const Tag& tag) {
    Pod& pod = pods_[slot];
    move_clock(pod, now);
    pod.jobs.push({pod.clock + (demand << kClockBits), now, tag});
    foresee(pod);
  }

  // Worker time spent until `t`. REQUIRES: all that is done before `t` is finished.
  Ticks busy(std::uint32_t slot, Ticks t) const {
    const Pod& pod = pods_[slot];
    return pod.busy + (t - pod.moved) * std::min<Ticks>(std::ssize(pod.jobs.items()), workers_);
  }

  void count_received(std::uint32_t slot) { ++pods_[slot].counters.received; }
  void count_rejected(std::uint32_t slot) { ++pods_[slot].counters.rejected; }
  const PodCounters& counters(std::uint32_t slot) const { return pods_[slot].counters; }

 private:
  static constexpr int kClockBits = 8;

  struct Pod {
    Ticks next_done = kNever;
    Ticks moved = 0;         // when the clock was last moved
    std::int64_t clock = 0;  // 2^-8 ns; starts anew whenever the pod is empty
    Ticks busy = 0;          // until `moved`
    DaryHeap<Job> jobs;
    PodCounters counters;
  };

  // (x * a + add) / b of non-negative numbers, rounded down; in 128 bits only where 64 do not do.
  static std::int64_t scaled(std::int64_t x, std::int64_t a, std::int64_t add, std::int64_t b) {
    std::int64_t sum = 0;
    if (!__builtin_mul_overflow(x, a, &sum) && !__builtin_add_overflow(sum, add, &sum)) [[likely]] {
      return static_cast<std::int64_t>(static_cast<std::uint64_t>(sum) / static_cast<std::uint64_t>(b));
    }
    const WideCount wide = static_cast<WideCount>(x) * static_cast<WideCount>(a) + static_cast<WideCount>(add);
    return static_cast<std::int64_t>(wide / static_cast<WideCount>(b));
  }

  void move_clock(Pod& pod, Ticks now) {
    const std::int64_t passed = now - pod.moved;
    const std::int64_t n = std::ssize(pod.jobs.items());
    pod.moved = now;
    if (n == 0) {
      pod.clock = 0;
      return;
    }
    if (n <= workers_) {
      pod.busy += passed * n;
      pod.clock += passed << kClockBits;
    } else {
      pod.busy += passed * workers_;
      pod.clock += scaled(passed << kClockBits, workers_, 0, n);
    }
  }
  void foresee(Pod& pod) {
    const std::int64_t n = std::ssize(pod.jobs.items());
    if (n == 0) {
      pod.next_done = kNever;
      return;
    }
    const std::int64_t rest = std::max<std::int64_t>(0, pod.jobs.top().finish - pod.clock);
    constexpr std::int64_t kRoundUp = (1 << kClockBits) - 1;
    if (n <= workers_) {
      pod.next_done = pod.moved + ((rest + kRoundUp) >> kClockBits);
    } else {
      const std::int64_t per_tick = std::int64_t{workers_} << kClockBits;
      // Rounded up: the smallest whole time after which the rounded-down clock has moved by `rest`.
      pod.next_done = pod.moved + scaled(rest, n, per_tick - 1, per_tick);
    }
  }

  const std::uint32_t workers_;
  std::vector<Pod> pods_;
};

}  // namespace sim
