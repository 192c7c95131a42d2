// The parts of a policy that several kinds share, read with the API's defaults and validation. Complaints travel as
// config::FieldError.
#pragma once

#include <functional>
#include <limits>
#include <optional>
#include <string>
#include <vector>

#include "common/config/fields.h"
#include "scaler/policy/hpa/field_problem.h"
#include "scaler/policy/metric_spec.h"
#include "scaler/policy/policy_spec.h"

namespace scaler {

// Replica bounds; complains at maxReplicas, as the API server does, if it is below minReplicas.
struct ReplicaBounds {
  int min = 1;
  int max = 1;
};
ReplicaBounds read_bounds(config::Fields& spec, int most);

int read_int(config::Fields& fields, const std::string& key, int min, int max = std::numeric_limits<int>::max());
int read_int_or(config::Fields& fields, const std::string& key, int fallback, int min,
                int max = std::numeric_limits<int>::max());

// A required quantity ("500m", "64Gi", 16) in thousandths, exact up to 2^63-1 and rounded up. May be negative.
std::int64_t read_quantity_milli(config::Fields& fields, const std::string& key);
// The same, but must be positive.
std::int64_t read_positive_milli(config::Fields& fields, const std::string& key);

// The lists and objects of an HPA under other kinds: `spec`.metrics, which may be absent, and `spec`.behavior.
std::vector<MetricSpec> read_metrics(config::Fields& spec);
std::optional<Behavior> read_behavior(config::Fields& spec);

// An object's name: lower-case letters, digits, '-' and '.', a letter or digit at both ends of each part.
std::string read_name(config::Fields& fields, const std::string& key);

// `spec`.scaleTargetRef as `policy`'s target. `kinds`: empty if any will do, and then apiVersion must have a group.
void read_target(config::Fields& spec, const std::vector<std::string>& kinds, PolicySpec& policy);

// Complains about the first problem, if any: "file:line:col: spec.maxReplicas: Invalid value: 0: …". `origin_of` maps a
// problem's JSON pointer to that of the document where it came from.
void refuse_problems(const config::Document& document, const FieldProblems& problems,
                     const std::function<std::string(const std::string&)>& origin_of = nullptr);

}  // namespace scaler
