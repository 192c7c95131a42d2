// A clock that goes at its own speed: real time, faster, standing still, or moved by hand; and the loop that drives it.
//
// Timers run one at a time in the order of (time, asking). While one runs, and whatever it made ready, now() is the
// instant that it was due at; and now() never passes a timer that has not run. So what happens without clients happens
// at the same instants at every speed. Owned by one program; single-threaded, on the io_context that it drives.
#pragma once

#include <boost/asio/io_context.hpp>
#include <functional>
#include <map>
#include <optional>
#include <set>
#include <unordered_map>

#include "common/base/clock.h"
#include "common/base/notify.h"

namespace base {

class ScaledClock final : public Clock {
 public:
  // `wall` gives the pace; its executor is that of `context`. Both must outlive this object.
  ScaledClock(boost::asio::io_context& context, const Clock& wall, Time start, double speed);

  Time now() const override;
  MonoTime monotonic_now() const override { return MonoTime(now().time_since_epoch()); }
  boost::asio::any_io_executor executor() override { return context_.get_executor(); }
  TimerId call_at(Time at, std::function<void()> fn) override { return add(at, std::move(fn), false); }
  TimerId call_at_monotonic(MonoTime at, std::function<void()> fn) override {
    return add(Time(at.time_since_epoch()), std::move(fn), false);
  }
  TimerId call_in_background(Time at, std::function<void()> fn) override { return add(at, std::move(fn), true); }
  bool cancel(TimerId id) override;

  // Seconds of this clock in a second of the wall; 0 stands still. REQUIRES: >= 0. Ends a move that is under way.
  void set_speed(double speed);
  double speed() const { return speed_; }

  // Runs all that is due up to `until` as fast as it can be run, then goes on at the present speed. Returns when that
  // instant is reached, or when set_speed() ended the move before it. Other work on the executor goes on meanwhile.
  boost::asio::awaitable<void> move_to(Time until);
  bool is_moving() const { return goal_.has_value(); }

  // The earliest timer, and the earliest that is not in the background.
  std::optional<Time> next_due() const;
  std::optional<Time> next_event() const;
  std::size_t pending() const { return queue_.size(); }
  // How many timers have fired so far.
  std::uint64_t fired() const { return fired_; }

  // One step of the loop: runs the next due timer and all that it makes ready; else waits for work, for a timer to
  // come due, or for `longest` of wall time.
  void turn(Duration longest);
  // Runs what is ready, without moving time; gives up after a great many steps, for the sake of the timers.
  void run_ready();

 private:
  struct Key {
    Time at;
    TimerId id;  // grows with each call: the tie-break
    auto operator<=>(const Key&) const = default;
  };

  TimerId add(Time at, std::function<void()> fn, bool background);
  Time by_wall() const;
  // Wall time until the front timer is due; nullopt if it never will be.
  std::optional<Duration> wait_for_front() const;
  void anchor(Time now);
  void fire_front();
  void end_move();

  boost::asio::io_context& context_;
  const boost::asio::executor_work_guard<boost::asio::io_context::executor_type> work_;
  const Clock& wall_;
  double speed_;
  Time now_;              // at the last anchor or timer
  MonoTime anchored_at_;  // the wall's instant that goes with now_
  bool held_ = false;     // while a timer and its consequences run
  std::optional<Time> goal_;
  Notify moved_;
  TimerId last_id_ = 0;
  std::uint64_t fired_ = 0;
  std::map<Key, std::function<void()>> queue_;
  std::set<Key> events_;                   // of the queue, what is not in the background
  std::unordered_map<TimerId, Time> due_;  // for cancel(); never iterated
};

}  // namespace base
