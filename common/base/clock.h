// The one seam for time. Whoever waits or asks for the time holds a Clock&; policies get `now` as an argument.
//
// A Clock belongs to one executor that runs on one thread; all its callbacks run there. Not thread-safe.
#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>
#include <cstdint>
#include <functional>

#include "common/base/time.h"

namespace base {

class Clock {
 public:
  using TimerId = std::uint64_t;  // 0 is never used

  virtual ~Clock() = default;

  virtual Time now() const = 0;
  virtual MonoTime monotonic_now() const = 0;

  // Where callbacks and sleepers of this clock run.
  virtual boost::asio::any_io_executor executor() = 0;

  // Calls `fn` on the executor once `at` is reached; a time in the past means as soon as possible, but never
  // from inside this call. Calls of one kind that are due at the same time run in the order in which they were
  // asked for; under virtual time also those of both kinds.
  virtual TimerId call_at(Time at, std::function<void()> fn) = 0;

  // The same by monotonic_now(): a step of the wall clock does not move the call.
  virtual TimerId call_at_monotonic(MonoTime at, std::function<void()> fn) {
    return call_at(now() + (at - monotonic_now()), std::move(fn));
  }

  // As call_at(), for work that comes round again and again without anything having happened: a scan, a sync loop. A
  // clock that jumps to the next event does not take it for one.
  virtual TimerId call_in_background(Time at, std::function<void()> fn) { return call_at(at, std::move(fn)); }

  // Returns false if the call has run already or was cancelled.
  virtual bool cancel(TimerId id) = 0;

  TimerId call_after(Duration delay, std::function<void()> fn) {
    return call_at_monotonic(monotonic_now() + delay, std::move(fn));
  }

  // sleep_until() waits for an instant of the wall clock, sleep_for() for as long as told whatever that clock does.
  // Cancellation of the awaiting coroutine ends the sleep with system_error(operation_aborted).
  boost::asio::awaitable<void> sleep_until(Time at);
  boost::asio::awaitable<void> sleep_for(Duration delay);
};

}  // namespace base
