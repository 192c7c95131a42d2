// The parts that the engine is made of, and the edges of its integer time.
#include <gtest/gtest.h>

#include <cmath>

#include "sim/mesh/completion_tree.h"
#include "sim/mesh/delay_lines.h"
#include "sim/mesh/running_set.h"
#include "sim/mesh/test_systems.h"

namespace sim {
namespace {

constexpr Ticks kMs = kMillisecond;

TEST(CompletionTreeTest, TheEarliestIsOnTopAndOfEqualsTheLowestPod) {
  CompletionTree tree;
  EXPECT_EQ(tree.top_time(), kNever);
  std::vector<Ticks> times;
  base::Random random(1);
  for (int i = 0; i < 3000; ++i) {
    if (times.empty() || random.below(50) == 0) {
      tree.add_pod();
      times.push_back(kNever);
    }
    const auto pod = static_cast<std::uint32_t>(random.below(times.size()));
    times[pod] = random.below(4) == 0 ? kNever : static_cast<Ticks>(random.below(20));
    tree.set(pod, times[pod]);
    const auto best = std::min_element(times.begin(), times.end());
    ASSERT_EQ(tree.top_time(), *best);
    if (*best < kNever) {
      ASSERT_EQ(tree.top_pod(), best - times.begin());
    }
  }
}

TEST(DelayLinesTest, TimersOfAllLengthsComeInOrder) {
  DelayLines lines;
  const std::uint16_t slow = lines.line_of(100), fast = lines.line_of(10);
  EXPECT_EQ(lines.line_of(100), slow);
  lines.push(slow, 0, {1, 0});
  lines.push(slow, 5, {2, 0});
  lines.push(fast, 91, {3, 0});
  std::vector<std::pair<Ticks, JobIndex>> seen;
  while (lines.next() < kNever) {
    seen.emplace_back(lines.next(), lines.front().job.job);
    lines.pop();
  }
  EXPECT_EQ(seen, (std::vector<std::pair<Ticks, JobIndex>>{{100, 1}, {101, 3}, {105, 2}}));
}

TEST(DelayLinesTest, TimersThatAreSetInVainAreForgotten) {
  JobPool jobs;
  DelayLines lines;
  const std::uint16_t line = lines.line_of(100);
  for (Ticks now = 0; now < 50; ++now) {
    const JobIndex j = jobs.allocate();
    lines.push(line, now, jobs.ref(j), jobs);
    if (now < 49) jobs.free(j);
  }
  EXPECT_EQ(lines.next(), 149);
}

TEST(RunningSetTest, WhatIsTakenOutLeavesTheOthersItsShare) {
  const Speed speed{.workers = 1, .full = 1, .most = 1, .shift = 0};
  RunningSet set(0);
  set.admit(0, 100, 1, speed);
  set.admit(0, 100, 2, speed);
  set.admit(0, 300, 3, speed);
  set.erase(150, 2, speed);  // each had 50
  EXPECT_EQ(set.next_done(), 250);
  EXPECT_EQ(set.finish_next(speed), 1U);
  EXPECT_EQ(set.next_done(), 450);  // it had 100 of its 300
  EXPECT_EQ(set.finish_next(speed), 3U);
  EXPECT_EQ(set.busy(1000, speed), 450);
  EXPECT_EQ(set.work(1000, speed), 450);
}

TEST(RunningSetTest, TheLongestDemandsDoNotOverflowTheClock) {
  const Speed speed{.workers = 1, .full = 0, .most = 66, .shift = 16};
  RunningSet set(0);
  for (JobIndex j = 0; j < 100; ++j) set.admit(0, RunningSet::kLongestDemand, j, speed);
  EXPECT_GT(set.next_done(), 0);
  EXPECT_LE(set.next_done(), kNever);
}

TEST(MeshExtremesTest, ADayLongAgoWithRequestsOfHoursIsSimulated) {
  constexpr Ticks kDay = 86'400 * kSecond;
  SystemOptions o = clockwork(1e-3, kDay / 24, kDay);
  o.start = -4000 * kDay;
  o.services[0].discipline = Discipline::kProcessorSharing;
  o.services[0].workers = 10;
  MeshEngine engine(o, base::Random(1));
  engine.add_pod(0, o.start - 4000 * kDay);
  engine.finish();
  const Totals t = engine.totals();
  EXPECT_NEAR(static_cast<double>(t.requests), 86.4, 1.0);
  EXPECT_EQ(t.succeeded, t.requests);
  EXPECT_EQ(t.latency.mean, kDay / 24);
}

TEST(MeshExtremesTest, NothingAtAllIsASystemToo) {
  SystemOptions o = one_service(0, 0);
  o.sources.clear();
  MeshEngine engine(o, base::Random(1));
  engine.finish();
  EXPECT_EQ(engine.totals().requests, 0U);
  EXPECT_EQ(engine.totals().mean_in_system, 0.0);
  EXPECT_EQ(engine.services()[0].utilization, 0.0);
  EXPECT_TRUE(engine.seconds().empty());
}

TEST(MeshExtremesTest, HoursWithoutCapacityKeepNothing) {
  SystemOptions o = one_service(100, 7200 * kSecond);
  o.client.attempts.timeout = kSecond;
  o.client.attempts.max_retries = 3;
  o.services[0].front_proxy = FrontProxy{.buffer = 50, .timeout = 30 * kSecond};
  MeshEngine engine(o, base::Random(1));
  for (Ticks t = 0; t < o.duration; t += 600 * kSecond) {
    engine.advance_to(t);
    EXPECT_LT(engine.in_flight(), 500U);
  }
  engine.finish();
  EXPECT_EQ(engine.totals().succeeded, 0U);
  EXPECT_EQ(engine.totals().failed, engine.totals().requests);
}

TEST(MeshExtremesTest, HugeAndTinyServiceTimesGiveNumbers) {
  for (const Ticks mean : {Ticks{1}, 10'000 * kSecond}) {
    SystemOptions o = one_service(10, 5 * kSecond);
    o.services[0].service = {.distribution = ServiceTime::Distribution::kLognormal, .mean = mean, .cv = 30};
    o.services[0].throttles = true;
    o.services[0].cpu = {.limit = 0.1, .per_request = kSecond, .per_rejection = 0, .idle = 0.2};
    o.services[0].warm_up = {.factor = 1e6, .tau = 1000 * kSecond};
    o.client.attempts.timeout = kSecond;
    o.client.attempts.cancels = true;
    MeshEngine engine(o, base::Random(1));
    engine.add_pod(0, 0, {.slowdown = 1e6});
    engine.finish();
    const Totals t = engine.totals();
    EXPECT_EQ(t.requests, t.succeeded + t.failed);
    EXPECT_TRUE(std::isfinite(t.mean_in_system) && std::isfinite(t.utilization));
  }
}

}  // namespace
}  // namespace sim
