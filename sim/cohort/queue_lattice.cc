#include "sim/cohort/queue_lattice.h"

#include <algorithm>
#include <cmath>
#include <numbers>

#include "common/base/check.h"

namespace sim {
namespace {

// Probabilities below it are nothing.
constexpr double kNothing = 1e-13;
constexpr double kHardlyAny = 1e-5;
constexpr double kSteady = 1e-9;
constexpr double kFinest = 0.25;  // requests between two states
constexpr double kMostUniform = 256;
constexpr double kGrowth = 1.015;  // of the spacing beyond the uniform part
constexpr double kGamma = 2.0 - std::numbers::sqrt2;

std::vector<double> positions(const QueueLattice::Shape& s) {
  // Spacing: the dispersion, which makes the chain exact for M/M/c; with many workers a fraction of the noise of
  // their number.
  const double noise = std::sqrt(s.workers) / 2.5;
  const auto spacing = [&](double dispersion) {
    const double fine = std::max(dispersion, kFinest);
    return s.workers / fine <= 96.0 ? fine : std::max(fine, noise);
  };
  std::vector<double> at;
  const double idle_steps = std::max(1.0, std::round(s.workers / spacing(s.dispersion_idle)));
  for (double i = 0; i <= idle_steps; ++i) at.push_back(s.workers * i / idle_steps);
  const double room = s.top - s.workers;
  if (room <= 0) return at;
  double h = std::min(spacing(s.dispersion_busy), std::max(kFinest, room / 16.0));
  if (room / h <= kMostUniform) {
    const double steps = std::max(1.0, std::round(room / h));
    for (double i = 1; i <= steps; ++i) at.push_back(s.workers + room * i / steps);
    return at;
  }
  const double finest = h;
  for (double n = 1; at.back() + h < s.top; ++n) {
    at.push_back(at.back() + h);
    if (n < kMostUniform / 4) continue;
    // Fine again towards the top, where an overloaded queue stays.
    const double from_top = std::max(finest, (s.top - at.back()) / 10.0);
    h = std::min(std::max(finest, (at.back() - s.workers) * (kGrowth - 1.0)), from_top);
  }
  if (s.top - at.back() < h / 2) at.pop_back();
  at.push_back(s.top);
  return at;
}

}  // namespace

QueueLattice::QueueLattice(const Shape& shape) : shape_(shape), at_(positions(shape)) {
  CHECK(shape.workers > 0 && shape.top >= shape.workers && shape.service_rate > 0, "a queue has workers and room");
  const std::size_t n = at_.size();
  for (auto* v : {&now_, &before_, &up_, &down_, &pivot_, &below_, &above_, &middle_}) v->assign(n, 0.0);
  spacing_.resize(n);
  for (std::size_t j = 0; j < n; ++j) {
    Spacing& g = spacing_[j];
    g.right = j + 1 < n ? at_[j + 1] - at_[j] : 1.0;
    g.left = j > 0 ? at_[j] - at_[j - 1] : 1.0;
    g.up = 1.0 / (g.right * (g.right + g.left));
    g.down = 1.0 / (g.left * (g.right + g.left));
    g.busy = std::min(at_[j], shape.workers) * shape.service_rate;
    g.dispersion = at_[j] < shape.workers ? shape.dispersion_idle : shape.dispersion_busy;
  }
  preference_.assign(n, 1.0);
  acceptance_.assign(n, 1.0);
  empty();
}

void QueueLattice::empty() {
  std::fill(now_.begin(), now_.end(), 0.0);
  now_[0] = 1.0;
  before_ = now_;
  used_ = 1;
  last_change_ = 1;
}

double QueueLattice::mean_held() const {
  double sum = 0;
  for (std::size_t j = 0; j < used_; ++j) sum += mean_probability(j) * at_[j];
  return sum;
}

double QueueLattice::mean_busy() const {
  double sum = 0;
  for (std::size_t j = 0; j < used_; ++j) sum += mean_probability(j) * std::min(at_[j], shape_.workers);
  return sum;
}

void QueueLattice::set_rates(double rate) {
  for (std::size_t j = 0; j < used_; ++j) {
    const Spacing& g = spacing_[j];
    if (j + 1 == at_.size()) {
      up_[j] = 0;
      down_[j] = j == 0 ? 0.0 : g.busy / g.left;
      continue;
    }
    // Drift and variance of the flows; upwind where the drift is too strong for the spacing.
    const double in = rate * preference_[j] * acceptance_[j];
    const double drift = in - g.busy;
    const double variance = g.dispersion * (in + g.busy);
    const double up = (variance + drift * g.left) * g.up;
    const double down = (variance - drift * g.right) * g.down;
    if (j == 0) {
      up_[j] = in / g.right;
    } else if (up < 0) {
      up_[j] = 0;
      down_[j] = -drift / g.left;
    } else if (down < 0) {
      up_[j] = drift / g.right;
      down_[j] = 0;
    } else {
      up_[j] = up;
      down_[j] = down;
    }
  }
  up_[used_ - 1] = 0;
}

// I - gamma * generator, by columns; diagonally dominant, so without pivoting.
void QueueLattice::factorise(double gamma) {
  pivot_[0] = 1.0 / (1.0 + gamma * (up_[0] + down_[0]));
  for (std::size_t j = 1; j < used_; ++j) {
    below_[j] = gamma * up_[j - 1] * pivot_[j - 1];
    const double coupling = gamma * down_[j];
    pivot_[j] = 1.0 / (1.0 + gamma * up_[j] + coupling - below_[j] * coupling);
    above_[j - 1] = coupling * pivot_[j - 1];
  }
}

void QueueLattice::solve(std::vector<double>& x) const {
  for (std::size_t j = 1; j < used_; ++j) x[j] += below_[j] * x[j - 1];
  x[used_ - 1] *= pivot_[used_ - 1];
  for (std::size_t j = used_ - 1; j-- > 0;) x[j] = x[j] * pivot_[j] + above_[j] * x[j + 1];
}

// So far that next to nothing would go beyond.
void QueueLattice::widen(double rate, double seconds) {
  std::size_t high = used_ - 1;
  double beyond = 0, busy = 0;
  while (high > 0 && (beyond += now_[high]) < kHardlyAny) --high;
  for (std::size_t j = 0; j < used_; ++j) busy += now_[j] * spacing_[j].busy;
  const double requests = rate * seconds;
  const double grows = std::max(0.0, requests - busy * seconds);
  const double most = at_[high] + grows + 6.0 * std::sqrt(requests * std::max(1.0, shape_.dispersion_busy)) + 4.0;
  while (used_ < at_.size() && at_[used_ - 1] < most) ++used_;
}

bool QueueLattice::step(double rate, double seconds) {
  // The flows are as before and balance each other.
  if (std::abs(rate - last_rate_) <= kSteady * rate && last_change_ < kSteady) {
    const bool first = !still_;
    still_ = true;
    if (first) before_ = now_;
    return first;
  }
  still_ = false;
  last_rate_ = rate;
  widen(rate, seconds);
  set_rates(rate);
  const double gamma = kGamma / 2.0 * seconds;
  // The right side of the trapezoid stage first: the factors then take the place of the rates.
  for (std::size_t j = 0; j < used_; ++j) {
    double flow = -(up_[j] + down_[j]) * now_[j];
    if (j > 0) flow += up_[j - 1] * now_[j - 1];
    if (j + 1 < used_) flow += down_[j + 1] * now_[j + 1];
    middle_[j] = now_[j] + gamma * flow;
  }
  factorise(gamma);
  solve(middle_);
  constexpr double kOfMiddle = 1.0 / (kGamma * (2.0 - kGamma));
  std::swap(before_, now_);
  for (std::size_t j = 0; j < used_; ++j) now_[j] = kOfMiddle * middle_[j] + (1.0 - kOfMiddle) * before_[j];
  solve(now_);

  double sum = 0;
  last_change_ = 0;
  for (std::size_t j = 0; j < used_; ++j) {
    now_[j] = std::max(0.0, now_[j]);
    sum += now_[j];
  }
  for (std::size_t j = 0; j < used_; ++j) {
    now_[j] /= sum;
    last_change_ = std::max(last_change_, std::abs(now_[j] - before_[j]));
  }
  while (used_ > 1 && now_[used_ - 1] < kNothing && before_[used_ - 1] < kNothing) {
    now_[used_ - 1] = before_[used_ - 1] = 0;
    --used_;
  }
  return true;
}

void QueueLattice::step_back() {
  std::swap(now_, before_);
  last_change_ = 1;
}

void QueueLattice::mix_empty(double queues) {
  const double old = queues / (queues + 1.0);
  for (std::size_t j = 0; j < used_; ++j) now_[j] *= old;
  now_[0] += 1.0 - old;
  last_change_ = 1;
}

void QueueLattice::adopt(const QueueLattice& other, double share_busy, double share_waiting) {
  std::fill(now_.begin(), now_.end(), 0.0);
  used_ = 1;
  for (std::size_t j = 0; j < other.used_; ++j) {
    const double busy = std::min(other.at_[j], other.shape_.workers);
    const double x = std::clamp(busy * share_busy + (other.at_[j] - busy) * share_waiting, 0.0, shape_.top);
    const auto right = std::lower_bound(at_.begin(), at_.end(), x);
    const auto k = static_cast<std::size_t>(right - at_.begin());
    const double share = k == 0 ? 0.0 : (at_[k] - x) / (at_[k] - at_[k - 1]);
    now_[k] += other.now_[j] * (1.0 - share);
    if (k > 0) now_[k - 1] += other.now_[j] * share;
    used_ = std::max(used_, k + 1);
  }
  before_ = now_;
  last_change_ = 1;
}

}  // namespace sim
