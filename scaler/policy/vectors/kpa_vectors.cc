#include "scaler/policy/vectors/kpa_vectors.h"

#include <fmt/format.h>

#include <cmath>
#include <cstdint>

#include "scaler/policy/kpa/decider.h"
#include "scaler/policy/vectors/vector_values.h"

namespace scaler::vectors {
namespace {

base::Duration seconds_from(const Json& value) {
  return std::chrono::nanoseconds(std::llround(value.get<double>() * 1e9));
}

base::Duration duration(const Json& object, const char* key) {
  const auto found = object.find(key);
  return found == object.end() || found->is_null() ? base::Duration::zero() : seconds_from(*found);
}

DeciderSpec spec_of(const Json& in) {
  DeciderSpec spec;
  spec.target_value = in.at("targetValue").get<double>();
  spec.total_value = in.at("totalValue").get<double>();
  spec.target_burst_capacity = in.at("targetBurstCapacity").get<double>();
  spec.panic_threshold = in.at("panicThreshold").get<double>();
  spec.max_scale_up_rate = in.at("maxScaleUpRate").get<double>();
  spec.max_scale_down_rate = in.at("maxScaleDownRate").get<double>();
  spec.stable_window = duration(in, "stableWindowSeconds");
  spec.scale_down_delay = duration(in, "scaleDownDelaySeconds");
  spec.activation_scale = in.value("activationScale", 0);
  spec.reachable = in.value("reachable", true);
  return spec;
}

// A tick without an average of a window is one without data: invalid, and nothing of it is to be compared but that.
bool has_data(const Json& step) {
  const auto given = [&](const char* key) { return step.contains(key) && !step[key].is_null(); };
  return given("stable") && given("panic");
}

Outcome differs_at(std::size_t step, const char* what, std::int64_t got, std::int64_t wanted) {
  return differs(fmt::format("step {}: {}", step, what), std::to_string(wanted), std::to_string(got));
}

}  // namespace

Outcome run_kpa_scale(const Json& input, const Json& expect) {
  require_keys(expect, {"perStep", "excessBurstCapacityTolerance"});
  if (!expect.at("perStep").get<bool>()) throw MalformedCase("what is expected stands in the steps alone");
  const Json initial = input.value("initial", Json::object());
  Decider decider(spec_of(input.at("spec")), kNow, initial.value("readyPodsAtCreation", 0));
  if (initial.contains("panicAgeSeconds") && !initial["panicAgeSeconds"].is_null()) {
    decider.resume_panic(kNow - seconds_from(initial["panicAgeSeconds"]), initial.value("maxPanicPods", 0));
  }
  const std::int64_t tolerance = expect.value("excessBurstCapacityTolerance", std::int64_t{0});
  std::int64_t desired = -1;
  std::size_t number = 0;
  if (list(input, "steps").empty()) throw MalformedCase("there are no steps");
  for (const Json& step : input["steps"]) {
    ++number;
    if (step.contains("newSpec") && !step["newSpec"].is_null()) decider.update(spec_of(step["newSpec"]));
    const Json& wanted = step.at("expect");
    require_keys(wanted, {"desired", "excessBurstCapacity"});
    std::int64_t burst = 0;
    if (has_data(step)) {
      const DeciderTick tick = decider.tick(kNow + seconds_from(step.at("atSeconds")), step["stable"].get<double>(),
                                            step["panic"].get<double>(), step.at("readyPods").get<int>());
      desired = tick.desired;
      burst = tick.excess_burst_capacity;
    }
    if (wanted.contains("desired") && wanted["desired"].get<std::int64_t>() != desired) {
      return differs_at(number, "desired", desired, wanted["desired"].get<std::int64_t>());
    }
    if (!has_data(step) || !wanted.contains("excessBurstCapacity")) continue;
    const auto wanted_burst = wanted["excessBurstCapacity"].get<std::int64_t>();
    if (std::abs(wanted_burst - burst) > tolerance) {
      return differs_at(number, "excessBurstCapacity", burst, wanted_burst);
    }
  }
  return passes();
}

}  // namespace scaler::vectors
