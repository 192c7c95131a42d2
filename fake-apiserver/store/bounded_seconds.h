// Numbers of seconds that clients choose, as durations with which points in time can be computed. A pure function.
#pragma once

#include <algorithm>
#include <cstdint>

#include "common/base/time.h"

namespace fakeapi {

// No longer than a hundred years either way: neither the duration nor a date of our time so much later overflows.
constexpr base::Duration bounded_seconds(std::int64_t seconds) {
  constexpr std::int64_t kMost = std::int64_t{100} * 365 * 24 * 3600;
  return std::chrono::seconds(std::clamp(seconds, -kMost, kMost));
}

}  // namespace fakeapi
