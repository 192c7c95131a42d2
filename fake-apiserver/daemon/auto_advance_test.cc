#include "fake-apiserver/daemon/auto_advance.h"

#include <gtest/gtest.h>

#include <boost/asio/io_context.hpp>

#include "common/base/task_group.h"

namespace fakeapi {
namespace {

using namespace std::chrono_literals;

// A wall that the test moves.
class HandClock final : public base::Clock {
 public:
  explicit HandClock(boost::asio::any_io_executor executor) : executor_(std::move(executor)) {}
  base::Time now() const override { return base::Time(passed); }
  base::MonoTime monotonic_now() const override { return base::MonoTime(passed); }
  boost::asio::any_io_executor executor() override { return executor_; }
  TimerId call_at(base::Time, std::function<void()>) override { return 0; }
  bool cancel(TimerId) override { return false; }

  base::Duration passed = 1h;

 private:
  boost::asio::any_io_executor executor_;
};

// A watch is open, and something happens every minute for ever.
class AutoAdvanceTest : public testing::Test {
 protected:
  AutoAdvanceTest() {
    ask("GET", "/api/v1/pods?watch=1");
    advance_.watch_began();
    again();
  }

  void again() {
    clock_.call_at(clock_.now() + 1min, [this] { again(); });
  }
  void ask(const std::string& method, const std::string& target) {
    http::Request request;
    request.method = method;
    request.target = target;
    advance_.request_began(request);
    advance_.request_ended();
  }
  // The events that it moves to before it stands still, at most a hundred.
  int moves() {
    for (int count = 0; count < 100; ++count) {
      wall_.passed += 1s;
      const auto event = advance_.next_move();
      if (!event) return count;
      base::TaskGroup tasks(context_.get_executor());
      tasks.spawn(clock_.move_to(*event));
      while (!tasks.empty()) clock_.turn(0s);
    }
    return 100;
  }

  boost::asio::io_context context_{1};
  HandClock wall_{context_.get_executor()};
  base::ScaledClock clock_{context_, wall_, base::Time{}, 0};
  AutoAdvance advance_{clock_, wall_, {.limit = 10min}};
};

TEST_F(AutoAdvanceTest, WhatNeverComesMovesTheClockUpToTheLimit) {
  EXPECT_EQ(moves(), 10);
  EXPECT_EQ(clock_.now(), base::Time(10min));
  EXPECT_EQ(moves(), 0);
}

TEST_F(AutoAdvanceTest, ANewRequestMovesItOnAndARepeatedOneDoesNot) {
  EXPECT_EQ(moves(), 10);
  ask("GET", "/api/v1/pods?watch=1");
  EXPECT_EQ(moves(), 0);
  ask("GET", "/api/v1/nodes");
  EXPECT_EQ(moves(), 10);
  ask("DELETE", "/api/v1/namespaces/default/pods/web-0");
  EXPECT_EQ(moves(), 10);
}

TEST_F(AutoAdvanceTest, AnOrderToTheClockRenewsTheLimit) {
  EXPECT_EQ(moves(), 10);
  advance_.renew();
  EXPECT_EQ(moves(), 10);
}

TEST_F(AutoAdvanceTest, WithoutAWatchOrWhenSwitchedOffItStandsStill) {
  advance_.set_enabled(false);
  EXPECT_EQ(moves(), 0);
  advance_.set_enabled(true);
  advance_.watch_ended();
  EXPECT_EQ(moves(), 0);
}

}  // namespace
}  // namespace fakeapi
