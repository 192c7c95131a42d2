// Timers of a few different lengths, each set for one of them: a queue in order of time for each length, instead of a
// heap entry a timer. Not thread-safe; owned by a Mesh.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <vector>

#include "sim/mesh/job_pool.h"
#include "sim/mesh/ring.h"
#include "sim/traffic/ticks.h"

namespace sim {

class DelayLines {
 public:
  struct Entry {
    Ticks at;
    JobRef job;
  };

  // The number of the line of that length; the same for the same length.
  std::uint16_t line_of(Ticks delay) {
    std::size_t i = 0;
    while (i < lines_.size() && lines_[i].delay != delay) ++i;
    if (i == lines_.size()) lines_.push_back({.delay = delay, .entries = {}});
    return static_cast<std::uint16_t>(i);
  }
  Ticks delay(std::uint16_t line) const { return lines_[line].delay; }

  // REQUIRES: `now` never goes back.
  void push(std::uint16_t line, Ticks now, JobRef job) {
    const Ticks at = now + lines_[line].delay;
    lines_[line].entries.push_back({at, job});
    if (at < next_) {
      next_ = at;
      first_ = line;
    }
  }
  // The same, for timers that are mostly set in vain: forgets those at the front of the line that are.
  void push(std::uint16_t line, Ticks now, JobRef job, const JobPool& jobs) {
    Ring<Entry>& entries = lines_[line].entries;
    const std::size_t before = entries.size();
    while (!entries.empty() && !jobs.is(entries.front().job)) entries.pop_front();
    entries.push_back({now + lines_[line].delay, job});
    if (first_ == line && entries.size() <= before) find_next();
    if (entries.front().at < next_) {
      next_ = entries.front().at;
      first_ = line;
    }
  }
  // kNever if none is set.
  Ticks next() const { return next_; }
  // In order of time, then of line. REQUIRES: one is set.
  const Entry& front() const { return lines_[first_].entries.front(); }
  void pop() {
    lines_[first_].entries.pop_front();
    find_next();
  }
  // Calls visit(JobRef) for all that are due at next().
  template <class Visitor>
  void for_each_due(Visitor visit) const {
    for (const Line& line : lines_) {
      for (std::size_t i = 0; i < line.entries.size() && line.entries[i].at == next_; ++i) visit(line.entries[i].job);
    }
  }

 private:
  void find_next() {
    next_ = kNever;
    for (std::size_t i = 0; i < lines_.size(); ++i) {
      const Ring<Entry>& entries = lines_[i].entries;
      if (entries.empty() || entries.front().at >= next_) continue;
      next_ = entries.front().at;
      first_ = i;
    }
  }

  struct Line {
    Ticks delay;
    Ring<Entry> entries;
  };
  std::vector<Line> lines_;
  Ticks next_ = kNever;
  std::size_t first_ = 0;  // the line of next_
};

}  // namespace sim
