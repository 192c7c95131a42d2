// The measured part of the run. A plain value.
#pragma once

#include <algorithm>

#include "sim/traffic/ticks.h"

namespace sim {

struct Interval {
  Ticks begin = 0;
  Ticks end = 0;
  // Clipping both ends of a stay gives the stay's share of a time integral over the interval.
  Ticks clip(Ticks t) const { return std::min(std::max(t, begin), end); }
};

}  // namespace sim
