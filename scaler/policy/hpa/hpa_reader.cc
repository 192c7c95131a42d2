#include "scaler/policy/hpa/hpa_reader.h"

#include <fmt/format.h>

#include <algorithm>
#include <set>

#include "scaler/policy/policy_fields.h"

namespace scaler {
namespace {

using config::Fields;

HpaSpec read_rules(Fields& spec) {
  HpaSpec hpa;
  const ReplicaBounds bounds = read_bounds(spec, std::numeric_limits<int>::max());
  hpa.min_replicas = bounds.min;
  hpa.max_replicas = bounds.max;
  hpa.metrics = read_metrics(spec);
  constexpr int kDefaultCpuUtilization = 80;
  if (hpa.metrics.empty()) hpa.metrics.push_back({.container = {}, .utilization = kDefaultCpuUtilization});
  hpa.behavior = read_behavior(spec);
  return hpa;
}

}  // namespace

void read_hpa(Fields& spec, PolicySpec& policy) { policy.rules = read_rules(spec); }

}  // namespace scaler
