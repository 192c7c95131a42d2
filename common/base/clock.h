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
  // from inside this call. Calls that are due at the same time run in the order in which they were asked for.
  virtual TimerId call_at(Time at, std::function<void()> fn) = 0;

  // Returns false if the call has run already or was cancelled.
  virtual bool cancel(TimerId id) = 0;

  TimerId call_after(Duration delay, std::function<void()> fn) { return call_at(now() + delay, std::move(fn)); }

  // Cancellation of the awaiting coroutine ends the sleep with system_error(operation_aborted).
  boost::asio::awaitable<void> sleep_until(Time at);
  boost::asio::awaitable<void> sleep_for(Duration delay);
};

}  // namespace base
