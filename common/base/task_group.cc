#include "common/base/task_group.h"

#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/cancellation_signal.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/error.hpp>
#include <boost/asio/multiple_exceptions.hpp>
#include <boost/asio/post.hpp>
#include <boost/system/system_error.hpp>
#include <exception>
#include <list>

#include "common/base/check.h"
#include "common/base/notify.h"

namespace base {
namespace asio = boost::asio;

struct TaskGroup::State {
  explicit State(asio::any_io_executor e) : executor(e), ended(e) {}
  asio::any_io_executor executor;
  std::list<asio::cancellation_signal> running;
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

}  // namespace

TaskGroup::TaskGroup(asio::any_io_executor executor) : state_(std::make_shared<State>(std::move(executor))) {}

TaskGroup::~TaskGroup() { cancel(); }

void TaskGroup::spawn(asio::awaitable<void> task) {
  const auto signal = state_->running.emplace(state_->running.end());
  auto done = [state = state_, signal](std::exception_ptr failure) {
    // The signal must outlive this handler's own use of its slot.
    asio::post(state->executor, [state, signal] {
      state->running.erase(signal);
      state->ended.notify_all();
    });
    report(failure);
  };
  asio::co_spawn(state_->executor, std::move(task), asio::bind_cancellation_slot(signal->slot(), std::move(done)));
}

void TaskGroup::cancel() {
  for (auto it = state_->running.begin(); it != state_->running.end();) {
    auto current = it++;
    current->emit(asio::cancellation_type::all);
  }
}

bool TaskGroup::empty() const { return state_->running.empty(); }

asio::awaitable<void> TaskGroup::join() {
  while (!empty()) co_await state_->ended.wait();
}

}  // namespace base
