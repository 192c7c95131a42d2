#include "common/base/scaled_clock.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "common/base/real_clock.h"
#include "common/base/task_group.h"
#include "common/base/time_format.h"
#include "common/base/virtual_time.h"

namespace base {
namespace {

using namespace std::chrono_literals;

const Time kStart = std::chrono::sys_days(std::chrono::year(2026) / 1 / 1);

// A wall that the test moves.
class HandClock final : public Clock {
 public:
  explicit HandClock(boost::asio::any_io_executor executor) : executor_(std::move(executor)) {}
  Time now() const override { return kStart + passed; }
  MonoTime monotonic_now() const override { return MonoTime(passed); }
  boost::asio::any_io_executor executor() override { return executor_; }
  TimerId call_at(Time, std::function<void()>) override { return 0; }
  bool cancel(TimerId) override { return false; }

  Duration passed{};

 private:
  boost::asio::any_io_executor executor_;
};

class ScaledClockTest : public testing::Test {
 protected:
  void note(const std::string& what) { log_.push_back(format_duration(clock_.now() - kStart) + " " + what); }
  void call(Duration at, const std::string& what) {
    clock_.call_at(kStart + at, [this, what] { note(what); });
  }
  void move(Duration by) {
    bool done = false;
    TaskGroup tasks(context_.get_executor());
    tasks.spawn(move_then(clock_.now() + by, done));
    while (!done) clock_.turn(0s);
    while (!tasks.empty()) clock_.turn(0s);
  }
  boost::asio::awaitable<void> move_then(Time until, bool& done) {
    co_await clock_.move_to(until);
    done = true;
  }
  void turns(int n) {
    for (int i = 0; i < n; ++i) clock_.turn(0s);
  }

  boost::asio::io_context context_{1};
  HandClock wall_{context_.get_executor()};
  ScaledClock clock_{context_, wall_, kStart, 1};
  std::vector<std::string> log_;
};

using Lines = std::vector<std::string>;

TEST_F(ScaledClockTest, GoesAtItsSpeed) {
  EXPECT_EQ(clock_.now(), kStart);
  wall_.passed = 2s;
  EXPECT_EQ(clock_.now(), kStart + 2s);
  clock_.set_speed(60);
  wall_.passed = 3s;
  EXPECT_EQ(clock_.now(), kStart + 62s);
  clock_.set_speed(0);
  wall_.passed = 100s;
  EXPECT_EQ(clock_.now(), kStart + 62s);
  clock_.set_speed(10'000);
  wall_.passed = 101s;
  EXPECT_EQ(clock_.now(), kStart + 62s + 10'000s);
}

TEST_F(ScaledClockTest, NeverPassesATimerThatHasNotRun) {
  call(10s, "late");
  wall_.passed = 15s;
  EXPECT_EQ(clock_.now(), kStart + 10s);
  turns(1);
  EXPECT_EQ(log_, (Lines{"10s late"}));
  EXPECT_EQ(clock_.now(), kStart + 15s) << "and makes up for it";
}

TEST_F(ScaledClockTest, ATimerSeesItsOwnInstantHoweverLateItRuns) {
  clock_.set_speed(1000);
  for (int i = 3; i > 0; --i) call(i * 1s, "t" + std::to_string(i));
  wall_.passed = 1s;
  turns(3);
  EXPECT_EQ(log_, (Lines{"1s t1", "2s t2", "3s t3"}));
  EXPECT_EQ(clock_.now(), kStart + 1000s);
}

TEST_F(ScaledClockTest, ACancelledTimerDoesNotMakeTimeLeap) {
  const auto id = clock_.call_at(kStart + 1s, [] {});
  wall_.passed = 5s;
  EXPECT_EQ(clock_.now(), kStart + 1s);
  EXPECT_TRUE(clock_.cancel(id));
  EXPECT_FALSE(clock_.cancel(id));
  EXPECT_EQ(clock_.now(), kStart + 1s);
  wall_.passed = 6s;
  EXPECT_EQ(clock_.now(), kStart + 2s);
}

TEST_F(ScaledClockTest, StandingStillNothingBecomesDueButWhatIsReadyRuns) {
  clock_.set_speed(0);
  call(1s, "later");
  call(0s, "now");
  boost::asio::post(context_, [this] { note("posted"); });
  wall_.passed = 1h;
  turns(5);
  EXPECT_EQ(log_, (Lines{"0s posted", "0s now"}));
  EXPECT_EQ(clock_.pending(), 1u);
}

TEST_F(ScaledClockTest, AMoveRunsEverythingInOrderAndStopsThere) {
  clock_.set_speed(0);
  call(2s, "b");
  call(1s, "a");
  call(2s, "c");
  call(5s, "edge");
  call(5s + 1ns, "beyond");
  clock_.call_at(kStart + 1s, [this] { clock_.call_after(500ms, [this] { note("nested"); }); });
  move(5s);
  EXPECT_EQ(log_, (Lines{"1s a", "1s500ms nested", "2s b", "2s c", "5s edge"}));
  EXPECT_EQ(clock_.now(), kStart + 5s);
  wall_.passed = 1h;
  EXPECT_EQ(clock_.now(), kStart + 5s);
}

TEST_F(ScaledClockTest, CoroutinesRunToTheirNextWaitBeforeTheNextTimer) {
  clock_.set_speed(0);
  TaskGroup tasks(context_.get_executor());
  const auto walk = [&](std::string name) -> boost::asio::awaitable<void> {
    for (int i = 0; i < 2; ++i) {
      co_await clock_.sleep_for(1s);
      note(name);
    }
  };
  tasks.spawn(walk("x"));
  tasks.spawn(walk("y"));
  clock_.run_ready();
  call(1s, "timer");
  move(3s);
  EXPECT_EQ(log_, (Lines{"1s x", "1s y", "1s timer", "2s x", "2s y"}));
}

TEST_F(ScaledClockTest, AMoveEndsWhenTheSpeedIsSet) {
  clock_.set_speed(0);
  clock_.call_at(kStart + 1s, [this] { clock_.set_speed(0); });
  move(10s);
  EXPECT_EQ(clock_.now(), kStart + 1s);
  EXPECT_FALSE(clock_.is_moving());
}

TEST_F(ScaledClockTest, BackgroundWorkRunsButIsNoEvent) {
  clock_.set_speed(0);
  clock_.call_in_background(kStart + 1s, [this] { note("scan"); });
  EXPECT_EQ(clock_.next_due(), kStart + 1s);
  EXPECT_EQ(clock_.next_event(), std::nullopt);
  call(2s, "event");
  EXPECT_EQ(clock_.next_event(), kStart + 2s);
  move(2s);
  EXPECT_EQ(log_, (Lines{"1s scan", "2s event"}));
  EXPECT_EQ(clock_.next_event(), std::nullopt);
}

// The same program of timers that beget timers, on any clock.
template <class Run>
Lines program(Clock& clock, Run run) {
  Lines lines;
  std::function<void(int)> step = [&](int depth) {
    lines.push_back(format_rfc3339_nano(clock.now()) + " " + std::to_string(depth));
    if (depth == 6) return;
    clock.call_after(std::chrono::milliseconds(7 * depth + 1), [&, depth] { step(depth + 1); });
    clock.call_after(std::chrono::milliseconds(3), [&, depth] { step(depth + 2 > 6 ? 6 : depth + 2); });
  };
  clock.call_after(1ms, [&] { step(0); });
  run();
  return lines;
}

TEST(ScaledClockSpeedTest, TheSameHappensAtTheSameInstantsAtEverySpeed) {
  VirtualTime simulated(kStart);
  const Lines expected = program(simulated, [&] { simulated.run_for(1s); });
  ASSERT_GT(expected.size(), 15u);
  for (const double speed : {1.0, 10.0, 60.0, 10'000.0}) {
    boost::asio::io_context context(1);
    HandClock wall(context.get_executor());
    ScaledClock clock(context, wall, kStart, speed);
    const Lines lines = program(clock, [&] {
      while (clock.pending() > 0) {
        wall.passed += 1700us;
        clock.turn(0s);
      }
    });
    EXPECT_EQ(lines, expected) << speed;
  }
  boost::asio::io_context context(1);
  RealClock wall(context.get_executor());
  ScaledClock stepped(context, wall, kStart, 0);
  const Lines lines = program(stepped, [&] {
    TaskGroup tasks(context.get_executor());
    tasks.spawn(stepped.move_to(kStart + 1s));
    while (!tasks.empty()) stepped.turn(0s);
  });
  EXPECT_EQ(lines, expected);
}

}  // namespace
}  // namespace base
