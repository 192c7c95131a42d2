#include "scaler/policy/kpa/window_average.h"

#include <algorithm>
#include <cmath>

#include "common/base/check.h"

namespace scaler {
namespace {

constexpr double kLeastCoefficient = 0.2;
constexpr double kNeglected = 0.0001;  // the share of the weights that falls out of the window

std::int64_t second_of(base::Time now) {
  return std::chrono::floor<std::chrono::seconds>(now).time_since_epoch().count();
}

std::size_t buckets_of(base::Duration window) {
  const auto seconds = std::chrono::ceil<std::chrono::seconds>(window).count();
  CHECK(seconds >= 1, "a window is a second or longer");
  return static_cast<std::size_t>(seconds);
}

// Six decimals, rounded down and not to the nearest, as the buckets of knative/serving (pkg/autoscaler/aggregation) do.
double cut_decimals(double x) { return std::floor(x * 1e6) / 1e6; }

}  // namespace

WindowAverage::WindowAverage(base::Duration window, Kind kind) : kind_(kind), buckets_(buckets_of(window), 0.0) {}

std::size_t WindowAverage::index(std::int64_t second) const {
  const std::int64_t at = second % size();
  return static_cast<std::size_t>(at < 0 ? at + size() : at);
}

void WindowAverage::record(base::Time now, double value) {
  const std::int64_t second = second_of(now);
  if (last_ && second + size() <= *last_) return;
  if (!last_ || second > *last_) move_to(second);
  first_ = first_ ? std::min(*first_, second) : second;
  buckets_[index(second)] += value;
  total_ += value;
}

void WindowAverage::move_to(std::int64_t second) {
  if (!last_ || second - *last_ >= size()) {
    std::fill(buckets_.begin(), buckets_.end(), 0.0);
    total_ = 0;
    first_ = second;
  } else {
    for (std::int64_t gap = *last_ + 1; gap <= second; ++gap) {
      total_ -= buckets_[index(gap)];
      buckets_[index(gap)] = 0;
    }
  }
  last_ = second;
}

bool WindowAverage::empty(base::Time now) const { return !last_ || second_of(now) - *last_ > size(); }

double WindowAverage::average(base::Time now) const {
  if (empty(now)) return 0;
  const std::int64_t silent = std::max<std::int64_t>(0, second_of(now) - *last_);
  if (silent >= size()) return 0;
  return kind_ == Kind::kLinear ? linear(silent) : weighted(silent);
}

double WindowAverage::linear(std::int64_t silent) const {
  double total = total_;
  for (std::int64_t i = 1; i <= silent; ++i) total -= buckets_[index(*last_ + i)];
  const std::int64_t valid = std::min(*last_ - *first_ + 1, size() - silent);
  return cut_decimals(total / static_cast<double>(valid));
}

double WindowAverage::weighted(std::int64_t silent) const {
  const double coefficient = std::max(kLeastCoefficient, 1 - std::pow(kNeglected, 1.0 / static_cast<double>(size())));
  double weight = coefficient * std::pow(1 - coefficient, static_cast<double>(silent));
  double sum = 0;
  for (std::int64_t i = 0; i < size() - silent; ++i) {
    sum += buckets_[index(*last_ - i)] * weight;
    weight *= 1 - coefficient;
  }
  return sum;
}

WindowAverage WindowAverage::resized(base::Duration window) const {
  WindowAverage other(window, kind_);
  if (!last_) return other;
  const std::int64_t kept = std::min({size(), other.size(), *last_ - *first_ + 1});
  for (std::int64_t second = *last_ - kept + 1; second <= *last_; ++second) {
    other.record(base::Time(std::chrono::seconds(second)), buckets_[index(second)]);
  }
  return other;
}

}  // namespace scaler
