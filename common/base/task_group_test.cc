#include "common/base/task_group.h"

#include <gtest/gtest.h>

#include <boost/asio/experimental/awaitable_operators.hpp>
#include <stdexcept>
#include <string>
#include <utility>

#include "common/base/virtual_time.h"

namespace base {
namespace {

namespace asio = boost::asio;
using namespace asio::experimental::awaitable_operators;
using namespace std::chrono_literals;

constexpr Time kStart = std::chrono::sys_days(std::chrono::year(2026) / 1 / 1);

// Appends `name` when it starts, and "-" when it ends in whatever way.
asio::awaitable<void> long_task(Clock& clock, std::string name, std::string& trace) {
  struct AtEnd {
    std::string& trace;
    ~AtEnd() { trace += '-'; }
  } at_end{trace};
  trace += name;
  co_await clock.sleep_for(1h);
  trace += '!';
}

asio::awaitable<void> join_then_append(TaskGroup& tasks, std::string& trace) {
  co_await tasks.join();
  trace += 'j';
}

asio::awaitable<void> spawn_another(TaskGroup& tasks, Clock& clock, std::string& trace) {
  tasks.spawn(long_task(clock, "b", trace));
  trace += 'a';
  co_return;
}

asio::awaitable<void> append(std::string& trace, std::string text) {
  trace += text;
  co_return;
}

asio::awaitable<void> cancel_group(TaskGroup& tasks, std::string& trace) {
  tasks.cancel();
  trace += 'c';
  co_return;
}

asio::awaitable<void> fail_with(std::string text) {
  throw std::runtime_error(text);
  co_return;
}

class TaskGroupTest : public testing::Test {
 protected:
  VirtualTime time_{kStart};
  std::string trace_;
};

TEST_F(TaskGroupTest, StartsTasksOnTheExecutorInOrderAndForgetsThemAtTheirEnd) {
  TaskGroup tasks(time_.executor());
  tasks.spawn(long_task(time_, "a", trace_));
  tasks.spawn(long_task(time_, "b", trace_));
  EXPECT_FALSE(tasks.empty());

  time_.run_ready();
  EXPECT_EQ(trace_, "ab");
  time_.run_for(1h);

  EXPECT_EQ(trace_, "ab!-!-");
  EXPECT_TRUE(tasks.empty());
}

TEST_F(TaskGroupTest, CancelEndsWhatTasksWaitForAndDestroysTheirFrames) {
  TaskGroup tasks(time_.executor());
  tasks.spawn(long_task(time_, "a", trace_));
  tasks.spawn(long_task(time_, "b", trace_));
  time_.run_ready();

  tasks.cancel();
  time_.run_ready();

  EXPECT_EQ(trace_, "ab--");
  EXPECT_TRUE(tasks.empty());
}

TEST_F(TaskGroupTest, ATaskThatIsCancelledBeforeItStartedNeverDoes) {
  TaskGroup tasks(time_.executor());
  tasks.spawn(long_task(time_, "a", trace_));
  tasks.spawn(append(trace_, "b"));

  tasks.cancel();
  time_.run_ready();

  EXPECT_EQ(trace_, "");
  EXPECT_TRUE(tasks.empty());
  EXPECT_EQ(time_.next_due(), std::nullopt);
}

TEST_F(TaskGroupTest, ATaskMayCancelItsOwnGroupEvenWithoutHavingWaited) {
  TaskGroup tasks(time_.executor());
  tasks.spawn(cancel_group(tasks, trace_));
  tasks.spawn(long_task(time_, "b", trace_));
  time_.run_ready();

  EXPECT_EQ(trace_, "c");
  EXPECT_TRUE(tasks.empty());
}

TEST_F(TaskGroupTest, CancelMayBeRepeatedAndMayComeWhenNothingRuns) {
  TaskGroup tasks(time_.executor());
  tasks.cancel();
  tasks.spawn(long_task(time_, "a", trace_));
  time_.run_ready();
  tasks.cancel();
  tasks.cancel();
  time_.run_ready();

  EXPECT_EQ(trace_, "a-");
}

TEST_F(TaskGroupTest, ATaskMaySpawnIntoItsOwnGroupAndTheNewOneStartsFirst) {
  TaskGroup tasks(time_.executor());
  tasks.spawn(spawn_another(tasks, time_, trace_));
  time_.run_ready();
  EXPECT_EQ(trace_, "ba");
  EXPECT_FALSE(tasks.empty());

  tasks.cancel();
  time_.run_ready();
  EXPECT_TRUE(tasks.empty());
}

TEST_F(TaskGroupTest, JoinWaitsForTheLastTask) {
  TaskGroup tasks(time_.executor());
  TaskGroup waiting(time_.executor());
  tasks.spawn(long_task(time_, "a", trace_));
  time_.run_for(30min);
  tasks.spawn(long_task(time_, "b", trace_));
  waiting.spawn(join_then_append(tasks, trace_));

  time_.run_for(59min);
  EXPECT_EQ(trace_, "ab!-");
  time_.run_for(1min);

  EXPECT_EQ(trace_, "ab!-!-j");
  EXPECT_TRUE(waiting.empty());
}

TEST_F(TaskGroupTest, JoinOfAnEmptyGroupReturnsAtOnce) {
  TaskGroup tasks(time_.executor());
  TaskGroup waiting(time_.executor());
  waiting.spawn(join_then_append(tasks, trace_));
  time_.run_ready();

  EXPECT_EQ(trace_, "j");
}

asio::awaitable<void> either_of_two(Clock& clock, std::string& trace) {
  auto either = long_task(clock, "a", trace) || long_task(clock, "b", trace);
  co_await std::move(either);
}

TEST_F(TaskGroupTest, CancelOfATaskThatWaitsForEitherOfTwoIsQuiet) {
  TaskGroup tasks(time_.executor());
  tasks.spawn(either_of_two(time_, trace_));
  time_.run_ready();

  tasks.cancel();
  time_.run_ready();

  EXPECT_EQ(trace_, "ab--");
  EXPECT_TRUE(tasks.empty());
}

TEST(TaskGroupDeathTest, AbortsWithTheTextOfAnExceptionThatLeavesATask) {
  EXPECT_DEATH(
      {
        VirtualTime time(kStart);
        TaskGroup tasks(time.executor());
        tasks.spawn(fail_with("the disk is on fire"));
        time.run_ready();
      },
      "the disk is on fire");
}

}  // namespace
}  // namespace base
