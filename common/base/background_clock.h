// The same time as another clock's, for work that comes round without anything having happened: all its timers are in
// the background. A decorator; the other clock must outlive it.
#pragma once

#include <utility>

#include "common/base/clock.h"

namespace base {

class BackgroundClock final : public Clock {
 public:
  explicit BackgroundClock(Clock& clock) : clock_(clock) {}

  Time now() const override { return clock_.now(); }
  MonoTime monotonic_now() const override { return clock_.monotonic_now(); }
  boost::asio::any_io_executor executor() override { return clock_.executor(); }
  TimerId call_at(Time at, std::function<void()> fn) override { return clock_.call_in_background(at, std::move(fn)); }
  TimerId call_in_background(Time at, std::function<void()> fn) override {
    return clock_.call_in_background(at, std::move(fn));
  }
  bool cancel(TimerId id) override { return clock_.cancel(id); }

 private:
  Clock& clock_;
};

}  // namespace base
