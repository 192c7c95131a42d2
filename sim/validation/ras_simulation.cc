#include "sim/validation/ras_simulation.h"

#include <algorithm>
#include <cmath>
#include <numbers>

namespace sim::ras {
namespace {

constexpr double kSetPoint = 0.32;
constexpr double kSla = 0.4;
constexpr int kSeconds = 1000;
constexpr double kFirstCores = 5;

bool acts(int t, int period) { return t > 0 && t % period == 0; }

}  // namespace

double response_time(double users, double cores) {
  constexpr double kA1 = 0.00763, kA2 = 0.0018, kA3 = 0.5658;
  return ((1000.0 * kA2 + kA1) * users + 1000.0 * kA1 * kA3 * cores) / (users + 1000.0 * kA3 * cores);
}

Workload sine() {
  return [](int t) { return std::fabs(500.0 * std::sin(2 * std::numbers::pi * t / 200.0) + 700.0); };
}

Workload stairs() {
  return [](int t) { return std::min(9000.0, 1000.0 * (t / 100 + 1)); };
}

Workload ramp() {
  return [](int t) { return 1.0 + 10.0 * std::min(t, 800); };
}

Controller hold() {
  return [](int, double, double cores) { return cores; };
}

Controller simple(int period, int step) {
  return [=](int t, double measured, double cores) {
    if (!acts(t, period)) return cores;
    if (measured < 0.2) return std::max(1.0, cores - step);
    return measured > 0.36 ? cores + step : cores;
  };
}

Controller stepped(int period) {
  return [=](int t, double measured, double cores) {
    if (!acts(t, period)) return cores;
    const double factor = measured < kSetPoint ? 0.9
                          : measured < 0.36    ? 1.0
                          : measured < kSla    ? 1.1
                          : measured < 0.44    ? 1.2
                                               : 1.3;
    return std::ceil(cores * factor);
  };
}

Controller target(int period) {
  return [=](int t, double measured, double cores) {
    if (!acts(t, period)) return cores;
    return std::ceil(cores * std::min(3.0, measured / kSetPoint));
  };
}

Controller scale_x() {
  return [integral = 0.0](int t, double measured, double cores) mutable {
    const double error = 1 / kSetPoint - 1 / measured;
    const double proposed = integral + 2.0 * error;
    const double next = t < 10 ? kFirstCores : std::clamp(proposed + 1.5 * error, std::max(1.0, cores / 3), 3 * cores);
    integral = next - 2.0 * error;
    return next;
  };
}

Outcome simulate(const Workload& workload, const Controller& controller) {
  Outcome o;
  double cores = kFirstCores;
  double previous = 0;
  double squares = 0;
  for (int t = 0; t < kSeconds; ++t) {
    const double now = response_time(workload(t), cores);
    const double measured = t == 0 ? now : (now + previous) / 2;
    previous = now;
    o.mean += measured;
    squares += measured * measured;
    o.least = t == 0 ? measured : std::min(o.least, measured);
    o.most = std::max(o.most, measured);
    o.violations += measured > kSla ? 1 : 0;
    o.mean_cores += cores;
    cores = controller(t, measured, cores);
  }
  o.mean /= kSeconds;
  o.mean_cores /= kSeconds;
  o.deviation = std::sqrt(std::max(0.0, squares / kSeconds - o.mean * o.mean));
  return o;
}

}  // namespace sim::ras
