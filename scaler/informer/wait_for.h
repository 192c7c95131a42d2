// Waits for a condition that a Notify announces, but no longer than until a deadline.
#pragma once

#include <boost/asio/awaitable.hpp>

#include "common/base/clock.h"
#include "common/base/notify.h"

namespace scaler {

// Whether `done()` holds when it returns. The deadline wakes all who wait on `notify`; they look again and go on
// waiting. `notify` and what `done` refers to must outlive the wait.
template <class Done>
boost::asio::awaitable<bool> wait_for(base::Clock& clock, base::Notify& notify, base::Time deadline, Done done) {
  bool expired = false;
  const auto ring = [&expired, &notify] {
    expired = true;
    notify.notify_all();
  };
  struct Alarm {
    base::Clock& clock;
    base::Clock::TimerId id;
    ~Alarm() { clock.cancel(id); }
  } alarm{clock, clock.call_at(deadline, ring)};
  while (!done() && !expired) co_await notify.wait();
  co_return done();
}

}  // namespace scaler
