#include "scaler/policy/tuner/tuner_reader.h"

#include <fmt/format.h>

#include <algorithm>
#include <set>

#include "scaler/policy/policy_fields.h"

namespace scaler {
namespace {

using config::Fields;

HpaTunerSpec read_rules(Fields& spec) {
  HpaTunerSpec tuner;
  const ReplicaBounds bounds = read_bounds(spec, 1000);
  tuner.min_replicas = bounds.min;
  tuner.max_replicas = bounds.max;
  tuner.downscale_forbidden_window =
      std::chrono::seconds(spec.integer_or("downscaleForbiddenWindowSeconds", 300, 1, 6000));
  tuner.upscale_forbidden_window_after_downscale =
      std::chrono::seconds(spec.integer_or("upscaleForbiddenWindowAfterDownscaleSeconds", 300, 1, 600));
  // The kind declares these two and its controller never used them; they are checked and change nothing.
  spec.integer_or("scaleUpLimitFactor", 2, 1, 10);
  spec.integer_or("scaleUpLimitMinimum", 4, 1, 20);
  tuner.cpu_idling_percentage = read_int_or(spec, "cpuIdlingPercentage", 0, 0, 90);
  if (!spec.has("useDecisionService")) spec.fail("useDecisionService", "is required");
  tuner.use_decision_service = spec.boolean_or("useDecisionService", false);
  return tuner;
}

}  // namespace

void read_tuner(Fields& spec, PolicySpec& policy) { policy.rules = read_rules(spec); }

}  // namespace scaler
