#include "scaler/testing/flaky_transport.h"

#include <boost/asio/experimental/awaitable_operators.hpp>

namespace scaler::testing {
namespace asio = boost::asio;

using base::ErrorCode;
using base::Result;

class FlakyTransport::Stream final : public http::LineStream {
 public:
  Stream(std::unique_ptr<http::LineStream> inner, FlakyTransport& transport)
      : inner_(std::move(inner)), transport_(transport), opened_at_(transport.breaks_) {}

  asio::awaitable<Result<std::optional<std::string>>> next_line() override {
    using asio::experimental::awaitable_operators::operator||;
    if (transport_.breaks_ == opened_at_) {
      auto either = inner_->next_line() || transport_.broken_.wait();
      auto winner = co_await std::move(either);
      if (winner.index() == 0) co_return std::get<0>(std::move(winner));
    }
    co_return base::Error{ErrorCode::kUnavailable, "connection reset by peer"};
  }

 private:
  std::unique_ptr<http::LineStream> inner_;
  FlakyTransport& transport_;
  const std::uint64_t opened_at_;
};

asio::awaitable<Result<>> FlakyTransport::connect() {
  if (hangs) co_await clock_.sleep_for(std::chrono::hours(24));
  if (refuses) co_return base::Error{ErrorCode::kUnavailable, "connection refused"};
  co_return Result<>();
}

asio::awaitable<Result<http::Response>> FlakyTransport::round_trip(http::Request request) {
  const auto connected = co_await connect();
  if (!connected) co_return connected.error();
  co_return co_await inner_.round_trip(std::move(request));
}

asio::awaitable<Result<http::StreamResponse>> FlakyTransport::open_stream(http::Request request) {
  const auto connected = co_await connect();
  if (!connected) co_return connected.error();
  auto opened = co_await inner_.open_stream(std::move(request));
  if (opened && opened->stream) opened->stream = std::make_unique<Stream>(std::move(opened->stream), *this);
  co_return opened;
}

}  // namespace scaler::testing
