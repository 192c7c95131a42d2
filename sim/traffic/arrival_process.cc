#include "sim/traffic/arrival_process.h"

#include <algorithm>
#include <cmath>

#include "common/base/check.h"
#include "sim/traffic/xoshiro.h"

namespace sim {
namespace {

// Requests drawn between two checks for room in the batch.
constexpr std::size_t kBlock = 256;

// How far into the piece its integrated rate reaches `y`, in ticks. Stable for slopes of both signs.
struct Inverse {
  explicit Inverse(const RateProfile::Piece& piece)
      : rate(piece.begin_rate),
        slope((piece.end_rate - piece.begin_rate) / to_seconds(piece.end - piece.begin)),
        last(static_cast<double>(piece.end - piece.begin - 1)) {}

  Ticks operator()(double y) const {
    const double discriminant = std::max(0.0, rate * rate + 2.0 * slope * y);
    return static_cast<Ticks>(std::min(last, 2e9 * y / (rate + std::sqrt(discriminant))));
  }

  double rate;
  double slope;
  double last;
};

Ticks to_demand(double x) { return std::max<Ticks>(1, static_cast<Ticks>(x)); }

std::uint32_t low_half(std::uint64_t bits) { return static_cast<std::uint32_t>(bits); }
std::uint32_t high_half(std::uint64_t bits) { return static_cast<std::uint32_t>(bits >> 32); }

// Unit-rate Poisson points mapped into one piece. Points beyond its end are dropped: the exponential has no memory.
template <class ToOffset>
void draw_piece(Ticks begin, double expected, ToOffset to_offset, const QuantileTable& gap, const QuantileTable& demand,
                Xoshiro& bits, ArrivalBatch& batch) {
  std::size_t n = batch.size();
  double y = 0.0;
  for (bool inside = expected > 0.0; inside;) {
    batch.at.resize(n + kBlock);
    batch.demand.resize(n + kBlock);
    for (const std::size_t full = n + kBlock; n < full; ++n) {
      const std::uint64_t draw = bits.next();
      y += gap(low_half(draw));
      if (y >= expected) {
        inside = false;
        break;
      }
      batch.at[n] = begin + to_offset(y);
      batch.demand[n] = to_demand(demand(high_half(draw)));
    }
  }
  batch.at.resize(n);
  batch.demand.resize(n);
}

}  // namespace

ArrivalProcess::ArrivalProcess(RateProfile profile, ArrivalOptions options, const QuantileTable& demand,
                               base::Random stream)
    : profile_(std::move(profile)),
      options_(options),
      demand_(demand),
      slices_(stream.fork("slice")),
      multipliers_(stream.fork("gamma")) {
  CHECK(options_.process != ArrivalOptions::Process::kGamma || options_.dispersion >= 1.0,
        "a gamma-modulated Poisson process has a dispersion of at least 1");
}

void ArrivalProcess::generate(std::int64_t slice, ArrivalBatch& batch) const {
  batch.clear();
  switch (options_.process) {
    case ArrivalOptions::Process::kPoisson: return poisson(slice, 1.0, batch);
    case ArrivalOptions::Process::kDeterministic: return deterministic(slice, batch);
    case ArrivalOptions::Process::kGamma:
      return poisson(slice, gamma_multiplier(step_of(slice * kSlice, kSecond)), batch);
  }
}

void ArrivalProcess::poisson(std::int64_t slice, double multiplier, ArrivalBatch& batch) const {
  Xoshiro bits(slices_.fork(static_cast<std::uint64_t>(slice)).key());
  profile_.for_each_piece(slice * kSlice, (slice + 1) * kSlice, [&](RateProfile::Piece piece) {
    piece.begin_rate *= multiplier;
    piece.end_rate *= multiplier;
    if (piece.begin_rate == piece.end_rate) {
      const double gap_ticks = 1e9 / piece.begin_rate;
      const auto last = static_cast<double>(piece.end - piece.begin - 1);
      draw_piece(
          piece.begin, piece.expected(), [=](double y) { return static_cast<Ticks>(std::min(last, y * gap_ticks)); },
          gap_, demand_, bits, batch);
    } else {
      draw_piece(piece.begin, piece.expected(), Inverse(piece), gap_, demand_, bits, batch);
    }
  });
}

void ArrivalProcess::deterministic(std::int64_t slice, ArrivalBatch& batch) const {
  Xoshiro bits(slices_.fork(static_cast<std::uint64_t>(slice)).key());
  profile_.for_each_piece(slice * kSlice, (slice + 1) * kSlice, [&](const RateProfile::Piece& piece) {
    // Both ends come from the one function of time, so neighbours neither share nor lose a request.
    const double begin = profile_.cumulative(piece.begin);
    const double end = profile_.cumulative(piece.end);
    const Inverse inverse(piece);
    for (double n = std::ceil(begin - 0.5); n + 0.5 < end; n += 1.0) {
      batch.at.push_back(piece.begin + inverse(n + 0.5 - begin));
      batch.demand.push_back(to_demand(demand_(high_half(bits.next()))));
    }
  });
}

double ArrivalProcess::gamma_multiplier(std::int64_t second) const {
  const double expected = profile_.expected(second * kSecond, (second + 1) * kSecond);
  if (expected <= 0.0 || options_.dispersion <= 1.0) return 1.0;
  const double variance = (options_.dispersion - 1.0) / expected;
  base::Random stream = multipliers_.fork(static_cast<std::uint64_t>(second));
  return stream.gamma(1.0 / variance, variance);
}

}  // namespace sim
