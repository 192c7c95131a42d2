// The client's side of failures: which attempts are sent again, when, and with what demand.
//
// Jitter and demand of a retry are a hash of (seed, first arrival, attempt), so they are the same under every policy.
// Not thread-safe; owned by a core.
#pragma once

#include <algorithm>
#include <cstdint>

#include "common/base/random.h"
#include "sim/service/dary_heap.h"
#include "sim/service/engine_options.h"
#include "sim/traffic/quantile_table.h"
#include "sim/traffic/xoshiro.h"

namespace sim {

// One sending of a request.
struct Attempt {
  Ticks at = 0;
  Ticks first = 0;  // when the request was sent for the first time
  Ticks demand = 0;
  std::uint32_t tries = 0;  // sendings before this one
};

class Retries {
 public:
  Retries(const ClientOptions& options, const QuantileTable& demand, const base::Random& stream);

  // Feeds the budget.
  void count_first_attempt() { ++uncounted_; }
  // `failed` is known at `now` to have failed. False if it is not sent again.
  bool send_again(const Attempt& failed, Ticks now);

  // kNever if none waits.
  Ticks next_at() const { return waiting_.empty() ? kNever : waiting_.top().at; }
  // REQUIRES: one waits. In the order of (at, first, tries).
  Attempt pop();

 private:
  static constexpr std::int64_t kToken = 1'000'000'000;

  struct Waiting {
    Ticks at;
    Ticks first;
    std::uint32_t tries;
    bool operator<(const Waiting& b) const {
      if (at != b.at) return at < b.at;
      return first != b.first ? first < b.first : tries < b.tries;
    }
  };
  std::uint64_t draw(Ticks first, std::uint32_t tries) const;

  const ClientOptions options_;
  const QuantileTable& demand_;
  const std::uint64_t key_;
  std::int64_t gain_ = 0;
  std::int64_t tokens_ = 0;
  std::uint64_t uncounted_ = 0;  // first attempts whose gain is not in tokens_
  DaryHeap<Waiting> waiting_;
};

}  // namespace sim
