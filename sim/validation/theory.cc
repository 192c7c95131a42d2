#include "sim/validation/theory.h"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <vector>

#include "common/base/check.h"
#include "sim/metrics/demand.h"

namespace sim::theory {
namespace {

// Stationary probabilities of a birth-and-death process with states 0, 1, ... until `up(n)` is 0 or the rest is
// negligible.
template <class Up, class Down>
std::vector<double> stationary(Up up, Down down) {
  std::vector<double> p = {1.0};
  double sum = 1.0;
  for (int n = 0; up(n) > 0; ++n) {
    const double next = p.back() * up(n) / down(n + 1);
    if (next < 1e-18 * sum && next < p.back()) break;
    p.push_back(next);
    sum += next;
  }
  for (double& x : p) x /= sum;
  return p;
}

double mean_waiting(const std::vector<double>& p, int servers) {
  double waiting = 0;
  for (std::size_t n = static_cast<std::size_t>(servers); n < p.size(); ++n) {
    waiting += static_cast<double>(n - static_cast<std::size_t>(servers)) * p[n];
  }
  return waiting;
}

// The fixed point of a contraction on [0, 1).
template <class Map>
double fixed_point(Map map) {
  double s = 0.5;
  for (int i = 0; i < 10'000; ++i) s = map(s);
  return s;
}

}  // namespace

double mmc_wait(int servers, double load) { return erlang_c(servers, load) / (servers - load); }

double mmc_latency_quantile(int servers, double load, double quantile) {
  double low = 0;
  double high = 1;
  while (latency_tail(servers, load, 1.0, high) > 1 - quantile) high *= 2;
  for (int i = 0; i < 100; ++i) {
    const double middle = (low + high) / 2;
    (latency_tail(servers, load, 1.0, middle) > 1 - quantile ? low : high) = middle;
  }
  return high;
}

double mmc_wait_quantile(int servers, double load, double quantile) {
  return std::max(0.0, std::log(erlang_c(servers, load) / (1 - quantile)) / (servers - load));
}

double mg1_wait(double load, double cv) { return load * (1 + cv * cv) / (2 * (1 - load)); }

double sharing_latency(double load) { return 1 / (1 - load); }

double mdc_wait(int servers, double load) {
  CHECK(load < servers, "a stable queue");
  // Far beyond where the probabilities end in double precision at the loads asked for here.
  const auto states = static_cast<std::size_t>(servers + 40 + 40 / (1 - load / servers));
  std::vector<double> poisson(states);
  poisson[0] = std::exp(-load);
  for (std::size_t k = 1; k < states; ++k) poisson[k] = poisson[k - 1] * load / static_cast<double>(k);
  std::vector<double> p(states, 0.0);
  p[0] = 1;
  for (double change = 1; change > 1e-15;) {
    std::vector<double> next(states, 0.0);
    for (std::size_t n = 0; n < states; ++n) {
      const std::size_t left = n > static_cast<std::size_t>(servers) ? n - static_cast<std::size_t>(servers) : 0;
      for (std::size_t m = left; m < states; ++m) next[m] += p[n] * poisson[m - left];
    }
    change = 0;
    for (std::size_t n = 0; n < states; ++n) change += std::fabs(next[n] - p[n]);
    p = std::move(next);
  }
  return mean_waiting(p, servers) / load;
}

Finite mmck(int servers, int places, double load) {
  const std::vector<double> p =
      stationary([&](int n) { return n < places ? load : 0.0; }, [&](int n) { return std::min<double>(n, servers); });
  const double blocked = p.size() > static_cast<std::size_t>(places) ? p[static_cast<std::size_t>(places)] : 0.0;
  return {.blocked = blocked, .wait = mean_waiting(p, servers) / (load * (1 - blocked))};
}

ErlangA erlang_a(int servers, double load, double impatience) {
  const std::vector<double> p =
      stationary([&](int) { return load; },
                 [&](int n) { return std::min<double>(n, servers) + impatience * std::max(0, n - servers); });
  const double waiting = mean_waiting(p, servers);
  const double abandoned = impatience * waiting / load;
  return {.abandoned = abandoned, .wait = waiting / load, .utilization = load * (1 - abandoned) / servers};
}

double round_robin_latency(int servers, double utilization) {
  const double rate = servers * utilization;
  return 1 / (1 - fixed_point([&](double s) { return std::pow(rate / (rate + 1 - s), servers); }));
}

double round_robin_limit(double utilization) {
  return 1 / (1 - fixed_point([&](double s) { return std::exp(-(1 - s) / utilization); }));
}

double power_of_choices_limit(int choices, double utilization) {
  double sum = 0;
  double exponent = 0;  // (d^i - d)/(d - 1): 0, d, d + d^2, ...
  for (double step = choices;; step *= choices) {
    const double term = std::pow(utilization, exponent);
    sum += term;
    if (term < 1e-17) return sum;
    exponent += step;
  }
}

Closed closed_system(int users, int servers, double think, double service) {
  const std::vector<double> p =
      stationary([&](int n) { return (users - n) / think; }, [&](int n) { return std::min(n, servers) / service; });
  double throughput = 0;
  for (std::size_t n = 1; n < p.size(); ++n) {
    throughput += p[n] * std::min(static_cast<double>(n), static_cast<double>(servers)) / service;
  }
  return {.response = users / throughput - think, .throughput = throughput};
}

double Ramp::crossing() const { return (1 - base) / (base * (factor - 1) / rise); }

double Ramp::backlog(double t) const {
  const double slope = base * (factor - 1) / rise;
  const double rising = std::clamp(t - crossing(), 0.0, rise - crossing());
  const double flat = std::max(0.0, t - rise);
  return slope * rising * rising / 2 + (base * factor - 1) * flat;
}

}  // namespace sim::theory
