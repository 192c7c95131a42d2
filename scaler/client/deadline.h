// An operation that gets no more than a given time. For .cc files: the header is heavy.
#pragma once

#include <boost/asio/awaitable.hpp>
#include <boost/asio/error.hpp>
#include <boost/asio/experimental/awaitable_operators.hpp>
#include <boost/system/system_error.hpp>
#include <variant>

#include "common/base/clock.h"
#include "common/base/result.h"
#include "common/base/time_format.h"

namespace scaler {

// The operation's result, or kTimeout once `limit` has passed; it has then been cancelled and has ended. Cancellation
// of the awaiting coroutine cancels the operation and throws system_error(operation_aborted), as everywhere.
template <class T>
boost::asio::awaitable<base::Result<T>> within(base::Clock& clock, base::Duration limit,
                                               boost::asio::awaitable<base::Result<T>> operation) {
  using boost::asio::experimental::awaitable_operators::operator||;
  auto either = std::move(operation) || clock.sleep_for(limit);
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
