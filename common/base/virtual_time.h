// A clock that a simulation moves: time stands still while anything is ready to run, then jumps to the next timer.
//
// One ordered queue of (time, sequence) holds every timer, so equal times run in the order of asking. Owned by one
// simulation; single-threaded.
#pragma once

#include <boost/asio/io_context.hpp>
#include <map>
#include <optional>
#include <unordered_map>

#include "common/base/clock.h"

namespace base {

class VirtualTime final : public Clock {
 public:
  explicit VirtualTime(Time start);

  Time now() const override { return now_; }
  MonoTime monotonic_now() const override { return MonoTime(now_.time_since_epoch()); }
  boost::asio::any_io_executor executor() override;
  TimerId call_at(Time at, std::function<void()> fn) override;
  bool cancel(TimerId id) override;

  // Runs whatever is ready now, without moving time.
  void run_ready();

  // Runs all that is due up to and including `until`, and leaves now() there.
  // REQUIRES: `until` is not before now().
  void run_until(Time until);
  void run_for(Duration d) { run_until(now_ + d); }

  // The time of the earliest timer, if there is one.
  std::optional<Time> next_due() const;

  // How many timers have fired so far.
  std::uint64_t fired() const { return fired_; }

 private:
  struct Key {
    Time at;
    TimerId id;  // grows with each call: the tie-break
    auto operator<=>(const Key&) const = default;
  };

  boost::asio::io_context context_;
  Time now_;
  TimerId last_id_ = 0;
  std::uint64_t fired_ = 0;
  std::map<Key, std::function<void()>> queue_;
  std::unordered_map<TimerId, Time> due_;  // for cancel(); never iterated
};

}  // namespace base
