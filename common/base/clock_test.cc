#include "common/base/clock.h"

#include <gtest/gtest.h>

#include <boost/asio/error.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/system/system_error.hpp>
#include <string>
#include <vector>

#include "common/base/notify.h"
#include "common/base/real_clock.h"
#include "common/base/task_group.h"
#include "common/base/virtual_time.h"

namespace base {
namespace {

namespace asio = boost::asio;
using namespace std::chrono_literals;

constexpr Time kStart = std::chrono::sys_days(std::chrono::year(2026) / 1 / 1);

asio::awaitable<void> sleep_then_append(Clock& clock, Duration delay, std::string name, std::string& order) {
  co_await clock.sleep_for(delay);
  order += name;
}

asio::awaitable<void> record_aborted_sleep(Clock& clock, bool& aborted) {
  try {
    co_await clock.sleep_for(1h);
  } catch (const boost::system::system_error& e) {
    aborted = e.code() == asio::error::operation_aborted;
    throw;
  }
}

TEST(VirtualTimeTest, RunsCallsInOrderOfTimeThenOfAsking) {
  VirtualTime time(kStart);
  std::string order;
  time.call_at(kStart + 2s, [&] { order += 'c'; });
  time.call_at(kStart + 1s, [&] { order += 'a'; });
  time.call_at(kStart + 1s, [&] { order += 'b'; });

  time.run_until(kStart + 2s);

  EXPECT_EQ(order, "abc");
  EXPECT_EQ(time.fired(), 3U);
}

TEST(VirtualTimeTest, ShowsACallItsOwnTimeAndStopsAtTheLimit) {
  VirtualTime time(kStart);
  std::vector<Time> seen;
  time.call_at(kStart + 1s, [&] { seen.push_back(time.now()); });
  time.call_at(kStart + 3s + 1ns, [&] { seen.push_back(time.now()); });

  time.run_until(kStart + 3s);

  EXPECT_EQ(seen, std::vector<Time>{kStart + 1s});
  EXPECT_EQ(time.now(), kStart + 3s);
  EXPECT_EQ(time.next_due(), kStart + 3s + 1ns);
  EXPECT_EQ(time.monotonic_now().time_since_epoch(), time.now().time_since_epoch());
}

TEST(VirtualTimeTest, RunsAPastCallSoonButNeverInsideTheAsking) {
  VirtualTime time(kStart);
  std::string order;
  time.call_at(kStart - 1h, [&] {
    time.call_at(kStart - 2h, [&] { order += "inner"; });
    order += "outer ";
  });
  EXPECT_EQ(order, "");

  time.run_until(kStart);

  EXPECT_EQ(order, "outer inner");
  EXPECT_EQ(time.now(), kStart);
}

TEST(VirtualTimeTest, CancelsACallOnce) {
  VirtualTime time(kStart);
  bool ran = false;
  const auto id = time.call_after(1s, [&] { ran = true; });

  EXPECT_NE(id, 0U);
  EXPECT_TRUE(time.cancel(id));
  EXPECT_FALSE(time.cancel(id));
  time.run_for(2s);

  EXPECT_FALSE(ran);
  EXPECT_EQ(time.next_due(), std::nullopt);
}

TEST(VirtualTimeTest, CannotCancelACallThatHasRun) {
  VirtualTime time(kStart);
  Clock::TimerId id = 0;
  bool cancelled = true;
  id = time.call_after(1s, [&] { cancelled = time.cancel(id); });

  time.run_for(1s);

  EXPECT_FALSE(cancelled);
}

TEST(VirtualTimeTest, StandsStillWhileCoroutinesAreReady) {
  VirtualTime time(kStart);
  TaskGroup tasks(time.executor());
  std::string order;
  tasks.spawn(sleep_then_append(time, 1s, "a", order));
  tasks.spawn(sleep_then_append(time, 0s, "0", order));
  tasks.spawn(sleep_then_append(time, 1s, "b", order));
  tasks.spawn(sleep_then_append(time, -1s, "-", order));

  time.run_until(kStart);
  EXPECT_EQ(order, "0-");
  time.run_for(1s);
  EXPECT_EQ(order, "0-ab");
  EXPECT_TRUE(tasks.empty());
}

TEST(VirtualTimeTest, EndsACancelledSleepAndForgetsItsTimer) {
  VirtualTime time(kStart);
  TaskGroup tasks(time.executor());
  bool aborted = false;
  tasks.spawn(record_aborted_sleep(time, aborted));
  time.run_ready();
  EXPECT_EQ(time.next_due(), kStart + 1h);

  tasks.cancel();
  time.run_ready();

  EXPECT_TRUE(aborted);
  EXPECT_TRUE(tasks.empty());
  EXPECT_EQ(time.next_due(), std::nullopt);
}

TEST(VirtualTimeDeathTest, NeverRunsBackwards) {
  EXPECT_DEATH(
      {
        VirtualTime time(kStart);
        time.run_until(kStart - 1ns);
      },
      "time never runs backwards");
}

TEST(RealClockTest, RunsCallsOfTheSameTimeInOrderOfAsking) {
  asio::io_context context;
  RealClock clock(context.get_executor());
  std::vector<int> order;
  std::vector<int> expected;
  const Time at = clock.now() + 1ms;
  for (int i = 0; i < 100; ++i) {
    clock.call_at(at, [&order, i] { order.push_back(i); });
    expected.push_back(i);
  }

  context.run();

  EXPECT_EQ(order, expected);
  EXPECT_GE(clock.now(), at);
}

TEST(RealClockTest, RunsAPastCallSoonButNeverInsideTheAsking) {
  asio::io_context context;
  RealClock clock(context.get_executor());
  std::string order;
  clock.call_at(Time::min(), [&] {
    clock.call_after(-1h, [&] { order += "inner"; });
    order += "outer ";
  });
  EXPECT_EQ(order, "");

  context.run();

  EXPECT_EQ(order, "outer inner");
}

TEST(RealClockTest, CancelsACallEvenOneDueAtOnceAndOneInTheFarFuture) {
  asio::io_context context;
  RealClock clock(context.get_executor());
  bool ran = false;
  const auto soon = clock.call_after(0s, [&] { ran = true; });
  const auto never = clock.call_at(Time::max(), [&] { ran = true; });

  EXPECT_TRUE(clock.cancel(soon));
  EXPECT_FALSE(clock.cancel(soon));
  EXPECT_TRUE(clock.cancel(never));
  context.run();

  EXPECT_FALSE(ran);
}

TEST(RealClockTest, ACallMayCancelAnotherThatIsDueWithIt) {
  asio::io_context context;
  RealClock clock(context.get_executor());
  bool ran = false;
  Clock::TimerId second = 0;
  clock.call_at(Time{}, [&] { EXPECT_TRUE(clock.cancel(second)); });
  second = clock.call_at(Time{}, [&] { ran = true; });

  context.run();

  EXPECT_FALSE(ran);
}

TEST(RealClockTest, WaitsAsLongAsToldWhateverTheWallClockDoes) {
  asio::io_context context;
  Time wall = kStart;
  RealClock clock(context.get_executor(), {.wall_now = [&] { return wall; }});
  TaskGroup tasks(context.get_executor());
  std::string slept;
  std::string called;
  tasks.spawn(sleep_then_append(clock, 2ms, "slept", slept));
  clock.call_after(3ms, [&] { called = "called"; });
  context.poll();
  wall -= 1h;

  context.run();  // an hour later at the wall would be past the time limit of the test

  EXPECT_EQ(slept, "slept");
  EXPECT_EQ(called, "called");
  EXPECT_EQ(clock.now(), kStart - 1h);
}

TEST(RealClockTest, WaitsForAnInstantOfTheWallClockAndNoticesItsSteps) {
  asio::io_context context;
  Time wall = kStart;
  RealClock clock(context.get_executor(), {.wall_now = [&] { return wall; }, .longest_wait = 1ms});
  std::string order;
  clock.call_at(kStart + 1h, [&] { order += "due"; });
  clock.call_at(kStart + 1ms, [&] { order += "first, "; });
  clock.call_after(5ms, [&] {
    order += "not yet, ";
    wall = kStart + 1ms;
  });
  clock.call_after(10ms, [&] { wall = kStart + 1h; });

  context.run();

  EXPECT_EQ(order, "not yet, first, due");
}

TEST(RealClockTest, DropsItsCallsWhenDestroyed) {
  asio::io_context context;
  bool ran = false;
  {
    RealClock clock(context.get_executor());
    clock.call_after(0s, [&] { ran = true; });
  }

  context.run();

  EXPECT_FALSE(ran);
}

TEST(RealClockTest, WakesAndCancelsSleepers) {
  asio::io_context context;
  RealClock clock(context.get_executor());
  TaskGroup tasks(context.get_executor());
  std::string order;
  bool aborted = false;
  tasks.spawn(sleep_then_append(clock, 1ms, "woken", order));
  tasks.spawn(record_aborted_sleep(clock, aborted));
  clock.call_after(2ms, [&] { tasks.cancel(); });

  context.run();

  EXPECT_EQ(order, "woken");
  EXPECT_TRUE(aborted);
}

asio::awaitable<void> count_signals(Notify& notify, int times, int& seen) {
  for (int i = 0; i < times; ++i) {
    co_await notify.wait();
    ++seen;
  }
}

TEST(NotifyTest, WakesAllWaitersOncePerSignalAndRemembersNone) {
  VirtualTime time(kStart);
  Notify notify(time.executor());
  TaskGroup tasks(time.executor());
  notify.notify_all();
  int seen = 0;
  tasks.spawn(count_signals(notify, 2, seen));
  tasks.spawn(count_signals(notify, 2, seen));
  time.run_ready();
  EXPECT_EQ(seen, 0);

  notify.notify_all();
  time.run_ready();
  EXPECT_EQ(seen, 2);
  notify.notify_all();
  time.run_ready();
  EXPECT_EQ(seen, 4);
  EXPECT_TRUE(tasks.empty());
}

TEST(NotifyTest, EndsACancelledWait) {
  VirtualTime time(kStart);
  Notify notify(time.executor());
  TaskGroup tasks(time.executor());
  int seen = 0;
  tasks.spawn(count_signals(notify, 1, seen));
  time.run_ready();

  tasks.cancel();
  time.run_ready();

  EXPECT_EQ(seen, 0);
  EXPECT_TRUE(tasks.empty());
}

}  // namespace
}  // namespace base
