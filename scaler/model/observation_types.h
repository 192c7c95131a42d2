// Small values that observations, specs and statuses share.
#pragma once

#include <compare>
#include <cstdint>
#include <string>

#include "common/base/time.h"

namespace scaler {

enum class ConditionStatus { kTrue, kFalse, kUnknown };

// The Kubernetes object that an Object metric describes, in the namespace of the policy.
struct DescribedObject {
  std::string api_version;
  std::string kind;
  std::string name;
  auto operator<=>(const DescribedObject&) const = default;
};

// One value of an Object or External metric, in thousandths of its unit.
struct MetricValue {
  std::int64_t value_milli = 0;
  base::Time timestamp{};
};

// A metric by what the metrics APIs are asked for. `selector` is a label selector as text ("a=b,c in (d,e)"), empty for
// none; `object` is empty except for Object metrics.
struct MetricNeed {
  std::string name;
  std::string selector{};
  DescribedObject object{};
  auto operator<=>(const MetricNeed&) const = default;
};

}  // namespace scaler
