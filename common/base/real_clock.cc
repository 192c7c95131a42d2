#include "common/base/real_clock.h"

#include <boost/asio/steady_timer.hpp>
#include <utility>

namespace base {

struct RealClock::Timers {
  TimerId last = 0;
  std::unordered_map<TimerId, boost::asio::steady_timer> pending;
};

RealClock::RealClock(boost::asio::any_io_executor executor)
    : executor_(std::move(executor)), timers_(std::make_shared<Timers>()) {}

RealClock::~RealClock() { timers_->pending.clear(); }

Time RealClock::now() const { return std::chrono::time_point_cast<Duration>(std::chrono::system_clock::now()); }

MonoTime RealClock::monotonic_now() const {
  return std::chrono::time_point_cast<Duration>(std::chrono::steady_clock::now());
}

Clock::TimerId RealClock::call_at(Time at, std::function<void()> fn) {
  const TimerId id = ++timers_->last;
  const auto due = monotonic_now() + (at - now());
  auto& timer = timers_->pending.emplace(id, boost::asio::steady_timer(executor_, due)).first->second;
  timer.async_wait([timers = timers_, id, fn = std::move(fn)](const boost::system::error_code&) {
    if (timers->pending.erase(id) == 1) fn();
  });
  return id;
}

bool RealClock::cancel(TimerId id) { return timers_->pending.erase(id) == 1; }

}  // namespace base
