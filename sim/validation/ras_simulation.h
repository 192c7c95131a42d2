// A control loop without queues that others published results for: a plant whose response time is a function of users
// and cores, five workloads and the controllers compared on them.
//
// Written anew from the description in Quattrocchi, Incerto, Pinciroli, Trubiani and Baresi, "Autoscaling Solutions for
// Cloud Applications under Dynamic Workloads", IEEE TSC 2024. Deterministic; pure functions.
#pragma once

#include <functional>
#include <string>

namespace sim::ras {

// RT(req, c) = ((1000 A2 + A1) req + 1000 A1 A3 c) / (req + 1000 A3 c), in seconds, with A1 = 0.00763, A2 = 0.0018,
// A3 = 0.5658.
double response_time(double users, double cores);

// Users at second t.
using Workload = std::function<double(int t)>;
Workload sine();    // SN1: |500 sin(2 pi t/200) + 700|
Workload stairs();  // ST1: min(9000, 1000 (floor(t/100) + 1))
Workload ramp();    // RM1: 1 + 10 t, up to t = 800

// Cores from t on, given the mean response time of the last two seconds and the cores so far. Called once a second, in
// order; may keep state.
using Controller = std::function<double(int t, double measured, double cores)>;
Controller hold();
// Every `period` seconds: one `step` less below 0.2 s, one more above 0.36 s.
Controller simple(int period, int step);
// cores * f rounded up; f = 0.9 below 0.32 s, 1 below 0.36, 1.1 below 0.4, 1.2 below 0.44, else 1.3.
Controller stepped(int period);
// cores * min(3, measured/0.32) rounded up.
Controller target(int period);
// A PI controller on e = 1/0.32 - 1/measured, once a second.
Controller scale_x();

struct Outcome {
  double mean = 0;       // of the measured response times
  double deviation = 0;  // of the population
  double least = 0;
  double most = 0;
  int violations = 0;  // seconds above 0.4 s
  double mean_cores = 0;
};
// 1,000 seconds from 5 cores.
Outcome simulate(const Workload& workload, const Controller& controller);

}  // namespace sim::ras
