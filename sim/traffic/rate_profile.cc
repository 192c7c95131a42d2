#include "sim/traffic/rate_profile.h"

#include <cmath>

#include "common/base/check.h"
#include "common/base/number_format.h"

namespace sim {
namespace {

base::Error invalid(std::string message) { return {base::ErrorCode::kInvalid, std::move(message)}; }

bool is_rate(double rate) { return std::isfinite(rate) && rate >= 0.0; }

}  // namespace

RateProfile::RateProfile(double first_rate, std::vector<Knot> knots)
    : first_rate_(first_rate), knots_(std::move(knots)) {
  CHECK(!knots_.empty(), "a profile has a knot");
  for (std::size_t i = 1; i < knots_.size(); ++i) {
    const Knot& last = knots_[i - 1];
    CHECK(last.at < knots_[i].at, "knots increase");
    knots_[i].before = last.before + (last.begin_rate + last.end_rate) / 2.0 * to_seconds(knots_[i].at - last.at);
  }
}

RateProfile RateProfile::constant(double rate) {
  CHECK(is_rate(rate), "a rate is finite and not negative");
  return {rate, {{.at = 0, .begin_rate = rate, .end_rate = rate, .before = 0}}};
}

base::Result<RateProfile> RateProfile::from_points(std::span<const Point> points, Interpolation interpolation) {
  if (points.empty()) return invalid("a profile needs a point");
  std::vector<Knot> knots;
  knots.reserve(points.size());
  for (std::size_t i = 0; i < points.size(); ++i) {
    const auto& [at, rate] = points[i];
    const std::string which = "point " + base::format_number(static_cast<std::uint64_t>(i + 1));
    if (!is_rate(rate)) return invalid(which + ": the rate must be a number that is not negative");
    if (i > 0 && at <= points[i - 1].at) return invalid(which + ": times must increase");
    const bool goes_on = interpolation == Interpolation::kLinear && i + 1 < points.size();
    knots.push_back({.at = at, .begin_rate = rate, .end_rate = goes_on ? points[i + 1].rate : rate, .before = 0});
  }
  return RateProfile(points.front().rate, std::move(knots));
}

base::Result<RateProfile> RateProfile::from_counts(std::span<const std::uint64_t> counts, Ticks origin, Ticks step) {
  if (counts.empty()) return invalid("a trace needs a row");
  if (step <= 0) return invalid("the step of a trace must be positive");
  std::vector<Knot> knots;
  knots.reserve(counts.size() + 1);
  Ticks at = origin;
  for (const std::uint64_t count : counts) {
    const double rate = static_cast<double>(count) / to_seconds(step);
    knots.push_back({.at = at, .begin_rate = rate, .end_rate = rate, .before = 0});
    at += step;
  }
  knots.push_back({.at = at, .begin_rate = 0, .end_rate = 0, .before = 0});
  return RateProfile(0.0, std::move(knots));
}

base::Result<RateProfile> RateProfile::scaled(double factor) const {
  if (!is_rate(factor)) return invalid("scale must be a number that is not negative");
  std::vector<Knot> knots = knots_;
  for (Knot& knot : knots) {
    knot.begin_rate *= factor;
    knot.end_rate *= factor;
  }
  return RateProfile(first_rate_ * factor, std::move(knots));
}

base::Result<RateProfile> RateProfile::squeezed(const Squeeze& squeeze) const {
  const auto& [from, around, to, factor] = squeeze;
  if (!(from < around && around < to)) return invalid("squeeze: from, around and to must increase");
  if (!std::isfinite(factor) || factor < 1.0) return invalid("squeeze: factor must be at least 1");
  const auto moved = [&](Ticks t) {
    return around + static_cast<Ticks>(std::llround(static_cast<double>(t - around) / factor));
  };

  std::vector<Knot> knots;
  const auto append = [&knots](Ticks at, double begin_rate, double end_rate) {
    // Rounding to whole ticks may leave a piece without length.
    if (!knots.empty() && knots.back().at == at) knots.pop_back();
    knots.push_back({.at = at, .begin_rate = begin_rate, .end_rate = end_rate, .before = 0});
  };
  const auto copy = [&](Ticks begin, Ticks end) {
    for_each_piece(begin, end, [&](const Piece& p) { append(p.begin, p.begin_rate, p.end_rate); });
  };
  if (knots_.front().at < from) copy(knots_.front().at, from);
  append(from, rate_at(from), rate_at(from));
  for_each_piece(from, to, [&](const Piece& p) { append(moved(p.begin), p.begin_rate, p.end_rate); });
  append(moved(to), rate_at(to), rate_at(to));
  copy(to, std::max(to, knots_.back().at) + 1);
  knots.back().end_rate = knots.back().begin_rate;
  return RateProfile(first_rate_, std::move(knots));
}

double RateProfile::rate_at(Ticks t) const { return rate_inside(knot_before(t), t); }

double RateProfile::cumulative(Ticks t) const {
  const std::ptrdiff_t i = knot_before(t);
  if (i < 0) return first_rate_ * to_seconds(t - knots_.front().at);
  const Knot& knot = knots_[static_cast<std::size_t>(i)];
  return knot.before + (knot.begin_rate + rate_inside(i, t)) / 2.0 * to_seconds(t - knot.at);
}

std::ptrdiff_t RateProfile::knot_before(Ticks t) const {
  const auto after = std::upper_bound(knots_.begin(), knots_.end(), t, [](Ticks x, const Knot& k) { return x < k.at; });
  return after - knots_.begin() - 1;
}

Ticks RateProfile::end_of(std::ptrdiff_t knot) const {
  const auto next = static_cast<std::size_t>(knot + 1);
  return next < knots_.size() ? knots_[next].at : kNever;
}

double RateProfile::rate_inside(std::ptrdiff_t knot, Ticks t) const {
  if (knot < 0) return first_rate_;
  const Knot& k = knots_[static_cast<std::size_t>(knot)];
  const Ticks end = end_of(knot);
  if (k.begin_rate == k.end_rate || t <= k.at) return k.begin_rate;
  if (t >= end) return k.end_rate;
  return k.begin_rate + (k.end_rate - k.begin_rate) * (static_cast<double>(t - k.at) / static_cast<double>(end - k.at));
}

}  // namespace sim
