// Pods at a constant load, run with several seeds on a request engine: the common part of the stationary cases.
//
// Values and pure functions; times are in mean service times.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "sim/service/engine_options.h"
#include "sim/service/results.h"
#include "sim/validation/cases.h"

namespace sim {

struct Station {
  std::uint32_t pods = 1;
  std::uint32_t workers = 1;
  double utilization = 0.8;  // offered work / capacity
  ServiceTime::Distribution law = ServiceTime::Distribution::kExponential;
  double cv = 1.0;
  Discipline discipline = Discipline::kFcfs;
  BalancerOptions::Algorithm algorithm = BalancerOptions::Algorithm::kRoundRobin;
  std::uint32_t choices = 2;
  std::optional<std::uint32_t> queue_limit = {};
  double requests = 1e6;  // a seed, at full length
  double warmup = 5'000;  // mean service times; many times the slowest relaxation, so the same at any scale

  double load() const { return utilization * pods * workers; }
  // The mean service time. Its choice changes nothing but the cost: so many requests arrive in a second that what an
  // engine does once a second does not count.
  Ticks unit() const { return static_cast<Ticks>(load() * 1e9 / 20'000.0); }
};

struct Estimate {
  double mean = 0;
  double error = 0;  // standard error of the mean over the seeds
};

// The results of `runs` seeds of one system.
class Sample {
 public:
  Sample(std::vector<Totals> runs, Ticks unit) : runs_(std::move(runs)), unit_(unit) {}

  template <class Figure>
  Estimate estimate(Figure figure) const {
    std::vector<double> values;
    for (const Totals& t : runs_) values.push_back(figure(t));
    return estimate_of(values);
  }
  Estimate wait() const;
  Estimate latency() const;
  Estimate latency_p95() const;
  Estimate latency_p99() const;
  Estimate utilization() const;
  Estimate rejected() const;   // share
  Estimate timed_out() const;  // share

  static Estimate estimate_of(const std::vector<double>& values);

 private:
  double in_units(Ticks t) const { return static_cast<double>(t) / static_cast<double>(unit_); }

  std::vector<Totals> runs_;
  Ticks unit_;
};

Sample run_station(const Station& station, const CaseContext& context);

// What a row was run with: "10 x 2,500,000 requests", and its share of the full length.
struct RunLength {
  std::string text;
  double share = 1.0;
};
RunLength run_length(const Station& station, const CaseContext& context);
// Of any runs: so many requests a seed of the so many that a seed has at full length.
RunLength run_length(double requests, double at_full_length, const CaseContext& context);

// A row whose bound is `bound` at full length.
Row mean_row(std::string name, std::string source, double theory, const Estimate& ours, const RunLength& length,
             double bound = 0.01);

}  // namespace sim
