#include "common/base/task_group.h"

#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/cancellation_signal.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/error.hpp>
#include <boost/asio/multiple_exceptions.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/system/system_error.hpp>
#include <exception>
#include <list>
#include <utility>

#include "common/base/check.h"
#include "common/base/notify.h"

namespace base {
namespace asio = boost::asio;

struct TaskGroup::Entry {
  asio::cancellation_signal signal;
  bool started = false;
  bool cancelled_early = false;
};

struct TaskGroup::State {
  explicit State(asio::any_io_executor e) : executor(e), ended(e) {}
  asio::any_io_executor executor;
  std::list<Entry> running;
  Notify ended;
};

namespace {

void report(std::exception_ptr failure) {
  if (!failure) return;
  try {
    std::rethrow_exception(failure);
  } catch (const asio::multiple_exceptions& e) {
    report(e.first_exception());  // both sides of `a || b` were cancelled
  } catch (const boost::system::system_error& e) {
    CHECK(e.code() == asio::error::operation_aborted, e.what());
  } catch (const std::exception& e) {
    CHECK(false, e.what());
  }
}

// Asio starts and ends a coroutine with waits of its own, from which a cancellation would leave through the executor's
// run(). So none must be pending there: it is kept until the start, and dropped at the end.
asio::awaitable<void> guarded(asio::awaitable<void> task, TaskGroup::Entry& entry) {
  entry.started = true;
  std::exception_ptr failure;
  try {
    if (!entry.cancelled_early) co_await std::move(task);
  } catch (...) {
    failure = std::current_exception();
  }
  co_await asio::this_coro::reset_cancellation_state(asio::disable_cancellation());
  if (failure) std::rethrow_exception(failure);
}

}  // namespace

TaskGroup::TaskGroup(asio::any_io_executor executor) : state_(std::make_shared<State>(std::move(executor))) {}

TaskGroup::~TaskGroup() { cancel(); }

void TaskGroup::spawn(asio::awaitable<void> task) {
  const auto entry = state_->running.emplace(state_->running.end());
  auto done = [state = state_, entry](std::exception_ptr failure) {
    // The signal must outlive this handler's own use of its slot.
    asio::post(state->executor, [state, entry] {
      state->running.erase(entry);
      state->ended.notify_all();
    });
    report(failure);
  };
  asio::co_spawn(state_->executor, guarded(std::move(task), *entry),
                 asio::bind_cancellation_slot(entry->signal.slot(), std::move(done)));
}

void TaskGroup::cancel() {
  for (auto it = state_->running.begin(); it != state_->running.end();) {
    auto current = it++;
    if (current->started) {
      current->signal.emit(asio::cancellation_type::all);
    } else {
      current->cancelled_early = true;
    }
  }
}

bool TaskGroup::empty() const { return state_->running.empty(); }

asio::awaitable<void> TaskGroup::join() {
  while (!empty()) co_await state_->ended.wait();
}

}  // namespace base
