// Outcomes of one second's requests on their way into its window: the cores' loops write them down one by one, and many
// at a time are counted. Not thread-safe; owned by a core.
#pragma once

#include <array>
#include <cstddef>

#include "sim/service/interval.h"
#include "sim/service/recorder.h"
#include "sim/traffic/ticks.h"

namespace sim {

class OutcomeLog {
 public:
  static constexpr std::size_t kRoom = 512;

  struct Rules {
    Ticks timeout;  // longer latencies are timed out
    bool cancels;   // and are held no longer
    Ticks slo;
    Interval measured;
  };
  // The first n are attempts that were served or, with kNever, left the queue at their time-out. The first n_waits are
  // waits, of those in time that are not 0; the others waited for nothing.
  struct Columns {
    alignas(64) std::array<Ticks, kRoom> at;
    alignas(64) std::array<Ticks, kRoom> done;
    alignas(64) std::array<Ticks, kRoom> waits;
  };

  OutcomeLog(const Rules& rules, bool vector) : rules_(rules), vector_(vector) {}

  Columns& columns() { return columns_; }
  // Counts what was written down and forgets it. Returns how long they are held in the measured interval.
  std::uint64_t count(Window& window, std::size_t n, std::size_t n_waits) const;

 private:
  const Rules rules_;
  const bool vector_;
  Columns columns_;
};

}  // namespace sim
