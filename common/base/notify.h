// A condition that coroutines wait for and plain code signals. Single-threaded, like the executor it lives on.
#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/steady_timer.hpp>

namespace base {

class Notify {
 public:
  explicit Notify(boost::asio::any_io_executor executor);

  // Returns at the next notify_all(). Check the condition before waiting and again after: a signal given while
  // nobody waits is not remembered. Cancellation of the awaiting coroutine ends the wait with system_error.
  boost::asio::awaitable<void> wait();
  void notify_all();

 private:
  boost::asio::steady_timer never_;  // waiters are woken by cancelling their wait on it
  std::uint64_t signals_ = 0;
};

}  // namespace base
