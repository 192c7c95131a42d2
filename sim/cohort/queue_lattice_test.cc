#include "sim/cohort/queue_lattice.h"

#include <gtest/gtest.h>

#include <cmath>

namespace sim {
namespace {

constexpr double kSliceSeconds = 1.0 / 16;

double erlang_b(double a, int c) {
  double b = 1.0;
  for (int k = 1; k <= c; ++k) b = a * b / (k + a * b);
  return b;
}
double erlang_c(double a, int c) {
  const double b = erlang_b(a, c);
  return c * b / (c - a * (1.0 - b));
}

double total(const QueueLattice& q) {
  double sum = 0;
  for (std::size_t j = 0; j < q.size(); ++j) sum += q.probability(j);
  return sum;
}
double waiting_probability(const QueueLattice& q) {
  double sum = 0;
  for (std::size_t j = 0; j < q.size(); ++j) sum += q.at(j) >= q.shape().workers ? q.probability(j) : 0.0;
  return sum;
}

TEST(QueueLatticeTest, ComesToErlangC) {
  for (const double load : {0.1, 0.5, 0.8, 0.9}) {
    QueueLattice q({.workers = 8, .top = 408, .service_rate = 25});
    for (int i = 0; i < 4000; ++i) q.step(load * 200, kSliceSeconds);
    EXPECT_NEAR(waiting_probability(q), erlang_c(8 * load, 8), 1e-6);
    EXPECT_NEAR(q.mean_busy(), 8 * load, 1e-6);
    EXPECT_NEAR(q.mean_held(), 8 * load + erlang_c(8 * load, 8) * load / (1 - load), 1e-3);
  }
}

TEST(QueueLatticeTest, ComesToErlangBWithoutAQueue) {
  QueueLattice q({.workers = 10, .top = 10, .service_rate = 2});
  for (int i = 0; i < 1000; ++i) q.step(24, kSliceSeconds);
  EXPECT_NEAR(q.probability(q.size() - 1), erlang_b(12, 10), 1e-8);
}

TEST(QueueLatticeTest, FillsLikeTheInfiniteServerWhenWorkersAreMany) {
  // Mean held of M/M/infinity from empty: a (1 - e^(-mu t)).
  QueueLattice q({.workers = 60, .top = 200, .service_rate = 0.5});
  double seconds = 0;
  for (int i = 0; i < 64; ++i, seconds += kSliceSeconds) q.step(10, kSliceSeconds);
  EXPECT_NEAR(q.mean_held(), 20 * (1 - std::exp(-0.5 * (seconds - kSliceSeconds / 2))), 0.01);
}

TEST(QueueLatticeTest, ManyWorkersOnACoarseLatticeStillHoldTheOfferedLoad) {
  QueueLattice q({.workers = 3440, .top = 3440 + 43'000, .service_rate = 25});
  for (int i = 0; i < 400; ++i) q.step(60'000, kSliceSeconds);
  EXPECT_LT(q.size(), 700U);
  EXPECT_NEAR(q.mean_held(), 2400, 1);
  EXPECT_LT(waiting_probability(q), 1e-9);
}

TEST(QueueLatticeTest, InOverloadWhatIsTooMuchIsTurnedAwayAtTheTop) {
  for (const double dispersion : {0.25, 0.5, 1.0, 5.0}) {
    QueueLattice q({.workers = 8, .top = 108, .service_rate = 25, .dispersion_busy = dispersion});
    for (int i = 0; i < 1000; ++i) q.step(300, kSliceSeconds);
    EXPECT_NEAR(q.probability(q.size() - 1), 1.0 / 3, 1e-4) << dispersion;
    EXPECT_NEAR(q.mean_busy(), 8, 1e-3);
  }
}

TEST(QueueLatticeTest, LessVariableFlowsQueueLess) {
  const auto held = [](double dispersion) {
    QueueLattice q({.workers = 1, .top = 201, .service_rate = 1, .dispersion_busy = dispersion});
    for (int i = 0; i < 20'000; ++i) q.step(0.9, 1);
    return q.mean_held();
  };
  EXPECT_NEAR(held(1.0), 9.0, 0.01);  // M/M/1
  EXPECT_LT(held(0.5), held(1.0));
  EXPECT_GT(held(2.0), held(1.0));
}

TEST(QueueLatticeTest, ProbabilitiesAddUpWhateverTheSteps) {
  QueueLattice q({.workers = 4, .top = 504, .service_rate = 10});
  for (const double rate : {0.0, 1e8, 0.0, 35.0, 1e-9, 45.0}) {
    for (int i = 0; i < 50; ++i) q.step(rate, kSliceSeconds);
    EXPECT_NEAR(total(q), 1.0, 1e-9);
    for (std::size_t j = 0; j < q.size(); ++j) ASSERT_GE(q.probability(j), 0.0);
  }
}

TEST(QueueLatticeTest, AStepCanBeUndone) {
  QueueLattice q({.workers = 4, .top = 104, .service_rate = 10});
  q.step(30, kSliceSeconds);
  const double held = q.probability(3);
  ASSERT_TRUE(q.step(50, kSliceSeconds));
  EXPECT_NE(q.probability(3), held);
  q.step_back();
  EXPECT_EQ(q.probability(3), held);
}

TEST(QueueLatticeTest, NothingChangesOnceTheFlowsBalance) {
  QueueLattice q({.workers = 4, .top = 104, .service_rate = 10});
  int steps = 0;
  while (q.step(20, kSliceSeconds) && steps < 10'000) ++steps;
  EXPECT_LT(steps, 2000);
  EXPECT_TRUE(q.step(21, kSliceSeconds));
}

TEST(QueueLatticeTest, AnEmptyQueueMoreLowersTheMean) {
  QueueLattice q({.workers = 8, .top = 108, .service_rate = 25});
  for (int i = 0; i < 200; ++i) q.step(190, kSliceSeconds);
  q.step(190, kSliceSeconds);
  double before = 0, after = 0;
  for (std::size_t j = 0; j < q.size(); ++j) before += q.probability(j) * q.at(j);
  q.mix_empty(3);
  for (std::size_t j = 0; j < q.size(); ++j) after += q.probability(j) * q.at(j);
  EXPECT_NEAR(after, before * 3 / 4, 1e-9);
  EXPECT_NEAR(total(q), 1.0, 1e-12);
}

TEST(QueueLatticeTest, AnotherLatticeTakesOverTheMean) {
  QueueLattice a({.workers = 80, .top = 1080, .service_rate = 25});
  for (int i = 0; i < 40; ++i) a.step(2500, kSliceSeconds);
  QueueLattice b({.workers = 88, .top = 1188, .service_rate = 25});
  b.adopt(a, 1, 1);
  double before = 0;
  for (std::size_t j = 0; j < a.size(); ++j) before += a.probability(j) * a.at(j);
  EXPECT_NEAR(b.mean_held(), before, 1e-6);
  EXPECT_NEAR(total(b), 1.0, 1e-12);
  b.adopt(a, 0.5, 0.5);
  EXPECT_NEAR(b.mean_held(), before / 2, 1e-6);
}

}  // namespace
}  // namespace sim
