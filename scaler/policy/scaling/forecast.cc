#include "scaler/policy/scaling/forecast.h"

#include <algorithm>
#include <cmath>
#include <vector>

namespace scaler {
namespace {

constexpr double kStepSeconds = 15.0;
constexpr std::size_t kEnoughErrors = 20;
constexpr double kAssumedDeviation = 0.10;
constexpr double kLargestError = 0.5;

double steps_between(base::Time from, base::Time to) { return base::seconds(to - from) / kStepSeconds; }

// How many steps' worth of today's trend the next `steps` add.
double trend_sum(double phi, double steps) {
  return phi < 1.0 ? phi * (1.0 - std::pow(phi, steps)) / (1.0 - phi) : steps;
}

double smoothing(double per_step, double steps) { return 1.0 - std::pow(1.0 - per_step, steps); }

double relative_error(double actual, double forecast) {
  const double larger = std::max(actual, forecast);
  return larger > 0.0 ? (actual - forecast) / larger : 0.0;
}

double logistic_quantile(double p) {
  constexpr double kScaleOfUnitDeviation = 0.5513288954217921;  // sqrt(3) / pi
  return kAssumedDeviation * kScaleOfUnitDeviation * std::log(p / (1.0 - p));
}

// Linear between the order statistics at p (n + 1), which the next of n + 1 exchangeable values does not exceed with
// probability p (Hyndman and Fan's type 6). REQUIRES: not empty.
double quantile_of(std::vector<double> values, double p) {
  std::sort(values.begin(), values.end());
  const double last = static_cast<double>(values.size() - 1);
  const double position = std::clamp(p * (last + 2.0) - 1.0, 0.0, last);
  const auto below = static_cast<std::size_t>(position);
  const std::size_t above = std::min(below + 1, values.size() - 1);
  return values[below] + (position - static_cast<double>(below)) * (values[above] - values[below]);
}

}  // namespace

double Forecast::forecast(base::Time when) const {
  const double steps = std::max(0.0, steps_between(*last_at_, when));
  return std::max(0.0, level_ + trend_ * trend_sum(spec_.phi, steps));
}

void Forecast::observe(base::Time at, double demand) {
  if (last_at_ && at <= *last_at_) return;
  if (!last_at_ || at - *last_at_ > spec_.history) {
    level_ = demand;
    trend_ = 0;
    has_trend_ = false;
    made_.clear();
  } else {
    score(at, demand);
    const double steps = steps_between(*last_at_, at);
    const double sum = trend_sum(spec_.phi, steps);
    const double before = level_;
    const double foreseen = level_ + trend_ * sum;
    level_ = foreseen + smoothing(spec_.alpha, steps) * (demand - foreseen);
    const double slope = (level_ - before) / sum;
    trend_ = std::pow(spec_.phi, steps) * (trend_ + smoothing(spec_.beta, steps) * (slope - trend_));
    has_trend_ = true;
  }
  last_at_ = at;
  last_demand_ = demand;
  while (!errors_.empty() && errors_.front().at <= at - spec_.history) errors_.pop_front();
  if (has_trend_) made_.push_back({at + spec_.horizon, forecast(at + spec_.horizon)});
}

// What came is known only at the samples; between two of them it is taken to have moved in a straight line.
void Forecast::score(base::Time at, double demand) {
  while (!made_.empty() && made_.front().when <= at) {
    const Made made = made_.front();
    made_.pop_front();
    const double part = std::max(0.0, base::seconds(made.when - *last_at_) / base::seconds(at - *last_at_));
    errors_.push_back({made.when, relative_error(last_demand_ + part * (demand - last_demand_), made.demand)});
  }
}

void Forecast::inherit(const Forecast& previous) {
  last_at_ = previous.last_at_;
  last_demand_ = previous.last_demand_;
  level_ = previous.level_;
  trend_ = previous.trend_;
  has_trend_ = previous.has_trend_;
  if (spec_.horizon != previous.spec_.horizon) return;
  made_ = previous.made_;
  errors_ = previous.errors_;
}

std::optional<double> Forecast::expected(base::Time now, base::Time when) const {
  if (!has_trend_ || now - *last_at_ > spec_.horizon) return std::nullopt;
  return forecast(when);
}

double Forecast::error_quantile() const {
  std::vector<double> errors;
  for (const ErrorAt& error : errors_) errors.push_back(error.relative);
  if (errors.size() < kEnoughErrors) {
    const std::size_t assumed = kEnoughErrors - errors.size();
    for (std::size_t i = 0; i < assumed; ++i) {
      errors.push_back(logistic_quantile((static_cast<double>(i) + 0.5) / static_cast<double>(assumed)));
    }
  }
  return quantile_of(std::move(errors), spec_.quantile);
}

std::optional<double> Forecast::provisioned(base::Time now) const {
  const auto demand = expected(now, now + spec_.horizon);
  if (!demand) return std::nullopt;
  const double error = error_quantile();
  // relative_error() solved for the actual demand.
  return error < 0.0 ? *demand * (1.0 + error) : *demand / (1.0 - std::min(error, kLargestError));
}

}  // namespace scaler
