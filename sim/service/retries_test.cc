#include "sim/service/retries.h"

#include <gtest/gtest.h>

#include <set>

namespace sim {
namespace {

const QuantileTable kDemand = QuantileTable::exponential(1e6);

Retries make(const ClientOptions& options) { return {options, kDemand, base::Random(1).fork("retries")}; }
Attempt sent(Ticks at, std::uint32_t tries = 0) { return {.at = at, .first = at, .demand = 1, .tries = tries}; }

TEST(RetriesTest, WaitDoublesWithAJitterOfHalfEitherWay) {
  Retries retries = make({.timeout = {}, .max_retries = 3, .backoff = 200 * kMillisecond, .budget = {}});
  for (std::uint32_t tries = 0; tries < 3; ++tries) {
    const Ticks nominal = (200 * kMillisecond) << tries;
    double sum = 0;
    std::set<Ticks> distinct;
    for (Ticks i = 0; i < 1000; ++i) {
      ASSERT_TRUE(retries.send_again(sent(i, tries), 10 * kSecond));
      const Ticks wait = retries.pop().at - 10 * kSecond;
      EXPECT_GE(wait, nominal / 2);
      EXPECT_LT(wait, nominal + nominal / 2);
      sum += static_cast<double>(wait);
      distinct.insert(wait);
    }
    EXPECT_NEAR(sum / 1000, static_cast<double>(nominal), 0.04 * static_cast<double>(nominal));
    EXPECT_GT(distinct.size(), 990U);
  }
}

TEST(RetriesTest, EndAtTheMaximum) {
  Retries retries = make({.timeout = {}, .max_retries = 2, .backoff = 1, .budget = {}});

  EXPECT_TRUE(retries.send_again(sent(0, 0), 0));
  EXPECT_TRUE(retries.send_again(sent(0, 1), 0));
  EXPECT_FALSE(retries.send_again(sent(0, 2), 0));
  EXPECT_FALSE(make({}).send_again(sent(0, 0), 0));
}

TEST(RetriesTest, BudgetIsEarnedByFirstAttemptsAndStartsEmpty) {
  Retries retries = make({.timeout = {}, .max_retries = 5, .backoff = 1, .budget = 0.1});

  EXPECT_FALSE(retries.send_again(sent(0), 0));
  for (int i = 0; i < 19; ++i) retries.count_first_attempt();
  EXPECT_TRUE(retries.send_again(sent(0), 0));  // 1.9 tokens
  EXPECT_FALSE(retries.send_again(sent(0), 0));
  retries.count_first_attempt();
  EXPECT_TRUE(retries.send_again(sent(0), 0));  // 1.0 exactly
}

TEST(RetriesTest, BudgetDoesNotGrowBeyondItsCap) {
  Retries retries = make({.timeout = {}, .max_retries = 5, .backoff = 1, .budget = 10.0});
  for (int i = 0; i < 1'000'000; ++i) retries.count_first_attempt();
  std::int64_t granted = 0;
  while (retries.send_again(sent(0), 0)) ++granted;

  EXPECT_EQ(granted, kRetryBudgetCap);
}

TEST(RetriesTest, ComeOutInOrderWithTheFirstArrivalKept) {
  Retries retries = make({.timeout = {}, .max_retries = 5, .backoff = kSecond, .budget = {}});
  EXPECT_EQ(retries.next_at(), kNever);
  for (Ticks first = 0; first < 500; ++first) retries.send_again(sent(first), kSecond);

  Ticks last = 0;
  std::set<Ticks> firsts;
  while (retries.next_at() < kNever) {
    const Ticks next = retries.next_at();
    const Attempt attempt = retries.pop();
    EXPECT_EQ(attempt.at, next);
    EXPECT_GE(attempt.at, last);
    EXPECT_EQ(attempt.tries, 1U);
    EXPECT_GE(attempt.demand, 1);
    last = attempt.at;
    firsts.insert(attempt.first);
  }
  EXPECT_EQ(firsts.size(), 500U);
}

TEST(RetriesTest, ARetryIsAFunctionOfItsRequestAlone) {
  const ClientOptions options{.timeout = {}, .max_retries = 5, .backoff = kSecond, .budget = {}};
  Retries a = make(options), b = make(options);
  b.send_again(sent(1), 0);
  b.pop();
  a.send_again(sent(77), 5);
  b.send_again(sent(77), 5);
  const Attempt x = a.pop(), y = b.pop();

  EXPECT_EQ(x.at, y.at);
  EXPECT_EQ(x.demand, y.demand);
}

}  // namespace
}  // namespace sim
