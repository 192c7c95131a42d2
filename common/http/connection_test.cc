#include "common/http/connection.h"

#include <gtest/gtest.h>

#include <boost/asio/error.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <string>
#include <utility>

#include "common/http/net_test_support.h"

namespace http {
namespace {

using asio::ip::tcp;
using boost::system::error_code;

// Two ends of one connection.
class ConnectionTest : public NetTest {
 protected:
  asio::awaitable<void> connect_both() {
    tcp::acceptor acceptor(context_.get_executor(), tcp::endpoint(asio::ip::address_v4::loopback(), 0));
    const error_code error = co_await here_.connect(acceptor.local_endpoint());
    EXPECT_FALSE(error) << error.message();
    there_ = std::make_unique<Connection>(co_await acceptor.async_accept(asio::use_awaitable));
  }

  Connection here_{context_.get_executor()};
  std::unique_ptr<Connection> there_;
  ReadBuffer buffer_;
};

TEST_F(ConnectionTest, GivesWhatCameAndThenTheEndAgainAndAgain) {
  const auto script = [&]() -> asio::awaitable<void> {
    co_await connect_both();
    co_await there_->write("ab", "cd");
    there_.reset();
    error_code error;
    while (!error) error = co_await here_.read_some(buffer_);
    EXPECT_EQ(buffer_.bytes(), "abcd");
    EXPECT_EQ(error, asio::error::eof);
    error = co_await here_.read_some(buffer_);
    EXPECT_EQ(error, asio::error::eof);
    EXPECT_EQ(here_.read_ready(buffer_), asio::error::eof);
  };
  run(script());
}

TEST_F(ConnectionTest, AFailedWriteFailsAgainInsteadOfWaiting) {
  const auto script = [&]() -> asio::awaitable<void> {
    co_await connect_both();
    there_.reset();
    error_code first;
    while (!first) first = co_await here_.write("x", "");
    const error_code second = co_await here_.write("x", "");
    EXPECT_EQ(second, first);
  };
  run(script());
}

TEST_F(ConnectionTest, ADeadlineEndsWhatComesUntilThereIsAnother) {
  const auto script = [&]() -> asio::awaitable<void> {
    co_await connect_both();
    here_.expires_after(1ms);
    error_code error = co_await here_.read_some(buffer_);
    EXPECT_EQ(error, asio::error::timed_out);
    error = co_await here_.wait_readable();
    EXPECT_EQ(error, asio::error::timed_out);

    here_.expires_after(1h);
    co_await there_->write("x", "");
    error = co_await here_.wait_readable();
    EXPECT_FALSE(error);
    error = co_await here_.read_some(buffer_);
    EXPECT_FALSE(error);
    EXPECT_EQ(here_.read_ready(buffer_), asio::error::would_block);
    EXPECT_EQ(buffer_.bytes(), "x");
    here_.expires_never();
  };
  run(script());
}

TEST_F(ConnectionTest, ADeadlineThatMovesHoldsWhereItIsNow) {
  const auto script = [&]() -> asio::awaitable<void> {
    co_await connect_both();
    for (const auto wait : {1h, 2h, 1h}) here_.expires_after(wait);
    here_.expires_after(1ms);
    error_code error = co_await here_.read_some(buffer_);
    EXPECT_EQ(error, asio::error::timed_out);

    // An alarm that was set for an earlier deadline ends nothing.
    here_.expires_after(1ms);
    here_.expires_after(1h);
    clock_.call_after(5ms, [&] { here_.interrupt(); });
    error = co_await here_.read_some(buffer_);
    EXPECT_EQ(error, asio::error::interrupted);
    here_.resume();
    here_.expires_after(1ms);
    here_.expires_never();
    clock_.call_after(5ms, [&] { here_.interrupt(); });
    error = co_await here_.read_some(buffer_);
    EXPECT_EQ(error, asio::error::interrupted);
    here_.reset();
  };
  run(script());
}

TEST_F(ConnectionTest, AnInterruptHoldsUntilItIsTakenBack) {
  const auto script = [&]() -> asio::awaitable<void> {
    co_await connect_both();
    clock_.call_after(1ms, [&] { here_.interrupt(); });
    error_code error = co_await here_.read_some(buffer_);
    EXPECT_EQ(error, asio::error::interrupted);
    error = co_await here_.write("x", "");
    EXPECT_EQ(error, asio::error::interrupted);
    here_.resume();
    error = co_await here_.write("x", "");
    EXPECT_FALSE(error);
  };
  run(script());
}

TEST_F(ConnectionTest, WritesMoreThanThePeerCanHoldAtOnce) {
  const auto script = [&]() -> asio::awaitable<void> {
    co_await connect_both();
    const std::string large(std::size_t{8} << 20, 'x');
    bool written = false;
    const auto write = [&]() -> asio::awaitable<void> {
      const error_code error = co_await here_.write("head", large, 10s);
      EXPECT_FALSE(error) << error.message();
      written = true;
    };
    tasks_.spawn(write());
    EXPECT_FALSE(written);
    while (buffer_.size() < large.size() + 4) co_await there_->read_some(buffer_);
    EXPECT_EQ(buffer_.bytes(), "head" + large);
    EXPECT_EQ(there_->peer_address(), "127.0.0.1");
    here_.reset();
  };
  run(script());
}

}  // namespace
}  // namespace http
