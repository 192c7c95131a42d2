#include "common/base/notify.h"

#include <boost/asio/redirect_error.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/system/system_error.hpp>

namespace base {
namespace asio = boost::asio;

Notify::Notify(asio::any_io_executor executor) : never_(std::move(executor), asio::steady_timer::time_point::max()) {}

asio::awaitable<void> Notify::wait() {
  const std::uint64_t before = signals_;
  boost::system::error_code ignored;
  auto token = asio::redirect_error(asio::use_awaitable, ignored);
  co_await never_.async_wait(token);
  if (signals_ == before) throw boost::system::system_error(asio::error::operation_aborted);
}

void Notify::notify_all() {
  ++signals_;
  never_.cancel();
}

}  // namespace base
