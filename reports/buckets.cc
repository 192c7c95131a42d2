#include "reports/buckets.h"

#include <algorithm>
#include <cmath>
#include <limits>

namespace report {
namespace {

constexpr double kNaN = std::numeric_limits<double>::quiet_NaN();

enum class Keep { kMean, kMin, kMax };

struct Rule {
  Column column;
  Keep line;
  bool with_min = false;
  bool with_max = false;
};

constexpr Rule kRules[] = {
    {kArrivals, Keep::kMean, true, true},
    {kP50, Keep::kMax},
    {kP95, Keep::kMax},
    {kP99, Keep::kMax},
    {kFailed, Keep::kMean, false, true},
    {kDesired, Keep::kMax},
    {kReady, Keep::kMin},
    {kCapacity, Keep::kMean, true, false},
    {kNodes, Keep::kMax},
};
static_assert(std::size(kRules) == kColumnCount);

struct Grid {
  double start = 0;
  double width = 0;
  std::size_t count = 0;
  std::size_t index(double t) const {
    return std::min(count - 1, static_cast<std::size_t>(std::max(0.0, (t - start) / width)));
  }
};

Grid make_grid(const RunFile& run, std::size_t max_buckets) {
  double first = std::numeric_limits<double>::infinity();
  double last = -first;
  for (const PolicyRun& policy : run.policies) {
    if (policy.series.t.empty()) continue;
    first = std::min(first, policy.series.t.front());
    last = std::max(last, policy.series.t.back() + policy.series.step(policy.series.t.size() - 1));
  }
  if (!(last > first)) return {};
  // Whole seconds, so that every bucket holds equally many of the usual one-second samples.
  const double width = std::max(1.0, std::ceil((last - first) / static_cast<double>(max_buckets)));
  return {first, width, static_cast<std::size_t>(std::ceil((last - first) / width))};
}

std::vector<double> gather(const Series& series, Column column, Keep keep, const Grid& grid) {
  std::vector<double> values(grid.count, kNaN);
  std::vector<double> weights(grid.count, 0.0);
  for (std::size_t i = 0; i < series.t.size(); ++i) {
    const double x = series[column][i];
    if (std::isnan(x)) continue;
    double& value = values[grid.index(series.t[i])];
    double& weight = weights[grid.index(series.t[i])];
    if (weight == 0) value = keep == Keep::kMean ? 0 : x;
    if (keep == Keep::kMean) value += x;
    if (keep == Keep::kMin) value = std::min(value, x);
    if (keep == Keep::kMax) value = std::max(value, x);
    weight += 1;
  }
  if (keep != Keep::kMean) return values;
  for (std::size_t b = 0; b < grid.count; ++b) values[b] /= weights[b];  // 0/0 never: NaN stays where weight is 0
  return values;
}

bool fits_as_it_is(const RunFile& run, std::size_t max_buckets) {
  const std::vector<double>& t = run.policies.front().series.t;
  return t.size() <= max_buckets && std::all_of(run.policies.begin(), run.policies.end(),
                                                [&](const PolicyRun& policy) { return policy.series.t == t; });
}

}  // namespace

Buckets make_buckets(const RunFile& run, std::size_t max_buckets) {
  Buckets buckets;
  const bool plain = fits_as_it_is(run, max_buckets);
  const Grid grid = plain ? Grid{} : make_grid(run, max_buckets);
  if (plain) buckets.t = run.policies.front().series.t;
  buckets.width = grid.width;
  for (std::size_t b = 0; b < grid.count; ++b) buckets.t.push_back(grid.start + static_cast<double>(b) * grid.width);
  for (const PolicyRun& policy : run.policies) {
    std::vector<Drawn>& drawn = buckets.policies.emplace_back();
    for (const Rule& rule : kRules) {
      const std::string name(kColumnNames[rule.column]);
      drawn.push_back({name, plain ? policy.series[rule.column] : gather(policy.series, rule.column, rule.line, grid)});
      if (plain) continue;
      if (rule.with_min) drawn.push_back({name + ".min", gather(policy.series, rule.column, Keep::kMin, grid)});
      if (rule.with_max) drawn.push_back({name + ".max", gather(policy.series, rule.column, Keep::kMax, grid)});
    }
  }
  return buckets;
}

}  // namespace report
