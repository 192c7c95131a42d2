// The nodes of a parsed query, and how each is worked out. Pure.
#pragma once

#include <memory>
#include <optional>
#include <regex>
#include <string>
#include <utility>
#include <vector>

#include "sim/promql/query.h"

namespace sim {

class PromExpression {
 public:
  virtual ~PromExpression() = default;
  virtual PromValue evaluate(const PromStore& store, base::Time at) const = 0;
};
using PromNode = std::unique_ptr<const PromExpression>;

struct PromMatcher {
  enum class Kind { kEqual, kNotEqual, kMatches, kMatchesNot };
  std::string label;
  Kind kind = Kind::kEqual;
  std::string text;
  std::regex pattern{};  // of kMatches and kMatchesNot
};

struct PromSelector {
  std::string metric;
  std::vector<PromMatcher> matchers;
  std::optional<base::Duration> window;  // a range selector's

  bool selects(const PromSeries& series) const;
};

enum class PromRange { kRate, kIrate, kIncrease };
enum class PromAggregation { kSum, kAvg, kMax, kMin, kCount };

PromNode prom_number(double value);
PromNode prom_instant(PromSelector selector);
// REQUIRES: selector.window.
PromNode prom_over_range(PromRange function, PromSelector selector);
PromNode prom_aggregate(PromAggregation how, PromNode of);
// `op` is one of + - * /; elements of two vectors meet where their targets are the same.
PromNode prom_binary(char op, PromNode left, PromNode right);

}  // namespace sim
