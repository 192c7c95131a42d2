// The part of PromQL that autoscalers' queries use: selectors with label matchers, rate, irate and increase over a
// window, sum, avg, max, min and count over everything, arithmetic, and numbers. No grouping, no subqueries, no offset.
//
// A query is immutable once parsed; evaluation is pure.
#pragma once

#include <memory>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "common/base/result.h"
#include "common/base/time.h"
#include "sim/promql/series_store.h"

namespace sim {

struct PromElement {
  std::string target;  // of the series; empty for an aggregate
  double value = 0;
};

struct PromValue {
  bool scalar = false;                // exactly one element then
  std::vector<PromElement> elements;  // in the order of their targets
};

class PromExpression;

class PromQuery {
 public:
  // The error says at which character (from 1) the query stops making sense, and what could stand there.
  static base::Result<PromQuery> parse(std::string_view text);

  PromValue evaluate(const PromStore& store, base::Time at) const;
  // The names of metrics in it.
  const std::set<std::string>& metrics() const { return metrics_; }
  // For how long samples must be kept.
  base::Duration reach() const { return reach_; }

 private:
  std::shared_ptr<const PromExpression> root_;
  std::set<std::string> metrics_;
  base::Duration reach_{};
};

// An instant selector finds the last sample that is not older.
inline constexpr base::Duration kPromLookback = std::chrono::minutes(5);

}  // namespace sim
