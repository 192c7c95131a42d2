#include "sim/traffic/poisson_points.h"

#include <algorithm>
#include <bit>
#include <cmath>

#include "sim/traffic/vector_unit.h"

namespace sim {
namespace {

constexpr std::size_t kLanes = GeneratorLanes::kLanes;
// More would not fit into a batch, and no unsigned sum of gaps comes near its end.
constexpr double kMostUnits = 0x1p62;

Ticks time_of(const PoissonPiece& piece, std::uint64_t y) {
  const auto units = static_cast<double>(y);
  if (piece.flat) return piece.begin + static_cast<Ticks>(std::min(piece.last, units * piece.ticks_per_unit));
  const double integral = units * (1.0 / PoissonPiece::kUnit);
  const double discriminant = std::max(0.0, piece.rate_squared + piece.double_slope * integral);
  const double offset = 2e9 * integral / (piece.rate + std::sqrt(discriminant));
  return piece.begin + static_cast<Ticks>(std::min(piece.last, offset));
}

}  // namespace

PoissonPiece::PoissonPiece(const RateProfile::Piece& piece)
    : limit(static_cast<std::uint64_t>(std::min(kMostUnits, piece.expected() * kUnit))),
      begin(piece.begin),
      last(static_cast<double>(piece.end - piece.begin - 1)),
      flat(piece.begin_rate == piece.end_rate),
      ticks_per_unit(flat && piece.begin_rate > 0.0 ? 1e9 / piece.begin_rate / kUnit : 0.0),
      rate(piece.begin_rate),
      rate_squared(rate * rate),
      double_slope(2.0 * ((piece.end_rate - piece.begin_rate) / to_seconds(piece.end - piece.begin))) {}

std::size_t draw_poisson_plain(const PoissonPiece& piece, GeneratorLanes& bits, std::uint64_t& y,
                               const PoissonColumns& columns, std::size_t room) {
  auto& s = bits.state;
  std::array<std::uint64_t, kLanes> drawn{};
  for (std::size_t n = 0; n < room; n += kLanes) {
    for (std::size_t i = 0; i < kLanes; ++i) {
      drawn[i] = std::rotl(s[0][i] + s[3][i], 23) + s[0][i];
      const std::uint64_t shifted = s[1][i] << 17;
      s[2][i] ^= s[0][i];
      s[3][i] ^= s[1][i];
      s[1][i] ^= s[2][i];
      s[0][i] ^= s[3][i];
      s[2][i] ^= shifted;
      s[3][i] = std::rotl(s[3][i], 45);
    }
    for (std::size_t i = 0; i < kLanes; ++i) {
      // At least one unit, so that no point lies on the very beginning.
      y += static_cast<std::uint64_t>(QuantileTable::at(columns.gap, static_cast<std::uint32_t>(drawn[i]))) + 1;
      if (y >= piece.limit) return n + i;
      columns.at[n + i] = time_of(piece, y);
      const double demand = QuantileTable::at(columns.demand, static_cast<std::uint32_t>(drawn[i] >> 32));
      columns.demands[n + i] = to_demand(demand);
    }
  }
  return room;
}

#if SIM_HAS_VECTOR_CODE

namespace {

[[SIM_VECTOR_TARGET]] inline __m512i next_bits(__m512i* s) {
  const __m512i result = _mm512_add_epi64(_mm512_rol_epi64(_mm512_add_epi64(s[0], s[3]), 23), s[0]);
  const __m512i shifted = _mm512_slli_epi64(s[1], 17);
  s[2] = _mm512_xor_si512(s[2], s[0]);
  s[3] = _mm512_xor_si512(s[3], s[1]);
  s[1] = _mm512_xor_si512(s[1], s[2]);
  s[0] = _mm512_xor_si512(s[0], s[3]);
  s[2] = _mm512_xor_si512(s[2], shifted);
  s[3] = _mm512_rol_epi64(s[3], 45);
  return result;
}

// Without optimisation the gather is a macro that converts its mask.
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wsign-conversion"
// QuantileTable::at() of eight cells and places inside them.
[[SIM_VECTOR_TARGET]] inline __m512d look_up(const QuantileTable::Cell* cells, __m512i index, __m512i place) {
  const __m512i number = _mm512_add_epi64(index, index);  // two doubles a cell
  const __m512d base = _mm512_i64gather_pd(number, &cells->base, 8);
  const __m512d slope = _mm512_i64gather_pd(number, &cells->slope, 8);
  return _mm512_add_pd(base, _mm512_mul_pd(slope, _mm512_cvtepi64_pd(place)));
}
#pragma GCC diagnostic pop

[[SIM_VECTOR_TARGET]] inline __m512i running_sums(__m512i x) {
  x = _mm512_add_epi64(x, _mm512_maskz_alignr_epi64(0xfe, x, x, 7));
  x = _mm512_add_epi64(x, _mm512_maskz_alignr_epi64(0xfc, x, x, 6));
  return _mm512_add_epi64(x, _mm512_maskz_alignr_epi64(0xf0, x, x, 4));
}

[[SIM_VECTOR_TARGET]] inline __m512i times_of(const PoissonPiece& piece, __m512i y) {
  const __m512d units = _mm512_cvtepu64_pd(y);
  __m512d offset = _mm512_mul_pd(units, _mm512_set1_pd(piece.ticks_per_unit));
  if (!piece.flat) {
    const __m512d integral = _mm512_mul_pd(units, _mm512_set1_pd(1.0 / PoissonPiece::kUnit));
    const __m512d grown = _mm512_mul_pd(_mm512_set1_pd(piece.double_slope), integral);
    const __m512d discriminant =
        _mm512_max_pd(_mm512_add_pd(_mm512_set1_pd(piece.rate_squared), grown), _mm512_setzero_pd());
    const __m512d divisor = _mm512_add_pd(_mm512_set1_pd(piece.rate), _mm512_sqrt_pd(discriminant));
    offset = _mm512_div_pd(_mm512_mul_pd(_mm512_set1_pd(2e9), integral), divisor);
  }
  offset = _mm512_min_pd(offset, _mm512_set1_pd(piece.last));
  return _mm512_add_epi64(_mm512_set1_epi64(piece.begin), _mm512_cvttpd_epi64(offset));
}

}  // namespace

[[SIM_VECTOR_TARGET]] std::size_t draw_poisson_vector(const PoissonPiece& piece, GeneratorLanes& bits, std::uint64_t& y,
                                                      const PoissonColumns& columns, std::size_t room) {
  __m512i state[4];
  for (std::size_t i = 0; i < 4; ++i) state[i] = _mm512_load_si512(bits.state[i].data());
  const __m512i low = _mm512_set1_epi64(0xffffffff);
  const __m512i one = _mm512_set1_epi64(1);
  const __m512i limit = _mm512_set1_epi64(static_cast<std::int64_t>(piece.limit));
  __m512i before = _mm512_set1_epi64(static_cast<std::int64_t>(y));
  std::size_t n = 0;
  for (; n < room; n += kLanes) {
    const __m512i drawn = next_bits(state);
    const __m512i tail = _mm512_or_si512(_mm512_slli_epi32(drawn, 1), _mm512_set1_epi32(1));
    const __m512i octave = _mm512_lzcnt_epi32(tail);
    const __m512i inside = _mm512_sllv_epi32(_mm512_slli_epi32(tail, 1), octave);
    const __m512i upper = _mm512_slli_epi32(_mm512_srli_epi32(drawn, 31), 5);
    const __m512i cell =
        _mm512_or_si512(_mm512_slli_epi32(_mm512_or_si512(upper, octave), 6), _mm512_srli_epi32(inside, 26));
    const __m512i place = _mm512_and_si512(inside, _mm512_set1_epi32(0x3ffffff));

    const __m512d gap = look_up(columns.gap, _mm512_and_si512(cell, low), _mm512_and_si512(place, low));
    const __m512i steps = _mm512_add_epi64(_mm512_cvttpd_epi64(gap), one);
    const __m512i now = _mm512_add_epi64(before, running_sums(steps));
    before = _mm512_permutexvar_epi64(_mm512_set1_epi64(kLanes - 1), now);
    _mm512_storeu_si512(columns.at + n, times_of(piece, now));
    const __m512d demand = look_up(columns.demand, _mm512_srli_epi64(cell, 32), _mm512_srli_epi64(place, 32));
    const __m512i ticks = _mm512_cvttpd_epi64(_mm512_min_pd(demand, _mm512_set1_pd(0x1p60)));
    const __m512i longest = _mm512_set1_epi64(kLongestDemand);
    _mm512_storeu_si512(columns.demands + n, _mm512_min_epi64(longest, _mm512_max_epi64(one, ticks)));

    const __mmask8 inside_piece = _mm512_cmplt_epu64_mask(now, limit);
    if (inside_piece != 0xff) {
      n += static_cast<std::size_t>(std::popcount(static_cast<unsigned>(inside_piece)));
      break;
    }
  }
  for (std::size_t i = 0; i < 4; ++i) _mm512_store_si512(bits.state[i].data(), state[i]);
  y = static_cast<std::uint64_t>(_mm_cvtsi128_si64(_mm512_castsi512_si128(before)));
  return n;
}

#else

std::size_t draw_poisson_vector(const PoissonPiece& piece, GeneratorLanes& bits, std::uint64_t& y,
                                const PoissonColumns& columns, std::size_t room) {
  return draw_poisson_plain(piece, bits, y, columns, room);
}

#endif

}  // namespace sim
