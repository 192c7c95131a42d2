// Draws the points of a Poisson process in one piece of a rate profile, eight requests at a time, with their demands.
//
// Each request takes one 64-bit number: its lower half for the gap to the one before, its upper half for the demand.
// Sums of gaps are integers, so both versions give the same bytes. Plain functions of their arguments.
#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>

#include "sim/traffic/quantile_table.h"
#include "sim/traffic/rate_profile.h"
#include "sim/traffic/ticks.h"
#include "sim/traffic/xoshiro.h"

namespace sim {

// Eight xoshiro256++ side by side, each seeded by its own part of one SplitMix64 sequence.
struct GeneratorLanes {
  static constexpr std::size_t kLanes = 8;

  explicit GeneratorLanes(std::uint64_t seed) {
    for (auto& word : state) {
      for (std::uint64_t& lane : word) lane = mix64(seed += 0x9e3779b97f4a7c15ULL);
    }
  }

  alignas(64) std::array<std::array<std::uint64_t, kLanes>, 4> state{};
};

// Longer demands, 52 days, are cut off, so that no sum of times overflows.
inline constexpr Ticks kLongestDemand = Ticks{1} << 52;

constexpr Ticks to_demand(double x) {
  return std::min(kLongestDemand, std::max<Ticks>(1, static_cast<Ticks>(std::min(x, 0x1p60))));
}

// How the integral of the rate, in units of 2^-28 requests, maps to time.
struct PoissonPiece {
  static constexpr double kUnit = 0x1p28;

  explicit PoissonPiece(const RateProfile::Piece& piece);

  std::uint64_t limit;  // the integral at the end
  Ticks begin;
  double last;  // offset of the last tick
  bool flat;
  double ticks_per_unit;  // flat
  double rate;            // sloped: at the beginning,
  double rate_squared;
  double double_slope;  // and twice its growth per second
};

struct PoissonColumns {
  const QuantileTable::Cell* gap;  // of mean kUnit
  const QuantileTable::Cell* demand;
  Ticks* at;
  Ticks* demands;
};

// Fills up to `room` places, a multiple of the lanes; fewer if the piece ends before. `y` is the integral so far.
std::size_t draw_poisson_plain(const PoissonPiece& piece, GeneratorLanes& bits, std::uint64_t& y,
                               const PoissonColumns& columns, std::size_t room);
std::size_t draw_poisson_vector(const PoissonPiece& piece, GeneratorLanes& bits, std::uint64_t& y,
                                const PoissonColumns& columns, std::size_t room);

}  // namespace sim
