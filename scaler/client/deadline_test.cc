#include "scaler/client/deadline.h"

#include <gtest/gtest.h>

#include <stdexcept>

#include "scaler/testing/rig.h"

namespace scaler {
namespace {

using namespace std::chrono_literals;
using base::ErrorCode;
using base::Result;

boost::asio::awaitable<Result<int>> after(base::Clock& clock, base::Duration delay, int value) {
  co_await clock.sleep_for(delay);
  co_return value;
}

boost::asio::awaitable<Result<int>> throwing(base::Clock& clock, base::Duration delay) {
  co_await clock.sleep_for(delay);
  throw std::runtime_error("oops");
}

TEST(DeadlineTest, AnswerInTimeIsTheResult) {
  testing::Rig rig;

  const auto result = rig.run(within(rig.clock, 10s, after(rig.clock, 9s, 7)));

  ASSERT_TRUE(result);
  EXPECT_EQ(*result, 7);
}

TEST(DeadlineTest, LateAnswerIsATimeout) {
  testing::Rig rig;

  const auto result = rig.run(within(rig.clock, 10s, after(rig.clock, 11s, 7)));

  ASSERT_FALSE(result);
  EXPECT_EQ(result.error().code, ErrorCode::kTimeout);
  EXPECT_EQ(rig.clock.now(), testing::kStart + 10s);
}

TEST(DeadlineTest, ExceptionIsAnErrorAtOnce) {
  testing::Rig rig;

  const auto result = rig.run(within(rig.clock, 1h, throwing(rig.clock, 1s)));

  ASSERT_FALSE(result);
  EXPECT_EQ(result.error().code, ErrorCode::kInternal);
  EXPECT_EQ(result.error().message, "oops");
  EXPECT_EQ(rig.clock.now(), testing::kStart + 1s);
}

TEST(DeadlineTest, CancellationOfTheCallerPasses) {
  testing::Rig rig;
  bool ended = false;
  const auto call = [&]() -> boost::asio::awaitable<void> {
    auto operation = after(rig.clock, 1h, 7);
    try {
      static_cast<void>(co_await within(rig.clock, 2h, std::move(operation)));
    } catch (const boost::system::system_error& error) {
      ended = error.code() == boost::asio::error::operation_aborted;
      throw;
    }
  };
  rig.tasks.spawn(call());
  rig.clock.run_for(1s);

  rig.tasks.cancel();
  rig.clock.run_ready();

  EXPECT_TRUE(ended);
}

}  // namespace
}  // namespace scaler
