#include "common/base/clock.h"

#include <boost/asio/redirect_error.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/system/system_error.hpp>
#include <functional>
#include <memory>
#include <utility>

namespace base {
namespace asio = boost::asio;

namespace {

using Schedule = std::function<Clock::TimerId(std::function<void()>)>;

// The sleeper waits on an Asio timer that never expires by itself; the clock's callback wakes it by cancelling
// that timer. So sleeping works the same on every clock, and Asio's own cancellation keeps working.
asio::awaitable<void> sleep(Clock& clock, Schedule schedule) {
  auto woken = std::make_shared<bool>(false);
  auto executor = co_await asio::this_coro::executor;
  auto parked = std::make_shared<asio::steady_timer>(executor, asio::steady_timer::time_point::max());
  const Clock::TimerId id = schedule([woken, parked] {
    *woken = true;
    parked->cancel();
  });
  struct Unschedule {
    Clock& clock;
    Clock::TimerId id;
    ~Unschedule() { clock.cancel(id); }
  } unschedule{clock, id};

  boost::system::error_code ignored;
  auto token = asio::redirect_error(asio::use_awaitable, ignored);
  co_await parked->async_wait(token);
  if (!*woken) throw boost::system::system_error(asio::error::operation_aborted);
}

}  // namespace

asio::awaitable<void> Clock::sleep_until(Time at) {
  return sleep(*this, [this, at](std::function<void()> wake) { return call_at(at, std::move(wake)); });
}

asio::awaitable<void> Clock::sleep_for(Duration delay) {
  const MonoTime at = monotonic_now() + delay;
  return sleep(*this, [this, at](std::function<void()> wake) { return call_at_monotonic(at, std::move(wake)); });
}

}  // namespace base
