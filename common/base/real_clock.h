// The machine's clock. Together with its .cc the only code that may read it.
//
// Waits are re-checked against the wall clock at least once a minute, so a correction of the machine's time moves them.
#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <memory>

#include "common/base/clock.h"

namespace base {

class RealClock final : public Clock {
 public:
  // Callbacks run on `executor`, which must outlive this object and be driven by one thread.
  explicit RealClock(boost::asio::any_io_executor executor);
  ~RealClock() override;

  Time now() const override;
  MonoTime monotonic_now() const override;
  boost::asio::any_io_executor executor() override { return executor_; }
  TimerId call_at(Time at, std::function<void()> fn) override;
  bool cancel(TimerId id) override;

 private:
  struct Queue;  // shared with the pending wait, which may outlive the clock
  boost::asio::any_io_executor executor_;
  std::shared_ptr<Queue> queue_;
};

}  // namespace base
