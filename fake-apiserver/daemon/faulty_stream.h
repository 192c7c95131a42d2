// A watch that misbehaves as fault rules say: ends, stalls, goes slowly, loses, doubles or swaps lines.
//
// Single-threaded. The clock and what the callbacks refer to must outlive it.
#pragma once

#include <deque>
#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "common/base/clock.h"
#include "common/http/handler.h"

namespace fakeapi {

struct StreamFaults {
  struct End {
    std::int64_t after_events = 0;
    std::optional<base::Duration> after;  // instead of after_events
    bool mid_line = false;
    std::string last_line;  // sent before the end
  };
  struct Stall {
    std::int64_t after_events = 0;
    std::optional<base::Duration> after;
    std::optional<base::Duration> lasts;  // none: to the end
  };
  std::optional<End> end;
  std::optional<Stall> stall;
  std::optional<std::int64_t> bytes_per_second;
  // Asked for each line whether it strikes; empty: never.
  std::function<bool()> loses = {};
  std::function<bool()> doubles = {};
  std::function<bool()> swaps = {};
};

// `wire_clock` counts everything that takes time.
std::unique_ptr<http::BodyStream> make_faulty_stream(std::unique_ptr<http::BodyStream> inner, StreamFaults faults,
                                                     base::Clock& wire_clock);

}  // namespace fakeapi
