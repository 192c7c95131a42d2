#include "sim/service/outcome_log.h"

#include <algorithm>
#include <bit>

#include "sim/traffic/vector_unit.h"

namespace sim {
namespace {

using Rules = OutcomeLog::Rules;

// What a pass adds up.
struct Sums {
  std::uint64_t latency = 0;
  std::uint64_t held = 0;
  std::uint64_t in_time = 0;
  std::uint64_t within_slo = 0;
  Ticks longest = 0;
};

void add_plain(WindowHistogram& histogram, const Ticks* at, const Ticks* done, std::size_t n, const Rules& rules,
               Sums& sums) {
  for (std::size_t i = 0; i < n; ++i) {
    Ticks latency = done[i] - at[i];
    Ticks left = done[i];
    const bool late = latency > rules.timeout;
    if (late && (rules.cancels || left == kNever)) left = at[i] + rules.timeout;
    sums.held += static_cast<std::uint64_t>(rules.measured.clip(left) - rules.measured.clip(at[i]));
    if (late) continue;
    latency = std::min(latency, kLongestLatency);
    histogram.add(latency);
    sums.latency += static_cast<std::uint64_t>(latency);
    ++sums.in_time;
    sums.within_slo += static_cast<std::uint64_t>(latency <= rules.slo);
    sums.longest = std::max(sums.longest, latency);
  }
}

#if SIM_HAS_VECTOR_CODE
// The bucket of a value of at least 256 units is the top of the bits of its double: exponent and first 8 bits of the
// mantissa are octave and place in it.
[[SIM_VECTOR_TARGET]] inline __m512i buckets_of(__m512i values, __m512i& shifts) {
  using H = WindowHistogram;
  constexpr std::int64_t kFirst = std::int64_t{1} << H::kSubBits;
  const __m512i units = _mm512_srli_epi64(_mm512_min_epi64(values, _mm512_set1_epi64(H::kTop)), H::kUnitBits);
  const __m512i top = _mm512_srli_epi64(_mm512_castpd_si512(_mm512_cvtepi64_pd(units)), 52 - H::kSubBits);
  // 1023: the bias of the exponent.
  const __m512i place = _mm512_sub_epi64(top, _mm512_set1_epi64((1023 + H::kSubBits - 1) << H::kSubBits));
  const __mmask8 large = _mm512_cmpge_epi64_mask(units, _mm512_set1_epi64(kFirst));
  const __m512i bucket = _mm512_mask_mov_epi64(units, large, place);
  const __m512i shift = _mm512_max_epi64(
      _mm512_setzero_si512(), _mm512_sub_epi64(_mm512_srli_epi64(bucket, H::kSubBits), _mm512_set1_epi64(1)));
  shifts = _mm512_or_si512(shifts, _mm512_sllv_epi64(_mm512_set1_epi64(1), shift));
  return bucket;
}

[[SIM_VECTOR_TARGET]] void add_vector(WindowHistogram& histogram, const Ticks* at, const Ticks* done, std::size_t n,
                                      const Rules& rules, Sums& sums) {
  const __m512i latest = _mm512_set1_epi64(rules.timeout);
  const __m512i objective = _mm512_set1_epi64(rules.slo);
  const __m512i begin = _mm512_set1_epi64(rules.measured.begin);
  const __m512i end = _mm512_set1_epi64(rules.measured.end);
  __m512i sum = _mm512_setzero_si512();
  __m512i held = _mm512_setzero_si512();
  __m512i longest = _mm512_setzero_si512();
  __m512i shifts = _mm512_setzero_si512();
  std::uint32_t* const counts = histogram.buckets();
  std::size_t i = 0;
  for (; i + 8 <= n; i += 8) {
    const __m512i from = _mm512_load_si512(at + i);
    const __m512i to = _mm512_load_si512(done + i);
    __m512i latency = _mm512_sub_epi64(to, from);
    if (_mm512_cmpgt_epi64_mask(latency, latest) != 0) {
      add_plain(histogram, at + i, done + i, 8, rules, sums);
      continue;
    }
    latency = _mm512_min_epi64(latency, _mm512_set1_epi64(kLongestLatency));
    sum = _mm512_add_epi64(sum, latency);
    longest = _mm512_max_epi64(longest, latency);
    const __m512i clipped_to = _mm512_min_epi64(_mm512_max_epi64(to, begin), end);
    const __m512i clipped_from = _mm512_min_epi64(_mm512_max_epi64(from, begin), end);
    held = _mm512_add_epi64(held, _mm512_sub_epi64(clipped_to, clipped_from));
    const unsigned good = _mm512_cmple_epi64_mask(latency, objective);
    sums.within_slo += static_cast<std::uint64_t>(std::popcount(good));
    sums.in_time += 8;
    alignas(64) std::uint64_t bucket[8];
    _mm512_store_si512(bucket, buckets_of(latency, shifts));
    for (const std::uint64_t b : bucket) ++counts[b];
  }
  sums.latency += static_cast<std::uint64_t>(_mm512_reduce_add_epi64(sum));
  sums.held += static_cast<std::uint64_t>(_mm512_reduce_add_epi64(held));
  sums.longest = std::max<Ticks>(sums.longest, _mm512_reduce_max_epi64(longest));
  histogram.note_shifts(static_cast<std::uint64_t>(_mm512_reduce_or_epi64(shifts)));
  add_plain(histogram, at + i, done + i, n - i, rules, sums);
}
#endif

}  // namespace

std::uint64_t OutcomeLog::count(Window& window, std::size_t n, std::size_t n_waits) const {
  Sums sums;
  const auto add = [&](auto pass) { pass(window.latency, columns_.at.data(), columns_.done.data(), n, rules_, sums); };
#if SIM_HAS_VECTOR_CODE
  vector_ ? add(add_vector) : add(add_plain);
#else
  add(add_plain);
#endif
  window.latency_sum += sums.latency;
  window.latency_max = std::max(window.latency_max, sums.longest);
  window.within_slo += sums.within_slo;
  window.timed_out += n - sums.in_time;
  window.wait->add_zeros(sums.in_time - n_waits);
  std::uint64_t waited = 0;
  for (std::size_t i = 0; i < n_waits; ++i) {
    const Ticks wait = std::min(columns_.waits[i], kLongestLatency);
    window.wait->add(wait);
    waited += static_cast<std::uint64_t>(wait);
  }
  window.wait_sum += waited;
  return sums.held;
}

}  // namespace sim
