// A queue of small records by slice: pushed for any slice to come, taken a slice at a time in no particular order.
//
// The next 128 s are chains of blocks from one pool, so a push writes next to the last one of its slice; what lies
// further ahead waits in a bin for each 128 s. Memory is proportional to the records held. Not thread-safe.
#pragma once

#include <algorithm>
#include <array>
#include <cstdint>
#include <limits>
#include <map>
#include <vector>

namespace sim {

class SliceWheel {
 public:
  // The first slice that is to be taken.
  explicit SliceWheel(std::int64_t first = 0) : next_(first) {}

  std::int64_t next() const { return next_; }
  std::uint64_t size() const { return size_; }

  // REQUIRES: slice >= next().
  void push(std::int64_t slice, std::uint64_t record) {
    ++size_;
    if (slice - next_ < kNear) {
      append(slice, record);
    } else {
      push_far(slice, record);
    }
  }

  // Replaces `out` by the records of slice next(), and goes on to the one after it.
  void take(std::vector<std::uint64_t>& out) {
    out.clear();
    if ((next_ & (kNear - 1)) == 0 && !far_.empty()) bring_near();
    std::uint32_t& tail = tails_[place(next_)];
    while (tail != kNone) {
      const Block& block = blocks_[tail / kBlockSize];
      const auto before = static_cast<std::uint32_t>(block[0]);
      if (before != kNone) prefetch(blocks_[before / kBlockSize]);
      out.insert(out.end(), block.begin() + 1, block.begin() + 1 + tail % kBlockSize);
      free_.push_back(tail / kBlockSize);
      tail = before;
    }
    size_ -= out.size();
    ++next_;
  }

  // Bytes held, in use or not.
  std::uint64_t memory() const {
    std::uint64_t bytes =
        blocks_.capacity() * sizeof(Block) + (tails_.capacity() + free_.capacity()) * sizeof(std::uint32_t);
    for (const auto& [bin, records] : far_) bytes += records.capacity() * sizeof(Far);
    return bytes;
  }

 private:
  static constexpr std::int64_t kNear = 2048;  // slices; a power of two
  static constexpr std::uint32_t kNone = std::numeric_limits<std::uint32_t>::max();
  static constexpr std::uint32_t kBlockSize = 32;

  // The first word is the tail of the block before it in the same slice, the others are records.
  using Block = std::array<std::uint64_t, kBlockSize>;
  struct Far {
    std::int64_t slice;
    std::uint64_t record;
  };

  static void prefetch(const Block& block) {
    for (std::size_t i = 0; i < kBlockSize; i += 8) __builtin_prefetch(&block[i]);
  }
  static std::size_t place(std::int64_t slice) { return static_cast<std::size_t>(slice & (kNear - 1)); }
  // Slices go into bins of kNear, aligned; the shift of a negative number rounds down.
  static std::int64_t bin_of(std::int64_t slice) { return slice >> 11; }
  static_assert(kNear == std::int64_t{1} << 11);

  void append(std::int64_t slice, std::uint64_t record) {
    std::uint32_t& tail = tails_[place(slice)];
    // The last place of a block, or kNone.
    if ((tail + 1) % kBlockSize == 0) chain(tail);
    ++tail;
    blocks_[tail / kBlockSize][tail % kBlockSize] = record;
  }
  void chain(std::uint32_t& tail) {
    if (free_.empty()) {
      free_.push_back(static_cast<std::uint32_t>(blocks_.size()));
      blocks_.emplace_back();
    }
    const std::uint32_t block = free_.back();
    free_.pop_back();
    blocks_[block][0] = tail;
    tail = block * kBlockSize;
  }

  void push_far(std::int64_t slice, std::uint64_t record) {
    const std::int64_t bin = bin_of(slice);
    if (last_far_ == nullptr || bin != last_bin_) {
      last_far_ = &far_[bin];
      last_bin_ = bin;
    }
    last_far_->push_back({slice, record});
  }
  // REQUIRES: next() begins a bin. What is further than kNear ahead lies in a later bin, so no bin is ever late.
  void bring_near() {
    const auto first = far_.begin();
    if (first->first != bin_of(next_)) return;
    for (const Far& f : first->second) append(f.slice, f.record);
    if (last_far_ == &first->second) last_far_ = nullptr;
    far_.erase(first);
  }

  std::int64_t next_;
  std::uint64_t size_ = 0;
  // By slice: block * kBlockSize + the place in it of the last record; kNone if there is none.
  std::vector<std::uint32_t> tails_ = std::vector<std::uint32_t>(static_cast<std::size_t>(kNear), kNone);
  std::vector<Block> blocks_;
  std::vector<std::uint32_t> free_;               // blocks
  std::map<std::int64_t, std::vector<Far>> far_;  // by bin; nodes stay where they are
  std::vector<Far>* last_far_ = nullptr;          // the bin of the last far push
  std::int64_t last_bin_ = 0;
};

}  // namespace sim
