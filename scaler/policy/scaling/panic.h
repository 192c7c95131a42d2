// Answers a sudden rise of the demand at once, and lets go of nothing until it is over.
//
// A panic begins when the demand of a metric is more than `rise` times the mean of the stable window before the window,
// or gains more than `slopePerSecond` over the window. A mean that is less than what one pod carries counts as that, so
// that the first requests of the day are no panic. It asks for ceil(demand / target * headroom), never for less than
// the count that it found or asked for before, and ends `hold` after the last round that showed the rise.
//
// Bounded; owned by one policy; not thread-safe.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "scaler/policy/scaling/demand.h"
#include "scaler/policy/scaling/floors.h"
#include "scaler/policy/scaling/rise_detector.h"
#include "scaler/policy/scaling/scaling_spec.h"

namespace scaler {

class Panic {
 public:
  // One detector for each of so many metrics.
  Panic(const PanicSpec& spec, std::size_t metrics);

  // Once a round, before floor(). `demands` and `names` have one entry a metric; what has no demand is left out.
  void observe(base::Time now, int current, const std::vector<base::Result<Demand>>& demands,
               const std::vector<std::string>& names);

  // What it asks for in this round; nullopt: there is no panic.
  std::optional<Floor> floor() const;
  // "rise 1.2 <= 2"; REQUIRES: there is no panic.
  const std::string& why_unused() const { return why_unused_; }

  // Takes over the panic of `previous`, and what it saw if the windows and the metrics are the same.
  void inherit(const Panic& previous, bool same_metrics);

 private:
  // Why this is a panic; empty if it is not, and `unused` tells how far from it.
  std::string alarm(const RiseDetector::Rise& rise, double per_pod, std::string& unused) const;

  PanicSpec spec_;
  std::string param_;
  std::vector<RiseDetector> detectors_;
  std::optional<base::Time> until_;  // nullopt: no panic
  int replicas_ = 0;
  std::string why_;
  std::string why_unused_ = "nothing measured yet";
};

}  // namespace scaler
