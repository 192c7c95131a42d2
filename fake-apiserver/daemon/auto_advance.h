// Moves a clock that stands still when a client waits for something and nothing else is going on: `kubectl wait` on a
// stepped clock would wait for ever.
//
// A client waits if it has a watch open, or asks for the same thing again and again. Single-threaded.
#pragma once

#include <map>
#include <optional>
#include <string>

#include "common/base/scaled_clock.h"
#include "common/http/message.h"

namespace fakeapi {

struct AutoAdvanceOptions {
  bool enabled = true;
  // Of wall time without a request, before the clock moves.
  base::Duration quiet = std::chrono::milliseconds(50);
  // Of wall time between two moves, in which clients hear of what the first one did.
  base::Duration reaction = std::chrono::milliseconds(5);
  // Of the cluster's time: what is due later is not worth a jump.
  base::Duration horizon = std::chrono::minutes(5);
  // Of the cluster's time: so far it moves for what clients have asked. What they wait for may never come.
  base::Duration limit = std::chrono::hours(1);
};

class AutoAdvance {
 public:
  AutoAdvance(base::ScaledClock& clock, const base::Clock& wall, AutoAdvanceOptions options)
      : clock_(clock), wall_(wall), options_(options) {}

  void set_enabled(bool enabled) { options_.enabled = enabled; }
  bool enabled() const { return options_.enabled; }
  base::Duration horizon() const { return options_.horizon; }

  // Somebody wants something new: the limit counts from here.
  void renew() { moved_ = base::Duration::zero(); }
  void request_began(const http::Request& request);
  void request_ended();
  void watch_began() { ++watches_; }
  void watch_ended() { --watches_; }

  // The event to move to now, if it is time for one.
  std::optional<base::Time> next_move();

 private:
  base::ScaledClock& clock_;
  const base::Clock& wall_;
  AutoAdvanceOptions options_;
  std::size_t in_progress_ = 0;
  std::size_t watches_ = 0;
  base::MonoTime last_activity_{};
  base::MonoTime last_move_{};
  base::Duration moved_{};  // of the cluster's time, since the last request that was not asked before
  std::map<std::string, base::MonoTime> asked_;  // what was asked lately, by client and target
  base::MonoTime polled_until_{};
};

}  // namespace fakeapi
