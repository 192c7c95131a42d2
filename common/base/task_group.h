// Owns spawned coroutines, so that none outlives what it refers to. The only place that calls co_spawn.
//
// Single-threaded. Destroying a group whose tasks have not ended is a bug: cancel() it and let the executor run until
// it is empty, or co_await join().
#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>
#include <memory>

namespace base {

class TaskGroup {
 public:
  explicit TaskGroup(boost::asio::any_io_executor executor);
  ~TaskGroup();

  // Starts `task`: inside this call when that is made on the executor, otherwise soon. A task that ends by cancellation
  // ends quietly; any other exception that leaves a task is a bug and aborts with its text.
  void spawn(boost::asio::awaitable<void> task);

  // Asks all tasks to end: what they wait for ends with operation_aborted. A task that has not started never does.
  void cancel();

  bool empty() const;
  // Returns when the last task has ended.
  boost::asio::awaitable<void> join();

  struct Entry;  // of the implementation

 private:
  struct State;
  std::shared_ptr<State> state_;
};

}  // namespace base
