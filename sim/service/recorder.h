// Collects outcomes by the second of first arrival. A second is closed when its last request is resolved; its exact
// counts then go into the totals. Not thread-safe; owned by an Engine.
#pragma once

#include <cstdint>
#include <deque>
#include <memory>
#include <vector>

#include "sim/service/engine_options.h"
#include "sim/service/histogram.h"
#include "sim/service/results.h"

namespace sim {

// Sums of ticks over all requests of a run pass 64 bits in long overloads.
__extension__ using WideCount = unsigned __int128;

// Longer latencies and waits count as this, 52 days, so that no sum overflows.
inline constexpr Ticks kLongestLatency = Ticks{1} << 52;

// The mean to the nearest tick; 0 of none.
Ticks rounded_mean(WideCount sum, std::uint64_t n);

// One second of virtual time that is not closed.
struct Window {
  explicit Window(WindowHistogram storage = {}) : latency(std::move(storage)) {}

  std::int64_t second = 0;
  bool sealed = false;        // no request will arrive in it any more
  std::uint64_t pending = 0;  // requests whose outcome is not known; the fast paths know it at arrival
  std::uint64_t arrivals = 0;
  std::uint64_t rejected = 0;
  std::uint64_t timed_out = 0;
  std::uint64_t retried = 0;
  std::uint64_t within_slo = 0;
  WideCount latency_sum = 0;
  WideCount wait_sum = 0;
  Ticks latency_max = 0;
  WindowHistogram latency;
  Histogram* wait = nullptr;  // of the whole run, or one that nobody reads during the warm-up

  // As new, with the storage of the histogram.
  void reset(std::int64_t new_second, Histogram* waits) {
    WindowHistogram storage = std::move(latency);
    storage.clear();
    *this = Window(std::move(storage));
    second = new_second;
    wait = waits;
  }
  void add(const Window& other);
  void succeed(Ticks latency_ticks, Ticks wait_ticks, Ticks slo) {
    latency_ticks = std::min(latency_ticks, kLongestLatency);
    wait_ticks = std::min(wait_ticks, kLongestLatency);
    latency.add(latency_ticks);
    wait->add(wait_ticks);
    latency_sum += static_cast<std::uint64_t>(latency_ticks);
    wait_sum += static_cast<std::uint64_t>(wait_ticks);
    latency_max = std::max(latency_max, latency_ticks);
    within_slo += static_cast<std::uint64_t>(latency_ticks <= slo);
  }
};

class Recorder {
 public:
  // A share only keeps its closed seconds, for another recorder to add up.
  enum class Use { kWhole, kShare };
  // Seconds from `first_second` on; those before `measured_second` do not count in the totals.
  Recorder(const SloOptions& slo, std::int64_t first_second, std::int64_t measured_second, Use use = Use::kWhole);

  // This recorder's seconds are the sums of those of all that are included. They outlive it or its use.
  void include(Recorder& share) { shares_.push_back(&share); }
  // Closes the seconds that all the shares have closed.
  void add_up();

  // The window of a second that is not closed. Stays where it is until it is closed.
  Window& window(std::int64_t second) {
    const auto index = static_cast<std::size_t>(second - front_);
    while (index >= open_.size()) open_next();
    return *open_[index];
  }
  // No request will arrive in the seconds before `second` any more: closes those of them that are complete.
  void seal_before(std::int64_t second);
  // The outcomes of n pending requests are in their window.
  void resolve(Window& window, std::uint64_t n = 1) {
    window.pending -= n;
    if (window.pending == 0 && window.sealed) close_complete();
  }

  const std::vector<SecondResult>& seconds() const { return seconds_; }
  // Everything but the time averages.
  Totals totals() const;

 private:
  void open_next();
  void close_complete();
  void close(Window& window);

  const SloOptions slo_;
  const std::int64_t measured_second_;
  const Use use_;
  std::vector<Recorder*> shares_;
  std::int64_t front_;   // the second of open_.front()
  std::int64_t sealed_;  // all before it are sealed
  std::deque<std::unique_ptr<Window>> open_;
  std::vector<std::unique_ptr<Window>> spare_;
  std::deque<std::unique_ptr<Window>> closed_;  // kShare
  std::vector<SecondResult> seconds_;
  Histogram latency_;
  Histogram wait_;
  Histogram unread_wait_;
  WideCount latency_sum_ = 0;
  WideCount wait_sum_ = 0;
  std::uint64_t within_slo_ = 0;
  Totals counts_;
};

}  // namespace sim
