// How many requests all sources are expected to send in an interval. Thread-compatible.
#pragma once

#include <vector>

#include "common/base/random.h"
#include "sim/service/engine_options.h"

namespace sim {

class CohortArrivals {
 public:
  // `stream` is the fork from which the exact engine's sources draw: gamma multipliers are the same as there.
  CohortArrivals(const EngineOptions& options, const base::Random& stream);

  // REQUIRES: both in one second.
  double expected(Ticks from, Ticks to) const;

 private:
  double multiplier(std::size_t source, std::int64_t second) const;

  const EngineOptions& options_;
  std::vector<base::Random> multipliers_;
};

}  // namespace sim
