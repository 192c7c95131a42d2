// An operation that gets no more than a given time. For .cc files: the header is heavy.
#pragma once

#include <boost/asio/awaitable.hpp>
#include <boost/asio/error.hpp>
#include <boost/asio/experimental/awaitable_operators.hpp>
#include <boost/system/system_error.hpp>
#include <exception>
#include <string>
#include <utility>
#include <variant>

#include "common/base/clock.h"
#include "common/base/result.h"
#include "common/base/time_format.h"

namespace scaler {

namespace internal {

// An exception must not look like "still waiting" to the race below. Only that of a cancellation passes.
template <class T>
boost::asio::awaitable<base::Result<T>> caught(boost::asio::awaitable<base::Result<T>> operation) {
  std::string what;
  try {
    co_return co_await std::move(operation);
  } catch (const boost::system::system_error& error) {
    if (error.code() == boost::asio::error::operation_aborted) throw;
    what = error.what();
  } catch (const std::exception& error) {
    what = error.what();
  }
  co_return base::Error{base::ErrorCode::kInternal, std::move(what)};
}

}  // namespace internal

// The operation's result, or kTimeout once `limit` has passed; it has then been cancelled and has ended. An exception
// of the operation becomes kInternal. Cancellation of the awaiting coroutine cancels the operation and throws
// system_error(operation_aborted), as everywhere.
template <class T>
boost::asio::awaitable<base::Result<T>> within(base::Clock& clock, base::Duration limit,
                                               boost::asio::awaitable<base::Result<T>> operation) {
  using boost::asio::experimental::awaitable_operators::operator||;
  auto guarded = internal::caught(std::move(operation));
  auto either = std::move(guarded) || clock.sleep_for(limit);
  bool cancelled = false;
  try {
    auto winner = co_await std::move(either);
    if (winner.index() == 0) co_return std::get<0>(std::move(winner));
  } catch (const boost::asio::multiple_exceptions&) {
    cancelled = true;  // both sides were: only the awaiting coroutine's own cancellation does that
  }
  if (cancelled) throw boost::system::system_error(boost::asio::error::operation_aborted);
  co_return base::Error{base::ErrorCode::kTimeout, "no answer within " + base::format_duration(limit)};
}

}  // namespace scaler
