// A real testbed as a request-level simulation: users in a closed loop, one container with a fractional number of cores
// that a controller changes while requests are in it.
//
// The testbed: Quattrocchi et al. 2024 (ras_simulation.h), repository deib-polimi/RAS-real: Locust's users think 1 s
// and come or go one a second, the application needs 44.5 ms of core and 15 to 30 ms that no core shortens. Requests
// share the cores, none has more than one. Demands and think times are constant: no chance is in it. Pure functions.
#pragma once

#include <functional>
#include <string>

namespace sim::testbed {

inline constexpr double kDemand = 0.0445;  // core seconds
inline constexpr double kFixed = 0.0225;   // seconds, the middle of what is stated
inline constexpr double kThink = 1.0;
inline constexpr double kSla = 0.25;
inline constexpr int kSeconds = 600;
inline constexpr int kWindow = 30;  // seconds of the sliding mean

// Whole users at second t.
using Users = std::function<int(int t)>;
Users sine();  // SN3: |20 sin(2 pi t/200) + 20|
Users ramp();  // RP3: 10, from 150 on 0.15 more a second up to 55

// As ras::Controller, with the mean of the window; cores are held in [0.5, 16].
using Controller = std::function<double(int t, double measured, double cores)>;

struct Outcome {
  double mean = 0;     // of all answers, seconds
  int violations = 0;  // seconds with a sliding mean above the SLA
  double mean_cores = 0;
  double worst = 0;  // sliding mean
};
Outcome simulate(const Users& users, const Controller& controller);

// Controllers of the paper with the testbed's SLA: thresholds are the simulator's share of the SLA.
Controller hold();
Controller rule(double step);
Controller stepped();
Controller target(int period);
Controller scale_x();

}  // namespace sim::testbed
