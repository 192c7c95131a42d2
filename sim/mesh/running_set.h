// The requests that a pod's workers serve, on a virtual clock (Parekh and Gallager 1993): with n of them the clock runs
// at min(1, most/n), and a request is done when it has run for as long as the request's demand. First come first served
// is the case where n never passes the workers; a CPU limit makes `most` smaller.
//
// Integers only, as in sharing_pods.h: the clock counts 2^-8 ns and moves at the pod's own changes alone, so results do
// not depend on when a pod is looked at. Not thread-safe; owned by a pod.
#pragma once

#include <algorithm>
#include <cstdint>
#include <vector>

#include "sim/mesh/finish_heap.h"
#include "sim/service/recorder.h"
#include "sim/traffic/ticks.h"

namespace sim {

// How fast a pod works.
struct Speed {
  std::int64_t workers = 1;
  std::int64_t full = 1;  // up to so many requests are each served at full speed
  // Beyond, all together do most / 2^shift ticks of work a tick.
  std::int64_t most = 1;
  int shift = 0;
};

class RunningSet {
 public:
  static constexpr Ticks kLongestDemand = Ticks{1} << 50;  // 13 days: what the clock can count

  explicit RunningSet(Ticks now) : moved_(now) {}

  // kNever if it serves none.
  Ticks next_done() const { return next_done_; }
  std::int64_t size() const { return heap_.size(); }

  // REQUIRES of all changes: what is done before `now` is finished.
  void admit(Ticks now, Ticks demand, JobIndex job, const Speed& speed) {
    move(now, speed);
    heap_.push({clock_ + (demand << kClockBits), job});
    foresee(speed);
  }
  // REQUIRES: it serves one.
  JobIndex finish_next(const Speed& speed) {
    move(next_done_, speed);
    const JobIndex job = heap_.top().job;
    heap_.remove(heap_.top_place());
    foresee(speed);
    return job;
  }
  // REQUIRES: it serves the job.
  void erase(Ticks now, JobIndex job, const Speed& speed) {
    move(now, speed);
    heap_.remove(heap_.find(job));
    foresee(speed);
  }
  void clear(Ticks now, const Speed& speed) {
    move(now, speed);
    heap_.clear();
    foresee(speed);
  }

  // Worker time spent until `t`. REQUIRES: what is done before `t` is finished.
  Ticks busy(Ticks t, const Speed& speed) const { return busy_ + (t - moved_) * std::min(size(), speed.workers); }
  // Work done until then: less than the time spent where the CPU limit slows workers down.
  Ticks work(Ticks t, const Speed& speed) const { return work_ + work_in(t - moved_, speed); }
  // When each request served would be done if none came or went, in order.
  void done_times(const Speed& speed, std::vector<Ticks>& out) const {
    out.clear();
    for (const FinishHeap::Item& item : heap_.items()) out.push_back(moved_ + time_for(item.finish - clock_, speed));
    std::sort(out.begin(), out.end());
  }

 private:
  static constexpr int kClockBits = 8;
  static constexpr std::int64_t kRebase = std::int64_t{1} << 60;

  // (x * a + add) / b of non-negative numbers, rounded down, at most kNever; in 128 bits only where 64 do not do.
  static std::int64_t scaled(std::int64_t x, std::int64_t a, std::int64_t add, std::int64_t b) {
    std::int64_t sum = 0;
    if (!__builtin_mul_overflow(x, a, &sum) && !__builtin_add_overflow(sum, add, &sum)) [[likely]] {
      return static_cast<std::int64_t>(static_cast<std::uint64_t>(sum) / static_cast<std::uint64_t>(b));
    }
    const WideCount wide = static_cast<WideCount>(x) * static_cast<WideCount>(a) + static_cast<WideCount>(add);
    return static_cast<std::int64_t>(std::min(wide / static_cast<WideCount>(b), static_cast<WideCount>(kNever)));
  }
  Ticks work_in(Ticks passed, const Speed& speed) const {
    const std::int64_t n = size();
    if (n <= speed.full) return passed * n;
    return scaled(passed, speed.most, 0, std::int64_t{1} << speed.shift);
  }
  void move(Ticks now, const Speed& speed) {
    const std::int64_t passed = now - moved_;
    const std::int64_t n = size();
    moved_ = now;
    if (n == 0) {
      clock_ = 0;
      return;
    }
    if (n <= speed.full) {
      busy_ += passed * n;
      work_ += passed * n;
      clock_ += passed << kClockBits;
    } else {
      busy_ += passed * std::min(n, speed.workers);
      work_ += work_in(passed, speed);
      clock_ += scaled(passed << kClockBits, speed.most, 0, n << speed.shift);
    }
    if (clock_ > kRebase) [[unlikely]] {
      heap_.shift(-clock_);
      clock_ = 0;
    }
  }
  // The smallest whole time after which the rounded-down clock has moved by `rest`.
  Ticks time_for(std::int64_t rest, const Speed& speed) const {
    rest = std::max<std::int64_t>(0, rest);
    if (size() <= speed.full) return (rest + ((1 << kClockBits) - 1)) >> kClockBits;
    const std::int64_t per_tick = speed.most << kClockBits;
    return scaled(rest, size() << speed.shift, per_tick - 1, per_tick);
  }
  void foresee(const Speed& speed) {
    next_done_ = heap_.empty() ? kNever : moved_ + time_for(heap_.top().finish - clock_, speed);
  }

  Ticks moved_;  // when the clock was last moved
  std::int64_t clock_ = 0;
  Ticks next_done_ = kNever;
  Ticks busy_ = 0;  // both until moved_
  Ticks work_ = 0;
  FinishHeap heap_;
};

}  // namespace sim
