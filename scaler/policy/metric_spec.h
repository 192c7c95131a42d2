// What the metrics and the behavior of an HPA say, in the API's words; other kinds of policy use them too.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "common/base/time.h"
#include "scaler/model/observation_types.h"

namespace scaler {

// How far measured/target may be from 1 before a metric asks for a change; both ends belong to the band.
struct Tolerance {
  double scale_down = 0.1;
  double scale_up = 0.1;
};

// One entry of spec.metrics. At most one of the three targets is set; which of them counts is decided by the source, as
// upstream does (an averageValue before a utilization or a value).
struct MetricSpec {
  enum class Source { kResource, kContainerResource, kPods, kObject, kExternal, kUnknown };
  Source source = Source::kResource;
  std::string name = "cpu";                     // of the resource or the metric
  std::string container{};                      // of a ContainerResource
  std::optional<int> utilization{};             // target.averageUtilization, percent of the request
  std::optional<std::int64_t> average_milli{};  // target.averageValue, thousandths of the metric's unit a pod
  std::optional<std::int64_t> value_milli{};    // target.value, of Object and External
  std::string target_type{};                    // target.type as written; matters for Object alone
  std::string selector{};                       // metric.selector as text, empty for none
  bool selector_given = false;                  // although it may be empty
  std::string selector_problem{};               // why metric.selector is none; fails the metric
  DescribedObject object{};                     // of Object
  std::string type{};                           // as written; names what kUnknown is
  bool operator==(const MetricSpec&) const = default;
};

enum class SelectPolicy { kMax, kMin, kDisabled };

// spec.behavior.scaleX.policies[]
struct RatePolicy {
  enum class Type { kPods, kPercent };
  Type type = Type::kPods;
  int value = 0;
  base::Duration period{};
  bool operator==(const RatePolicy&) const = default;
};

// spec.behavior.scaleUp or .scaleDown
struct ScalingRules {
  std::optional<base::Duration> stabilization_window;  // nullopt: the controller's flag (scaleDown only)
  SelectPolicy select = SelectPolicy::kMax;
  std::vector<RatePolicy> policies;
  std::optional<double> tolerance;  // nullopt: the policy's own
  bool operator==(const ScalingRules&) const = default;
};

// What the API server fills in for a direction that `behavior` leaves out.
ScalingRules default_scale_up_rules();
ScalingRules default_scale_down_rules();

struct Behavior {
  ScalingRules scale_up = default_scale_up_rules();
  ScalingRules scale_down = default_scale_down_rules();
  bool operator==(const Behavior&) const = default;
};

}  // namespace scaler
