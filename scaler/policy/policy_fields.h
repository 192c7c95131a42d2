// The parts of a policy that several kinds share, read with the API's defaults and validation. Complaints travel as
// config::FieldError.
#pragma once

#include <limits>
#include <optional>
#include <string>
#include <vector>

#include "common/config/fields.h"
#include "scaler/policy/metric_spec.h"

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

std::vector<MetricSpec> read_metrics(config::Fields& spec);
std::optional<Behavior> read_behavior(config::Fields& spec);

}  // namespace scaler
