// Time series as a Prometheus keeps them: what was scraped, when, and which targets are gone.
// Plain values; not thread-safe. Owned by a Prometheus.
#pragma once

#include <deque>
#include <map>
#include <string>

#include "common/base/time.h"

namespace sim {

struct PromSample {
  base::Time at{};
  double value = 0;
};

struct PromSeries {
  std::map<std::string, std::string> labels;  // without __name__
  std::deque<PromSample> samples;             // in order of time
  bool stale = false;                         // its target was gone at the last scrape
};

class PromStore {
 public:
  // By metric, then by the identity of the target, so that series of one target match across metrics.
  using BySeries = std::map<std::string, PromSeries>;

  PromSeries& series(const std::string& metric, const std::string& target) { return metrics_[metric][target]; }
  // Null if nothing of the metric was ever scraped.
  const BySeries* find(const std::string& metric) const {
    const auto found = metrics_.find(metric);
    return found == metrics_.end() ? nullptr : &found->second;
  }
  std::map<std::string, BySeries>& metrics() { return metrics_; }

 private:
  std::map<std::string, BySeries> metrics_;
};

}  // namespace sim
