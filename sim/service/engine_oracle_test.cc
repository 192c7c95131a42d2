// The engine against queueing theory: twenty seeds a case, the mean within a margin and within three standard errors of
// the closed form. Times are in mean service times.
#include <gtest/gtest.h>

#include <cmath>

#include "sim/service/engine.h"

namespace sim {
namespace {

using Algorithm = BalancerOptions::Algorithm;
using Law = ServiceTime::Distribution;

constexpr int kSeeds = 20;
constexpr Ticks kUnit = kMillisecond;  // the mean service time

struct Model {
  std::uint32_t pods = 1;
  std::uint32_t workers = 1;
  double load = 0.8;  // offered work / capacity
  Law law = Law::kExponential;
  double cv = 1.0;
  Discipline discipline = Discipline::kFcfs;
  Algorithm algorithm = Algorithm::kRoundRobin;
  std::optional<std::uint32_t> queue_limit = {};
  std::uint64_t requests = 500'000;  // a seed
  std::optional<Ticks> timeout = {};
};

struct Estimate {
  double mean = 0;
  double error = 0;  // standard error of the mean over the seeds
};

class Runs {
 public:
  explicit Runs(const Model& m) : model_(m) {
    for (std::uint64_t seed = 1; seed <= kSeeds; ++seed) totals_.push_back(run(seed));
  }

  template <class Figure>
  Estimate estimate(Figure figure) const {
    double sum = 0, squares = 0;
    for (const Totals& t : totals_) {
      const double x = figure(t);
      sum += x;
      squares += x * x;
    }
    const double mean = sum / kSeeds;
    const double variance = std::max(0.0, (squares - kSeeds * mean * mean) / (kSeeds - 1));
    return {mean, std::sqrt(variance / kSeeds)};
  }
  Estimate wait() const {
    return estimate([](const Totals& t) { return units(t.queue_wait.mean); });
  }
  Estimate sojourn() const {
    return estimate([](const Totals& t) { return units(t.latency.mean); });
  }

  // Offered per unit of time, to all pods.
  double rate() const { return model_.load * model_.pods * model_.workers; }
  static double units(Ticks t) { return static_cast<double>(t) / static_cast<double>(kUnit); }

 private:
  Totals run(std::uint64_t seed) const {
    EngineOptions o;
    const double per_second = rate() / to_seconds(kUnit);
    o.sources = {{.name = "all", .profile = RateProfile::constant(per_second)}};
    o.discipline = model_.discipline;
    o.workers = model_.workers;
    o.queue_limit = model_.queue_limit;
    o.client.timeout = model_.timeout;
    o.service = {.distribution = model_.law, .mean = kUnit, .cv = model_.cv};
    o.balancer.algorithm = model_.algorithm;
    o.warmup = 20 * kSecond;
    o.duration = o.warmup + static_cast<Ticks>(static_cast<double>(model_.requests) / per_second) * kSecond;
    Engine engine(o, base::Random(seed));
    for (PodId pod = 0; pod < model_.pods; ++pod) engine.add_pod(pod, 0);
    engine.finish();
    return engine.totals();
  }

  const Model model_;
  std::vector<Totals> totals_;
};

// Within `margin` of the truth, and within three standard errors.
void expect_close(const Estimate& estimate, double truth, double margin = 0.02) {
  EXPECT_NEAR(estimate.mean, truth, margin * truth);
  EXPECT_NEAR(estimate.mean, truth, 3 * estimate.error + 1e-6 * truth);
}

// M/M/c: the probability of waiting, Erlang's C.
double erlang_c(double a, int c) {
  double b = 1.0;
  for (int k = 1; k <= c; ++k) b = a * b / (k + a * b);
  return c * b / (c - a * (1.0 - b));
}
double mmc_wait(double load, int c) { return erlang_c(load * c, c) / (c - load * c); }
// E_k/M/1 with load rho: a customer's share of every k-th of a Poisson stream.
double erlang_arrivals_sojourn(double rho, int k) {
  double sigma = 0.5;
  for (int i = 0; i < 1000; ++i) sigma = std::pow(k * rho / (k * rho + 1.0 - sigma), k);
  return 1.0 / (1.0 - sigma);
}

TEST(ErlangTest, FormulasGiveThePublishedTable) {
  EXPECT_NEAR(mmc_wait(0.8, 1), 4.0, 1e-9);
  EXPECT_NEAR(mmc_wait(0.8, 5), 0.554113, 1e-6);
  EXPECT_NEAR(mmc_wait(0.9, 10), 0.668732, 1e-6);
  EXPECT_NEAR(erlang_arrivals_sojourn(0.8, 10), 2.9223, 1e-4);
}

TEST(QueueingTest, OneWorkerAtEightyPercent) {
  const Runs runs({.requests = 2'500'000});
  expect_close(runs.wait(), 4.0);
  // Percentiles of the sojourn time, exponential with mean 5.
  expect_close(runs.estimate([](const Totals& t) { return Runs::units(t.latency.p95); }), 14.979, 0.03);
  expect_close(runs.estimate([](const Totals& t) { return Runs::units(t.latency.p99); }), 23.026, 0.05);
}

TEST(QueueingTest, FiveWorkersAtEightyPercent) {
  const Runs runs({.workers = 5, .requests = 2'000'000});
  expect_close(runs.wait(), 0.554113);
  expect_close(runs.estimate([](const Totals& t) { return Runs::units(t.latency.p95); }), 4.198, 0.01);
}

TEST(QueueingTest, TenWorkersAtNinetyPercent) {
  const Runs runs({.workers = 10, .load = 0.9, .requests = 4'000'000});
  expect_close(runs.wait(), 0.668732);
}

TEST(QueueingTest, AHundredWorkersAtNinetyFivePercent) {
  const Runs runs({.workers = 100, .load = 0.95, .requests = 5'000'000});
  expect_close(runs.wait(), 0.101291, 0.03);
}

TEST(QueueingTest, TwoWorkersWithDeterministicService) {
  const Runs runs({.workers = 2, .law = Law::kDeterministic, .requests = 2'000'000});
  expect_close(runs.wait(), 0.903284);
}

TEST(QueueingTest, OneWorkerWithLognormalServiceIsPollaczekAndKhinchine) {
  for (const double cv : {0.5, 1.5}) {
    const Runs runs({.law = Law::kLognormal, .cv = cv, .requests = 2'500'000});
    expect_close(runs.wait(), 0.8 * (1 + cv * cv) / (2 * 0.2), 0.025);
  }
}

TEST(QueueingTest, LittlesLawHolds) {
  const Runs runs({.workers = 5, .requests = 1'000'000});
  expect_close(runs.estimate([](const Totals& t) { return t.utilization; }), 0.8, 0.005);
  expect_close(runs.estimate([](const Totals& t) { return t.mean_in_system; }), runs.rate() * (1 + 0.554113), 0.01);
}

struct FiniteCase {
  int workers, places;
  double offered, blocked, wait;
};
TEST(QueueingTest, AFullQueueBlocksAsTheBirthAndDeathProcess) {
  // M/M/c/K with K places in the system; wait of those accepted.
  for (const FiniteCase& c : {FiniteCase{1, 10, 0.9, 0.050814, 3.6466}, FiniteCase{1, 10, 1.2, 0.192586, 5.9261},
                              FiniteCase{4, 20, 3.6, 0.016805, 1.1950}, FiniteCase{10, 50, 12, 0.166717, 3.5016}}) {
    const Runs runs({.workers = static_cast<std::uint32_t>(c.workers),
                     .load = c.offered / c.workers,
                     .queue_limit = static_cast<std::uint32_t>(c.places - c.workers),
                     .requests = 800'000});
    expect_close(runs.estimate(
                     [](const Totals& t) { return static_cast<double>(t.rejected) / static_cast<double>(t.requests); }),
                 c.blocked);
    expect_close(runs.wait(), c.wait, 0.015);
  }
}

// M/M/1 whose customers leave the queue after waiting for T (Barrer 1957). With work V before the worker, by level
// crossing: density f(x) = p0 lambda e^((lambda-1)x) below T, and P(V >= T) = f(T). Clients that are served too late
// are lost too: f(T)/lambda.
TEST(QueueingTest, ClientsGiveUpAsOftenAsBarrerSays) {
  for (const double lambda : {0.9, 1.25}) {
    constexpr double kPatience = 5;
    const double growth = std::exp((lambda - 1) * kPatience);
    const double idle = 1 / (1 + lambda * (growth - 1) / (lambda - 1) + lambda * growth);
    const Runs runs({.load = lambda, .requests = 600'000, .timeout = 5 * kUnit});
    expect_close(runs.estimate([](const Totals& t) { return t.utilization; }), 1 - idle, 0.005);
    expect_close(runs.estimate([](const Totals& t) {
      return static_cast<double>(t.timed_out) / static_cast<double>(t.requests);
    }),
                 idle * growth * (lambda + 1));
  }
}

TEST(SharingTest, TheMeanSojournDoesNotDependOnTheLawOfService) {
  // T = 1 / (1 - rho).
  for (const auto& [law, cv] :
       {std::pair(Law::kDeterministic, 0.0), std::pair(Law::kExponential, 1.0), std::pair(Law::kLognormal, 1.5)}) {
    const Runs runs({.law = law, .cv = cv, .discipline = Discipline::kProcessorSharing, .requests = 1'500'000});
    expect_close(runs.sojourn(), 5.0);
  }
}

TEST(SharingTest, SeveralWorkersShareAsManyServersWould) {
  for (const auto& [law, cv] : {std::pair(Law::kDeterministic, 0.0), std::pair(Law::kLognormal, 1.0)}) {
    const Runs runs(
        {.workers = 5, .law = law, .cv = cv, .discipline = Discipline::kProcessorSharing, .requests = 1'000'000});
    expect_close(runs.sojourn(), 1 + 0.554113);
    expect_close(runs.estimate([](const Totals& t) { return t.utilization; }), 0.8, 0.005);
  }
}

TEST(BalancingTest, RandomMakesAnMM1OfEachPod) {
  const Runs runs({.pods = 10, .algorithm = Algorithm::kRandom, .requests = 4'000'000});
  expect_close(runs.sojourn(), 5.0);
}

TEST(BalancingTest, RoundRobinMakesErlangArrivals) {
  expect_close(Runs({.pods = 10, .requests = 2'000'000}).sojourn(), 2.9223);
  expect_close(Runs({.pods = 10, .load = 0.9, .requests = 6'000'000}).sojourn(), 5.6603);
}

TEST(BalancingTest, ACentralQueueIsOneQueue) {
  const Runs runs({.pods = 10, .algorithm = Algorithm::kCentralQueue, .requests = 1'000'000});
  expect_close(runs.sojourn(), 1.2046, 0.005);
}

TEST(BalancingTest, TwoChoicesComeNearTheirLimitOfManyPods) {
  // The limit for ever more pods is 1.9474; a hundred pods are above it by the order of 1/n: within 2.5 %.
  const Runs runs({.pods = 100, .algorithm = Algorithm::kPowerOfTwoChoices, .requests = 2'000'000});
  const Estimate sojourn = runs.sojourn();
  EXPECT_GT(sojourn.mean, 1.9474 - 3 * sojourn.error);
  EXPECT_NEAR(sojourn.mean, 1.9474, 0.025 * 1.9474);
}

TEST(BalancingTest, TheShortestQueueLiesBetweenOneQueueAndTwoChoices) {
  for (const Discipline discipline : {Discipline::kFcfs, Discipline::kProcessorSharing}) {
    const auto sojourn = [discipline](Algorithm algorithm) {
      return Runs({.pods = 10, .discipline = discipline, .algorithm = algorithm, .requests = 300'000}).sojourn().mean;
    };
    const double shortest = sojourn(Algorithm::kLeastOutstanding);
    EXPECT_GT(shortest, 1.2046);
    EXPECT_LT(shortest, sojourn(Algorithm::kPowerOfTwoChoices));
  }
}

}  // namespace
}  // namespace sim
