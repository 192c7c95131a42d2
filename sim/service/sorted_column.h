// For each pod a short column of keys in decreasing order with an item beside each: the next one is at its end. Those
// of a few requests lie in one block each, so that they can be fetched before they are needed. Not thread-safe.
#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <new>
#include <vector>

#include "sim/traffic/ticks.h"

namespace sim {

struct SortedColumn {
  std::int64_t* keys;  // keys[-1] is kNever
  std::int64_t* items;

  // The item removed becomes the first of those behind the n.
  void remove(std::size_t place, std::size_t n) const {
    const std::int64_t item = items[place];
    std::move(keys + place + 1, keys + n, keys + place);
    std::move(items + place + 1, items + n, items + place);
    items[n - 1] = item;
  }
};

class SortedColumns {
 public:
  // Keys and items that there is a place for at first: with the border two cache lines of each.
  static constexpr std::uint32_t kFirstRoom = 15;

  void emplace_back() {
    begin(blocks_.emplace_back().words.data(), kShort, 0);
    long_.emplace_back();
  }
  void prefetch(std::uint32_t slot) const {
    __builtin_prefetch(blocks_[slot].words.data());
    __builtin_prefetch(blocks_[slot].words.data() + kShort);
  }
  // `room` is what the slot has; its owner remembers it beside what it looks at anyway.
  SortedColumn at(std::uint32_t slot, std::uint32_t room) {
    if (room == kFirstRoom) [[likely]]
      return of(blocks_[slot].words.data(), kShort);
    return of(long_[slot].get(), std::size_t{room} + 1);
  }
  // Twice as much and one; the first n are kept, the items behind them too. Returns the room.
  std::uint32_t grow(std::uint32_t slot, std::uint32_t room, std::size_t n) {
    const std::size_t size = 2 * (std::size_t{room} + 1);
    Words words(static_cast<std::int64_t*>(::operator new (2 * size * sizeof(std::int64_t), std::align_val_t{64})));
    begin(words.get(), size, room);
    const SortedColumn from = at(slot, room);
    const SortedColumn to = of(words.get(), size);
    std::copy_n(from.keys, n, to.keys);
    std::copy_n(from.items, room, to.items);
    long_[slot] = std::move(words);
    return static_cast<std::uint32_t>(size) - 1;
  }

 private:
  static constexpr std::size_t kShort = kFirstRoom + 1;  // words of a column's half: a border and the keys
  struct alignas(64) Block {
    std::array<std::int64_t, 2 * kShort> words;
  };
  struct Free {
    void operator()(std::int64_t* words) const { ::operator delete (words, std::align_val_t{64}); }
  };
  using Words = std::unique_ptr<std::int64_t[], Free>;

  static SortedColumn of(std::int64_t* words, std::size_t size) { return {words + 1, words + size + 1}; }
  // Items from `first_new` on are their own places.
  static void begin(std::int64_t* words, std::size_t size, std::size_t first_new) {
    std::fill_n(words, 2 * size, std::int64_t{0});
    words[0] = kNever;
    for (std::size_t i = first_new; i + 1 < size; ++i) words[size + 1 + i] = static_cast<std::int64_t>(i);
  }

  std::vector<Block> blocks_;
  std::vector<Words> long_;  // of pods that outgrew their block
};

}  // namespace sim
