#include "sim/traffic/arrival_process.h"

#include <algorithm>
#include <cmath>

#include "common/base/check.h"
#include "sim/traffic/poisson_points.h"
#include "sim/traffic/vector_unit.h"
#include "sim/traffic/xoshiro.h"

namespace sim {
namespace {

std::uint32_t high_half(std::uint64_t bits) { return static_cast<std::uint32_t>(bits >> 32); }

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

// Unit-rate Poisson points mapped into one piece. Points beyond its end are dropped: the exponential has no memory.
void draw_piece(const RateProfile::Piece& piece, const QuantileTable& gap, const QuantileTable& demand, bool vector,
                GeneratorLanes& bits, ArrivalBatch& batch) {
  constexpr std::size_t kRoom = 512;  // requests drawn between two checks for room in the batch
  const PoissonPiece poisson(piece);
  if (poisson.limit == 0) return;
  std::size_t n = batch.size();
  std::uint64_t y = 0;
  for (;;) {
    batch.at.resize(n + kRoom);
    batch.demand.resize(n + kRoom);
    const PoissonColumns columns{gap.cells(), demand.cells(), batch.at.data() + n, batch.demand.data() + n};
    const std::size_t drawn = vector ? draw_poisson_vector(poisson, bits, y, columns, kRoom)
                                     : draw_poisson_plain(poisson, bits, y, columns, kRoom);
    n += drawn;
    if (drawn < kRoom) break;
  }
  batch.at.resize(n);
  batch.demand.resize(n);
}

}  // namespace

ArrivalProcess::ArrivalProcess(RateProfile profile, ArrivalOptions options, const QuantileTable& demand,
                               base::Random stream, bool vector_paths)
    : profile_(std::move(profile)),
      options_(options),
      demand_(demand),
      vector_(vector_paths && has_vector_unit()),
      gap_(QuantileTable::exponential(PoissonPiece::kUnit)),
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
  GeneratorLanes bits(slices_.fork(static_cast<std::uint64_t>(slice)).key());
  profile_.for_each_piece(slice * kSlice, (slice + 1) * kSlice, [&](RateProfile::Piece piece) {
    piece.begin_rate *= multiplier;
    piece.end_rate *= multiplier;
    draw_piece(piece, gap_, demand_, vector_, bits, batch);
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
