// The two kinds of time in this project, and nothing else: every point in time comes from a Clock.
#pragma once

#include <chrono>

namespace base {

using Duration = std::chrono::nanoseconds;

// Wall-clock time: what Kubernetes objects, policies, logs and reports show. UTC.
using Time = std::chrono::sys_time<Duration>;

// For deadlines and intervals of things outside the simulated world (sockets); never shown to a user.
using MonoTime = std::chrono::time_point<std::chrono::steady_clock, Duration>;

// `d` in seconds, for output and for formulas whose source states them in seconds.
constexpr double seconds(Duration d) { return std::chrono::duration<double>(d).count(); }

}  // namespace base
