// Pods as the cores number them: 0, 1, 2, ... in the order of adding; never used again.
#pragma once

#include <cstdint>
#include <limits>

namespace sim {

inline constexpr std::uint32_t kNoPod = std::numeric_limits<std::uint32_t>::max();

}  // namespace sim
