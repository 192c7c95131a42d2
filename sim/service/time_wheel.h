// A queue of (time, number) in that order for times that mostly lie within a second of the earliest: buckets of 0.26
// ms, sorted when their turn comes; what lies further ahead waits in a heap. About a third of a heap's cost at
// thousands of entries.
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

  bool empty() const { return size_ == 0; }

  void push(Ticks at, std::uint32_t number) {
    const std::int64_t bucket = at >> kBucketBits;
    if (size_++ == 0) open_bucket_ = bucket;
    if (bucket <= open_bucket_) {
      const Entry entry{at, number};
      const auto place = std::upper_bound(open_.begin() + static_cast<std::ptrdiff_t>(next_), open_.end(), entry);
      open_.insert(place, entry);
    } else if (bucket < open_bucket_ + kBuckets) {
      chain(bucket, {at, number});
    } else {
      far_.push({at, number});
    }
  }

  // kNever if it is empty.
  Ticks top_time() {
    if (next_ == open_.size()) {
      if (size_ == 0) return kNever;
      open_next_bucket();
    }
    return open_[next_].at;
  }
  // What top_time() is the time of. REQUIRES: that was called since the last push or pop, and was not kNever.
  const Entry& top() const { return open_[next_]; }
  Entry pop() {
    --size_;
    return open_[next_++];
  }

 private:
  static constexpr int kBucketBits = 18;
  static constexpr std::int64_t kBuckets = 4096;  // a power of two, and 64 * 64 for the two levels of bits
  static constexpr std::uint32_t kNone = std::numeric_limits<std::uint32_t>::max();

  struct Link {
    Entry entry;
    std::uint32_t next;
  };

  void chain(std::int64_t bucket, const Entry& entry) {
    std::uint32_t link = free_;
    if (link == kNone) {
      link = static_cast<std::uint32_t>(links_.size());
      links_.push_back({});
    } else {
      free_ = links_[link].next;
    }
    const auto place = static_cast<std::size_t>(bucket & (kBuckets - 1));
    links_[link] = {entry, heads_[place]};
    heads_[place] = link;
    used_[place / 64] |= std::uint64_t{1} << (place % 64);
    used_words_ |= std::uint64_t{1} << (place / 64);
  }

  // REQUIRES: a bucket after the open one, or far_, holds an entry.
  void open_next_bucket() {
    open_.clear();
    next_ = 0;
    std::int64_t bucket = std::numeric_limits<std::int64_t>::max();
    if (used_words_ != 0) bucket = next_used();
    if (!far_.empty()) bucket = std::min(bucket, far_.top().at >> kBucketBits);
    open_bucket_ = bucket;

    const auto place = static_cast<std::size_t>(bucket & (kBuckets - 1));
    for (std::uint32_t link = heads_[place]; link != kNone;) {
      open_.push_back(links_[link].entry);
      const std::uint32_t after = links_[link].next;
      links_[link].next = free_;
      free_ = link;
      link = after;
    }
    heads_[place] = kNone;
    used_[place / 64] &= ~(std::uint64_t{1} << (place % 64));
    if (used_[place / 64] == 0) used_words_ &= ~(std::uint64_t{1} << (place / 64));
    for (; !far_.empty() && far_.top().at >> kBucketBits == bucket; far_.pop()) open_.push_back(far_.top());
    std::sort(open_.begin(), open_.end());
  }

  // The first used bucket after the open one. REQUIRES: one is.
  std::int64_t next_used() const {
    const auto from = static_cast<std::size_t>((open_bucket_ + 1) & (kBuckets - 1));
    const std::uint64_t here = used_[from / 64] >> (from % 64);
    std::size_t place = 0;
    if (here != 0) {
      place = from + static_cast<std::size_t>(std::countr_zero(here));
    } else {
      // The words after this one, and around to this one itself.
      const std::size_t turn = (from / 64 + 1) % 64;
      const auto words = static_cast<std::size_t>(std::countr_zero(std::rotr(used_words_, static_cast<int>(turn))));
      const std::size_t word = (turn + words) % 64;
      place = word * 64 + static_cast<std::size_t>(std::countr_zero(used_[word]));
    }
    const auto ahead = (static_cast<std::int64_t>(place) - static_cast<std::int64_t>(from)) & (kBuckets - 1);
    return open_bucket_ + 1 + ahead;
  }

  std::size_t size_ = 0;
  std::int64_t open_bucket_ = 0;  // all entries up to its end are in open_
  std::vector<Entry> open_;       // sorted from next_ on
  std::size_t next_ = 0;
  std::vector<std::uint32_t> heads_ = std::vector<std::uint32_t>(kBuckets, kNone);
  std::array<std::uint64_t, 64> used_{};  // a bit a bucket
  std::uint64_t used_words_ = 0;          // a bit a word of used_
  std::vector<Link> links_;
  std::uint32_t free_ = kNone;
  DaryHeap<Entry> far_;  // at least kBuckets after the bucket that was open when they came
};

}  // namespace sim
