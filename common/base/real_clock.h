// The machine's clock. Together with its .cc the only code that may read it.
//
// A step of the machine's time moves call_at() and sleep_until(), which look at the wall clock again at least every
// `longest_wait`; call_after() and sleep_for() count on the steady clock and do not notice it.
#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <functional>
#include <memory>

#include "common/base/clock.h"

namespace base {

struct RealClockOptions {
  // Where now() comes from; the system's clock if empty.
  std::function<Time()> wall_now = {};
  Duration longest_wait = std::chrono::minutes(1);
};

class RealClock final : public Clock {
 public:
  // Callbacks run on `executor`, which must outlive this object and be driven by one thread.
  explicit RealClock(boost::asio::any_io_executor executor, RealClockOptions options = {});
  ~RealClock() override;

  Time now() const override;
  MonoTime monotonic_now() const override;
  boost::asio::any_io_executor executor() override { return executor_; }
  TimerId call_at(Time at, std::function<void()> fn) override;
  TimerId call_at_monotonic(MonoTime at, std::function<void()> fn) override;
  bool cancel(TimerId id) override;

 private:
  struct Queue;  // shared with the pending wait, which may outlive the clock
  boost::asio::any_io_executor executor_;
  const std::function<Time()> wall_now_;
  TimerId last_ = 0;
  std::shared_ptr<Queue> by_wall_;
  std::shared_ptr<Queue> by_steady_;
};

}  // namespace base
