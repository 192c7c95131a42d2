// What attempts and their senders wait for, but completions: a queue for each kind, and when the first of all is due.
// Not thread-safe; owned by a Mesh.
#pragma once

#include <algorithm>
#include <cstdint>
#include <tuple>

#include "sim/mesh/delay_lines.h"
#include "sim/mesh/job_pool.h"
#include "sim/service/dary_heap.h"
#include "sim/traffic/ticks.h"

namespace sim {

// What happens at a time of its own; at the same time in this order.
enum class Timer : std::uint8_t { kReinstate, kPatience, kProxyTimeout, kEdgeAnswer, kUserAdjust, kUserSend };

class SenderEvents {
 public:
  struct Due {
    Ticks at;
    Timer what;
    std::uint32_t index;   // pod, job, group; kUserSend, kEdgeAnswer: the user
    std::uint32_t second;  // the job's generation; kUserSend, kEdgeAnswer: the group
    bool operator<(const Due& b) const {
      return std::tie(at, what, second, index) < std::tie(b.at, b.what, b.second, b.index);
    }
  };
  struct Retry {
    Ticks at;
    Ticks first;
    std::uint32_t tries;
    JobRef job;
    std::uint64_t id;
    bool operator<(const Retry& b) const {
      return std::tie(at, first, tries, id) < std::tie(b.at, b.first, b.tries, b.id);
    }
  };

  // All that is added to the queues is announced here.
  void expect(Ticks at) { next_ = std::min(next_, at); }
  void set_timer(const Due& due) {
    timers.push(due);
    expect(due.at);
  }
  // When the first of all is due, or something earlier.
  Ticks next() const { return next_; }
  // After something was taken out: the first of all again.
  void find_next() {
    next_ = std::min({deadlines.next(), returns.next(), hedges.next(), slow_answers.next()});
    if (!retries.empty()) next_ = std::min(next_, retries.top().at);
    if (!timers.empty()) next_ = std::min(next_, timers.top().at);
  }

  DelayLines deadlines;
  DelayLines returns;
  DelayLines hedges;
  DelayLines slow_answers;  // when viewers find that an answer is slow; of marks, not of attempts
  DaryHeap<Retry> retries;
  DaryHeap<Due> timers;

 private:
  Ticks next_ = kNever;
};

}  // namespace sim
