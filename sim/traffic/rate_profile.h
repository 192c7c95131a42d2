// Requests per second as a function of virtual time: piecewise linear, with jumps where pieces meet, and its integral.
//
// Before the first knot and after the last the rate is constant (a trace: zero). Immutable, so safe to share.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "common/base/result.h"
#include "sim/traffic/ticks.h"

namespace sim {

class RateProfile {
 public:
  enum class Interpolation { kLinear, kStep };
  struct Point {
    Ticks at = 0;
    double rate = 0;  // requests per second
  };
  // Steepens a stretch and leaves the rest of the clock alone: the rate at `from` is held until
  // around - (around - from)/factor, the profile from `from` to `to` then plays `factor` times as fast, so that
  // `around` stays where it is, and the rate at `to` is held until `to`. Rates are not multiplied.
  struct Squeeze {
    Ticks from = 0;
    Ticks around = 0;
    Ticks to = 0;
    double factor = 1;
  };
  // A stretch of time over which the rate goes from one value to another along a line.
  struct Piece {
    Ticks begin = 0;
    Ticks end = 0;
    double begin_rate = 0;
    double end_rate = 0;
    double expected() const { return (begin_rate + end_rate) / 2.0 * to_seconds(end - begin); }
  };

  static RateProfile constant(double rate);
  // kInvalid unless there is a point, times increase and rates are finite and not negative. The first rate holds
  // before the first point and the last after the last.
  static base::Result<RateProfile> from_points(std::span<const Point> points, Interpolation interpolation);
  // `counts[i]` requests, evenly over [origin + i*step, origin + (i+1)*step); none outside.
  static base::Result<RateProfile> from_counts(std::span<const std::uint64_t> counts, Ticks origin, Ticks step);

  // Every rate times `factor`. kInvalid if that is negative or not finite.
  base::Result<RateProfile> scaled(double factor) const;
  // kInvalid unless from < around < to and factor >= 1.
  base::Result<RateProfile> squeezed(const Squeeze& squeeze) const;

  // At a jump: the rate after it.
  double rate_at(Ticks t) const;
  // The expected number of requests from an origin of the profile's own to `t`. Monotone; the same bits for the same
  // `t`.
  double cumulative(Ticks t) const;
  double expected(Ticks from, Ticks to) const { return cumulative(to) - cumulative(from); }

  // Calls visit(Piece) for the pieces of [from, to) in order; together they cover it.
  template <class Visitor>
  void for_each_piece(Ticks from, Ticks to, Visitor visit) const {
    for (std::ptrdiff_t i = knot_before(from); from < to; ++i) {
      const Ticks end = std::min(to, end_of(i));
      if (end <= from) continue;
      visit(Piece{from, end, rate_inside(i, from), rate_inside(i, end)});
      from = end;
    }
  }

 private:
  struct Knot {
    Ticks at = 0;
    double begin_rate = 0;  // just after `at`
    double end_rate = 0;    // just before the next knot; the last knot: begin_rate, for ever
    double before = 0;      // expected requests between the first knot and this one
  };

  RateProfile(double first_rate, std::vector<Knot> knots);

  // The index of the last knot at or before `t`; -1 before the first.
  std::ptrdiff_t knot_before(Ticks t) const;
  Ticks end_of(std::ptrdiff_t knot) const;
  // On the line of the piece that `knot` begins, its ends included.
  double rate_inside(std::ptrdiff_t knot, Ticks t) const;

  double first_rate_;  // before the first knot
  std::vector<Knot> knots_;
};

}  // namespace sim
