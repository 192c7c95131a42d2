#include "scaler/policy/scaling/forecast.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <functional>
#include <numbers>
#include <vector>

#include "common/base/random.h"
#include "scaler/policy/policy_test_support.h"

namespace scaler {
namespace {

using namespace std::chrono_literals;
using testing::kStart;
using Demand = std::function<double(double seconds)>;

PredictionSpec spec(base::Duration horizon) {
  PredictionSpec spec;
  spec.horizon = horizon;
  return spec;
}

// Flat, then a straight ramp, then flat.
Demand ramp(double from, double to, double begins, double lasts) {
  return [=](double t) { return from + (to - from) * std::clamp((t - begins) / lasts, 0.0, 1.0); };
}

Demand noisy(Demand demand, double deviation) {
  return [random = base::Random(7), demand = std::move(demand), deviation](double t) mutable {
    return demand(t) * random.normal(1.0, deviation);
  };
}

struct Backtest {
  double forecast_error = 0;     // mean absolute error of the point forecast at the horizon
  double persistence_error = 0;  // of "as much as now"
  double missed = 0;             // mean of what came above the forecast
  double persistence_missed = 0;
  double highest_forecast = 0;
};

Backtest backtest(const Demand& demand, base::Duration horizon, base::Duration length) {
  Forecast forecast(spec(horizon));
  Backtest result;
  int scored = 0;
  for (base::Duration t{}; t <= length; t += 15s) {
    const double now = demand(base::seconds(t));
    forecast.observe(kStart + t, now);
    const auto expected = forecast.expected(kStart + t, kStart + t + horizon);
    if (!expected) continue;
    const double came = demand(base::seconds(t + horizon));
    result.forecast_error += std::abs(came - *expected);
    result.persistence_error += std::abs(came - now);
    result.missed += std::max(0.0, came - *expected);
    result.persistence_missed += std::max(0.0, came - now);
    result.highest_forecast = std::max(result.highest_forecast, *expected);
    ++scored;
  }
  result.forecast_error /= scored;
  result.persistence_error /= scored;
  result.missed /= scored;
  result.persistence_missed /= scored;
  return result;
}

TEST(ForecastTest, BeatsPersistenceOnAKickOffRampLongerThanTheHorizon) {
  const Backtest result = backtest(ramp(2000, 60000, 600, 600), 3min, 30min);

  EXPECT_LT(result.forecast_error, 0.85 * result.persistence_error);
}

// When the ramp is over before a forecast made at its foot comes due, the forecasts overshoot; what counts then is that
// less demand is missed.
TEST(ForecastTest, MissesLessDemandThanPersistenceOnAShortRamp) {
  const Backtest result = backtest(ramp(2000, 60000, 600, 90), 45s, 30min);

  EXPECT_LT(result.missed, 0.85 * result.persistence_missed);
}

TEST(ForecastTest, BeatsPersistenceOnTheSwellOfAnEvening) {
  const Demand swell = [](double t) { return 20000 + 10000 * std::sin(2 * std::numbers::pi * t / 1800); };

  const Backtest result = backtest(swell, 3min, 2h);

  EXPECT_LT(result.forecast_error, 0.75 * result.persistence_error);
}

// 58,000 in 90 s is 9,667 a step; damping lets at most 0.9 / 0.1 = 9 steps of it through.
TEST(ForecastTest, ARampShorterThanTheHorizonDoesNotExplode) {
  const Demand demand = ramp(2000, 60000, 600, 90);
  const Backtest result = backtest(demand, 3min, 30min);

  EXPECT_LT(result.highest_forecast, 60000 + 9 * 9667);

  Forecast forecast(spec(3min));
  for (base::Duration t{}; t <= 20min; t += 15s) forecast.observe(kStart + t, demand(base::seconds(t)));
  EXPECT_NEAR(forecast.expected(kStart + 20min, kStart + 23min).value(), 60000, 600);
}

TEST(ForecastTest, HowOftenASteadyRampIsSampledHardlyMatters) {
  const Demand demand = ramp(1000, 100000, 0, 3000);
  const auto at_20min = [&](base::Duration interval) {
    Forecast forecast(spec(3min));
    for (base::Duration t{}; t <= 20min; t += interval) forecast.observe(kStart + t, demand(base::seconds(t)));
    return forecast.expected(kStart + 20min, kStart + 23min).value();
  };

  EXPECT_NEAR(at_20min(30s), at_20min(15s), 0.03 * at_20min(15s));
  EXPECT_NEAR(at_20min(5s), at_20min(15s), 0.03 * at_20min(15s));
}

TEST(ForecastTest, TheProvisionedDemandIsExceededAsOftenAsTheQuantileSays) {
  Forecast forecast(spec(3min));
  Demand demand = noisy([](double t) { return 20000 + 5000 * std::sin(2 * std::numbers::pi * t / 7200); }, 0.05);
  std::vector<double> values;
  std::vector<double> provisioned;
  for (int i = 0; i < 4000; ++i) {
    values.push_back(demand(15.0 * i));
    forecast.observe(kStart + i * 15s, values.back());
    provisioned.push_back(forecast.provisioned(kStart + i * 15s).value_or(0));
  }

  int covered = 0;
  int scored = 0;
  for (std::size_t i = 100; i + 12 < values.size(); ++i) {
    covered += values[i + 12] <= provisioned[i] ? 1 : 0;
    ++scored;
  }
  EXPECT_NEAR(static_cast<double>(covered) / scored, 0.9, 0.03);
}

// The point forecast is exact here. The 90 % point lies at 0.9 * 21 - 1 = 17.9 among 20 values of a logistic
// distribution of deviation 10 %: between 0.0551 ln 7 = 10.73 % and 0.0551 ln 12.33 = 13.85 %, at 13.54 %.
TEST(ForecastTest, BeforeItKnowsItsErrorsItAssumesThem) {
  Forecast forecast(spec(3min));
  forecast.observe(kStart, 1000);
  forecast.observe(kStart + 15s, 1000);

  EXPECT_EQ(forecast.errors_seen(), 0u);
  EXPECT_NEAR(forecast.provisioned(kStart + 15s).value(), 1000 / (1 - 0.1354), 0.5);
}

TEST(ForecastTest, OnceItsErrorsAreKnownTheyReplaceTheAssumption) {
  Forecast forecast(spec(3min));
  for (int i = 0; i <= 60; ++i) forecast.observe(kStart + i * 15s, 1000);

  EXPECT_GE(forecast.errors_seen(), 20u);
  EXPECT_DOUBLE_EQ(forecast.provisioned(kStart + 15min).value(), 1000);
}

TEST(ForecastTest, ErrorsOlderThanTheHistoryAreForgotten) {
  Forecast forecast(spec(3min));
  const Demand demand = ramp(2000, 60000, 600, 90);
  for (int i = 0; i <= 4 * 60; ++i) forecast.observe(kStart + i * 15s, demand(15.0 * i));

  EXPECT_EQ(forecast.errors_seen(), 60u);  // 15 min of one a 15 s
  EXPECT_NEAR(forecast.provisioned(kStart + 60min).value(), 60000, 60);
}

TEST(ForecastTest, ASurpriseAtMostDoublesTheForecastsThatFollow) {
  Forecast forecast(spec(3min));
  const Demand demand = ramp(2000, 60000, 600, 90);
  for (base::Duration t{}; t <= 40min; t += 15s) {
    forecast.observe(kStart + t, demand(base::seconds(t)));
    const auto expected = forecast.expected(kStart + t, kStart + t + 3min);
    if (!expected) continue;
    EXPECT_LE(forecast.provisioned(kStart + t).value(), 2 * *expected);
  }
}

TEST(ForecastTest, HasNoOpinionBeforeTheSecondSampleNorOnStaleOnes) {
  Forecast forecast(spec(3min));
  EXPECT_FALSE(forecast.provisioned(kStart));
  forecast.observe(kStart, 1000);
  EXPECT_FALSE(forecast.provisioned(kStart));
  forecast.observe(kStart + 15s, 1000);
  EXPECT_TRUE(forecast.provisioned(kStart + 15s + 3min));
  EXPECT_FALSE(forecast.provisioned(kStart + 15s + 3min + 1ns));
}

TEST(ForecastTest, TheSameSampleTwiceSaysNothingNew) {
  Forecast once(spec(3min));
  Forecast twice(spec(3min));
  for (int i = 0; i < 20; ++i) {
    once.observe(kStart + i * 15s, 1000 + 10 * i);
    twice.observe(kStart + i * 15s, 1000 + 10 * i);
    twice.observe(kStart + i * 15s, 1000 + 10 * i);
  }

  EXPECT_EQ(once.provisioned(kStart + 5min), twice.provisioned(kStart + 5min));
}

TEST(ForecastTest, AfterALongGapItStartsAfresh) {
  Forecast forecast(spec(3min));
  for (int i = 0; i < 20; ++i) forecast.observe(kStart + i * 15s, 1000 + 100 * i);
  forecast.observe(kStart + 1h, 500);

  EXPECT_FALSE(forecast.provisioned(kStart + 1h));
  forecast.observe(kStart + 1h + 15s, 500);
  EXPECT_DOUBLE_EQ(forecast.expected(kStart + 1h + 15s, kStart + 1h + 3min).value(), 500);
}

TEST(ForecastTest, IsNeverNegative) {
  Forecast forecast(spec(3min));
  for (int i = 0; i < 10; ++i) forecast.observe(kStart + i * 15s, 10000 - 1100 * i);

  EXPECT_GE(forecast.provisioned(kStart + 135s).value(), 0);
}

}  // namespace
}  // namespace scaler
