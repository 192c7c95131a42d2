// Time inside the request engine: whole nanoseconds since the start of the scenario, negative before it.
#pragma once

#include <cstdint>
#include <limits>

namespace sim {

using Ticks = std::int64_t;

inline constexpr Ticks kMillisecond = 1'000'000;
inline constexpr Ticks kSecond = 1'000'000'000;
// The step in which arrivals are drawn, each step from a stream of its own; sixteen make exactly a second.
inline constexpr Ticks kSlice = kSecond / 16;
// Later than everything, and still without overflow when a time or two are added.
inline constexpr Ticks kNever = std::numeric_limits<Ticks>::max() / 4;

// The number of the step of length `step` that holds `t`; steps before 0 have negative numbers.
constexpr std::int64_t step_of(Ticks t, Ticks step) { return t >= 0 ? t / step : -((-t + step - 1) / step); }

constexpr double to_seconds(Ticks t) { return static_cast<double>(t) * 1e-9; }

}  // namespace sim
