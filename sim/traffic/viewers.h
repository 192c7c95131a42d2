// Viewers of a stream as a source of requests: they come by a curve, make a few calls at once, send heartbeats while
// they watch, reload when a goal falls or an answer is slow, and leave.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "sim/traffic/rate_profile.h"
#include "sim/traffic/ticks.h"

namespace sim {

struct ViewerOptions {
  std::string name;                               // names its random streams; no two sources share it
  RateProfile starts = RateProfile::constant(0);  // sessions per second
  // Calls of a start (login, entitlement, home, playback), uniform over the spread; the first at once.
  std::uint32_t start_calls = 5;
  Ticks start_spread = 3 * kSecond;
  std::optional<Ticks> heartbeat;  // period, with a phase of each viewer's own; nullopt: none
  // Lognormal session length; a mean of 0: viewers stay until an exit wave or the end.
  Ticks session_mean = 0;
  double session_cv = 1.0;

  // Viewers that come back to the start calls (reload, "F5") or leave, at a moment that everybody shares.
  struct Wave {
    Ticks at = 0;
    double share = 0;         // of the viewers then present
    Ticks within = 0;         // spread, uniform
    std::uint32_t calls = 0;  // each makes; 0: start_calls for a reload, none for an exit
  };
  std::vector<Wave> reloads;
  std::vector<Wave> exits;

  // A call that failed or took longer than `slower_than`: with `probability` the viewer reloads after a time uniform in
  // [after, after + within), at most `max_reloads` times in a row; after that many it leaves if `leaves`.
  struct Reaction {
    Ticks slower_than = 2 * kSecond;
    double probability = 0.0;
    Ticks after = 5 * kSecond;
    Ticks within = 15 * kSecond;
    std::uint32_t max_reloads = 3;
    bool leaves = false;
  };
  std::optional<Reaction> reaction;

  // Entries (SystemOptions::entries) of each kind of call.
  std::uint32_t start_entry = 0;
  std::uint32_t heartbeat_entry = 0;
  std::uint32_t exit_entry = 0;
};

}  // namespace sim
