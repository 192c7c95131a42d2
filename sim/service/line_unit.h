// The operations on sorted lines of eight times that the cores' loops are made of, plain and for the vector unit. Both
// do exactly the same; a core is a template over one of them. Pure functions.
#pragma once

#include <algorithm>
#include <bit>
#include <cstddef>
#include <cstdint>

#include "sim/traffic/ticks.h"
#include "sim/traffic/vector_unit.h"

namespace sim {

inline constexpr std::size_t kLine = 8;

struct PlainUnit {
  static constexpr bool kVector = false;

  // `line` increases: its first is replaced by `value` >= it, in order.
  static void replace_first(Ticks* line, Ticks value) {
    for (std::size_t i = 0; i + 1 < kLine; ++i) line[i] = std::max(line[i], std::min(line[i + 1], value));
    line[kLine - 1] = std::max(line[kLine - 1], value);
  }
  // How many of the line are later than `now`.
  static std::uint32_t count_later(const Ticks* line, Ticks now) {
    std::uint32_t n = 0;
    for (std::size_t i = 0; i < kLine; ++i) n += static_cast<std::uint32_t>(line[i] > now);
    return n;
  }
  // `keys` decreases from keys[0] to keys[n - 1], and items go with them: puts in one more, before those below it and
  // behind its equals. keys[-1] is kNever and there is room for a whole line after the last.
  static void insert(std::int64_t* keys, std::int64_t* items, std::size_t n, std::int64_t key, std::int64_t item) {
    std::size_t i = n;
    for (; keys[static_cast<std::ptrdiff_t>(i) - 1] < key; --i) {
      keys[i] = keys[i - 1];
      items[i] = items[i - 1];
    }
    keys[i] = key;
    items[i] = item;
  }
};

#if SIM_HAS_VECTOR_CODE
struct VectorUnit {
  static constexpr bool kVector = true;

  [[SIM_VECTOR_TARGET]] static void replace_first(Ticks* line, Ticks value) {
    const __m512i old = _mm512_load_si512(line);
    const __m512i next = _mm512_alignr_epi64(_mm512_set1_epi64(kNever), old, 1);
    _mm512_store_si512(line, _mm512_max_epi64(old, _mm512_min_epi64(next, _mm512_set1_epi64(value))));
  }
  [[SIM_VECTOR_TARGET]] static std::uint32_t count_later(const Ticks* line, Ticks now) {
    const __mmask8 later = _mm512_cmpgt_epi64_mask(_mm512_load_si512(line), _mm512_set1_epi64(now));
    return static_cast<std::uint32_t>(std::popcount(static_cast<unsigned>(later)));
  }
  [[SIM_VECTOR_TARGET]] static void insert(std::int64_t* keys, std::int64_t* items, std::size_t n, std::int64_t key,
                                           std::int64_t item) {
    constexpr auto kSize = static_cast<std::ptrdiff_t>(kLine);
    const __m512i wanted = _mm512_set1_epi64(key);
    for (std::ptrdiff_t begin = static_cast<std::ptrdiff_t>(n & ~(kLine - 1));; begin -= kSize) {
      const __m512i before = _mm512_loadu_si512(keys + begin - 1);
      // Of the places before: those that hold a key, and of these the ones with a smaller one, which move up.
      const std::ptrdiff_t left = std::min<std::ptrdiff_t>(static_cast<std::ptrdiff_t>(n) - begin + 1, kSize);
      const unsigned used = (1U << left) - 1;
      const unsigned moved = _mm512_cmplt_epi64_mask(before, wanted) & used;
      const __m512i items_before = _mm512_loadu_si512(items + begin - 1);
      _mm512_mask_storeu_epi64(keys + begin, static_cast<__mmask8>(moved), before);
      _mm512_mask_storeu_epi64(items + begin, static_cast<__mmask8>(moved), items_before);
      if ((moved & 1) == 0) {
        const std::ptrdiff_t place = begin - 1 + std::popcount(used & ~moved);
        keys[place] = key;
        items[place] = item;
        return;
      }
    }
  }
};
#endif

}  // namespace sim
