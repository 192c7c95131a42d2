// A queue of (time, number) in that order for times that mostly lie within a wheel's turn of the earliest: buckets so
// narrow that most hold one entry or none, found through two levels of bits; what lies further ahead waits in a heap.
#pragma once

#include <algorithm>
#include <array>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <vector>

#include "sim/service/dary_heap.h"
#include "sim/traffic/ticks.h"

namespace sim {

class TimeWheel {
 public:
  struct Entry {
    Ticks at;
    std::uint32_t number;
    bool operator<(const Entry& b) const { return at != b.at ? at < b.at : number < b.number; }
  };

  // A turn takes a quarter of a second, or what times of six times `usual` ahead need.
  explicit TimeWheel(Ticks usual = 0)
      : bucket_bits_(
            std::max(12, static_cast<int>(std::bit_width(static_cast<std::uint64_t>(usual) * 6)) - kPlaceBits)) {}

  bool empty() const { return top_time_ == kNever; }

  void push(Ticks at, std::uint32_t number) {
    const std::int64_t bucket = at >> bucket_bits_;
    if (in_wheel_ == 0) base_ = top_bucket_ = bucket;
    if (static_cast<std::uint64_t>(bucket - base_) >= kBuckets) [[unlikely]] {
      far_.push({at, number});
    } else {
      top_bucket_ = std::min(top_bucket_, bucket);
      chain(place_of(bucket), {at, number});
    }
    top_time_ = std::min(top_time_, at);
  }

  // kNever if it is empty.
  Ticks top_time() const { return top_time_; }
  // REQUIRES: not empty.
  const Entry& top() const { return top_is_far() ? far_.top() : links_[heads_[place_of(top_bucket_)]].entry; }
  Entry pop() {
    if (top_is_far()) [[unlikely]] {
      const Entry entry = far_.top();
      far_.pop();
      find_top_time();
      return entry;
    }
    const std::size_t place = place_of(top_bucket_);
    const std::uint32_t link = heads_[place];
    const Entry entry = links_[link].entry;
    const std::uint32_t after = links_[link].next;
    links_[link].next = free_;
    free_ = link;
    heads_[place] = after;
    base_ = top_bucket_;
    --in_wheel_;
    if (after == kNone) {
      used_[place / 64] &= ~(std::uint64_t{1} << (place % 64));
      if (used_[place / 64] == 0) used_words_[place / 4096] &= ~(std::uint64_t{1} << (place / 64 % 64));
      if (in_wheel_ > 0) find_top_bucket();
    }
    find_top_time();
    return entry;
  }

 private:
  static constexpr int kPlaceBits = 16;
  static constexpr std::int64_t kBuckets = std::int64_t{1} << kPlaceBits;
  static constexpr std::size_t kWords = kBuckets / 64;
  static constexpr std::uint32_t kNone = std::numeric_limits<std::uint32_t>::max();

  struct Link {
    Entry entry;
    std::uint32_t next;
  };

  static std::size_t place_of(std::int64_t bucket) { return static_cast<std::size_t>(bucket & (kBuckets - 1)); }
  bool top_is_far() const {
    if (far_.empty()) [[likely]]
      return false;
    return in_wheel_ == 0 || far_.top() < links_[heads_[place_of(top_bucket_)]].entry;
  }
  void find_top_time() {
    top_time_ = in_wheel_ == 0 ? kNever : links_[heads_[place_of(top_bucket_)]].entry.at;
    if (!far_.empty()) [[unlikely]]
      top_time_ = std::min(top_time_, far_.top().at);
  }

  void chain(std::size_t place, const Entry& entry) {
    std::uint32_t link = free_;
    if (link == kNone) [[unlikely]] {
      link = static_cast<std::uint32_t>(links_.size());
      links_.push_back({});
    } else {
      free_ = links_[link].next;
    }
    ++in_wheel_;
    used_[place / 64] |= std::uint64_t{1} << (place % 64);
    used_words_[place / 4096] |= std::uint64_t{1} << (place / 64 % 64);
    std::uint32_t* to = &heads_[place];
    while (*to != kNone && links_[*to].entry < entry) to = &links_[*to].next;
    links_[link] = {entry, *to};
    *to = link;
  }

  // The first used bucket from the top one on. REQUIRES: one is.
  void find_top_bucket() {
    const std::size_t from = place_of(top_bucket_);
    std::size_t place = 0;
    if (const std::uint64_t here = used_[from / 64] >> (from % 64); here != 0) {
      place = from + static_cast<std::size_t>(std::countr_zero(here));
      const std::uint64_t more = here & (here - 1);
      const std::size_t next = from + static_cast<std::size_t>(std::countr_zero(more | (std::uint64_t{1} << 63)));
      if (more != 0) __builtin_prefetch(&links_[heads_[next]]);
    } else {
      const std::size_t next_word = (from / 64 + 1) % kWords;
      std::size_t group = next_word / 64;
      std::uint64_t words = used_words_[group] & (~std::uint64_t{0} << (next_word % 64));
      while (words == 0) {
        group = (group + 1) % used_words_.size();
        words = used_words_[group];
      }
      const std::size_t word = group * 64 + static_cast<std::size_t>(std::countr_zero(words));
      place = word * 64 + static_cast<std::size_t>(std::countr_zero(used_[word]));
    }
    top_bucket_ += static_cast<std::int64_t>((place - from) & (kBuckets - 1));
  }

  const int bucket_bits_;
  Ticks top_time_ = kNever;
  std::int64_t base_ = 0;        // entries of the wheel lie in [base, base + kBuckets)
  std::int64_t top_bucket_ = 0;  // the first of them
  std::size_t in_wheel_ = 0;
  std::uint32_t free_ = kNone;
  std::vector<std::uint32_t> heads_ = std::vector<std::uint32_t>(kBuckets, kNone);  // sorted chains
  std::vector<std::uint64_t> used_ = std::vector<std::uint64_t>(kWords);            // a bit a bucket
  std::array<std::uint64_t, kWords / 64> used_words_{};                             // a bit a word of used_
  std::vector<Link> links_;
  DaryHeap<Entry> far_;  // a turn or more ahead of the base when they came, or before it
};

}  // namespace sim
