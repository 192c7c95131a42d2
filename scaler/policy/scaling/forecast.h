// Foresees demand: a damped trend (Holt; Gardner and McKenzie 1985) for samples at irregular times, with the
// distribution of its own errors.
//
// With s = time between samples / 15 s and S(s) = phi + ... + phi^s = phi (1 - phi^s) / (1 - phi):
//   level' = (level + trend S(s)) + (1 - (1 - alpha)^s) (sample - (level + trend S(s)))
//   trend' = phi^s (trend + (1 - (1 - beta)^s) ((level' - level) / S(s) - trend))
//   forecast(s) = level + trend S(s)
// The trend adds at most phi / (1 - phi) steps' worth of itself, however far the horizon: a ramp cannot make the
// forecast explode.
//
// Each forecast is compared with what came, `horizon` later. The error is relative to the larger of the two, so that it
// stays within (-1, 1). The quantile of these errors scales the forecast, at most to its double: the surprise of a
// kick-off, which no forecast made before it could know, must not multiply the forecasts of the next `history`. Until
// 20 errors were seen, values of a logistic distribution with a standard deviation of 10 % stand in for those missing.
//
// Owned by one policy; not thread-safe.
#pragma once

#include <deque>
#include <optional>

#include "common/base/time.h"
#include "scaler/policy/scaling/scaling_spec.h"

namespace scaler {

class Forecast {
 public:
  explicit Forecast(PredictionSpec spec) : spec_(spec) {}

  // Feeds a demand that was measured at `at`. One that is not later than the last sample says nothing new and is left
  // out; after a gap longer than `history` the trend starts afresh.
  void observe(base::Time at, double demand);

  // Takes over the level and trend of a forecast of the same demand; its errors too, if it looked as far ahead.
  void inherit(const Forecast& previous);

  // The most likely demand at `when`, never negative; nullopt before the second sample, and when the last one is older
  // than the horizon.
  std::optional<double> expected(base::Time now, base::Time when) const;

  // The demand that is not exceeded at now + horizon with the probability spec.quantile.
  std::optional<double> provisioned(base::Time now) const;

  // The quantile of the relative errors, and of how many of them were measured.
  double error_quantile() const;
  std::size_t errors_seen() const { return errors_.size(); }

 private:
  struct Made {
    base::Time when;  // for which the forecast is
    double demand;
  };
  struct ErrorAt {
    base::Time at;
    double relative;
  };

  double forecast(base::Time when) const;
  void score(base::Time at, double demand);

  const PredictionSpec spec_;
  std::optional<base::Time> last_at_;
  double last_demand_ = 0;
  double level_ = 0;
  double trend_ = 0;  // per step of 15 s
  bool has_trend_ = false;
  std::deque<Made> made_;       // not yet due, in order of time
  std::deque<ErrorAt> errors_;  // of the last `history`
};

}  // namespace scaler
