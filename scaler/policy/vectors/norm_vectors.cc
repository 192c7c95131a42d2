#include <cstdlib>

#include "common/kube/quantity.h"
#include "scaler/policy/hpa/hpa_quantity.h"
#include "scaler/policy/hpa/hpa_queue.h"
#include "scaler/policy/hpa/rate_limits.h"
#include "scaler/policy/hpa/stabilizer.h"
#include "scaler/policy/vectors/calc_vectors.h"
#include "scaler/policy/vectors/vector_values.h"

namespace scaler::vectors {
namespace {

Bounds bounds_of(const Json& in) { return {count(in, "minReplicas"), count(in, "maxReplicas")}; }

bool upwards(const Json& in) {
  const std::string direction = text(in, "direction");
  if (direction != "up" && direction != "down") throw MalformedCase("direction is \"" + direction + '"');
  return direction == "up";
}

Outcome compare_limited(const Limited& limited, const Json& expect) {
  return compare({{"replicas", limited.replicas}, {"reason", to_string(limited.reason)}}, expect);
}

Outcome legacy_limits(const Json& in, const Json& expect) {
  ControllerOptions options;
  options.scale_up_limit_factor = number(in, "scaleUpLimitFactor");
  options.scale_up_limit_minimum = count(in, "scaleUpLimitMinimum");
  return compare_limited(
      limit_by_legacy_rules(count(in, "currentReplicas"), count(in, "desiredReplicas"), bounds_of(in), options),
      expect);
}

ScaleHistory history_of(const Json& in) {
  return {events_of(in.at("scaleUpEvents")), events_of(in.at("scaleDownEvents"))};
}

Outcome rate_limit(const Json& in, const Json& expect) {
  const bool up = upwards(in);
  const ScalingRules rules = rules_of(in.at("rules"), up ? default_scale_up_rules() : default_scale_down_rules());
  const int current = count(in, "currentReplicas");
  const RateLimit limit = up ? scale_up_limit(current, history_of(in), rules, kNow)
                             : scale_down_limit(current, history_of(in), rules, kNow);
  return compare({{"limit", limit.replicas}}, expect);
}

Outcome behavior_rate(const Json& in, const Json& expect) {
  Behavior behavior;
  behavior.scale_up = rules_of(in.at("scaleUp"), default_scale_up_rules());
  behavior.scale_down = rules_of(in.at("scaleDown"), default_scale_down_rules());
  return compare_limited(limit_by_behavior(count(in, "currentReplicas"), count(in, "desiredReplicas"), bounds_of(in),
                                           behavior, history_of(in), kNow),
                         expect);
}

Outcome stabilize_legacy(const Json& in, const Json& expect) {
  Stabilizer stabilizer(recommendations_of(in.at("recommendations")));
  const int stable =
      stabilizer.highest(kNow, seconds_of(in, "downscaleStabilizationSeconds"), count(in, "desiredReplicas"));
  return compare({{"replicas", stable}, {"storedCount", stabilizer.recommendations().size()}}, expect);
}

Outcome stabilize_behavior(const Json& in, const Json& expect) {
  Stabilizer stabilizer(recommendations_of(in.at("recommendations")));
  const int stable = stabilizer.between(kNow, seconds_of(in, "scaleUpStabilizationWindowSeconds"),
                                        seconds_of(in, "scaleDownStabilizationWindowSeconds"),
                                        count(in, "currentReplicas"), count(in, "desiredReplicas"));
  Json stored = Json::array();
  for (const Recommendation& recommendation : stabilizer.recommendations()) stored.push_back(recommendation.replicas);
  return compare({{"replicas", stable}, {"storedRecommendations", stored}}, expect);
}

Outcome stored_event(const Json& in, const Json& expect) {
  const ScalingRules defaults = upwards(in) ? default_scale_up_rules() : default_scale_down_rules();
  std::vector<ScaleEvent> events = events_of(in.at("events"));
  const std::int64_t before = change_within(events, std::chrono::seconds(60), kNow);
  const int change = std::abs(count(in, "newReplicas") - count(in, "previousReplicas"));
  // Without behavior nothing is stored.
  if (!in.at("rules").is_null()) store_event(events, rules_of(in["rules"], defaults), change, kNow);
  Json stored = Json::array();
  for (const ScaleEvent& event : events) {
    stored.push_back({{"replicaChange", event.change}, {"outdated", event.outdated}});
  }
  return compare({{"changeInLast60sBefore", before}, {"stored", stored}}, expect);
}

// A quantity is compared as one, "1k" being "1000".
Outcome quantity(const Json& in, const Json& expect) {
  const StatusQuantity got = status_quantity(text(in, "resource"), integer(in, "rawMilli"));
  const std::string wanted = text(expect, "quantity");
  const auto wanted_value = kube::Quantity::parse(wanted);
  if (!wanted_value) throw MalformedCase("expect.quantity \"" + wanted + "\" is no quantity");
  const auto got_value = kube::Quantity::parse(got.text);
  const bool same = got_value && got_value->milli() == wanted_value->milli();
  return compare({{"quantity", same ? wanted : got.text}, {"format", got.format}}, expect);
}

std::optional<std::int64_t> generation(const Json& in, const char* key) {
  if (in.at(key).is_null()) return std::nullopt;
  return integer(in, key);
}

Outcome enqueue(const Json& in, const Json& expect) {
  const std::string event = text(in, "event");
  if (event != "add" && event != "update") throw MalformedCase("event is \"" + event + '"');
  const HpaEnqueue got = event == "add" ? enqueue_added()
                                        : enqueue_updated(generation(in, "oldGeneration"),
                                                          generation(in, "newGeneration"), flag(in, "HPAGeneration"));
  return compare({{"immediate", got.immediate}, {"rateLimited", got.rate_limited}}, expect);
}

}  // namespace

const std::vector<Group>& norm_groups() {
  static const std::vector<Group> kGroups = {{"norm.legacy_limits", legacy_limits},
                                             {"norm.rate_limit", rate_limit},
                                             {"norm.behavior_rate", behavior_rate},
                                             {"norm.stabilize_legacy", stabilize_legacy},
                                             {"norm.stabilize_behavior", stabilize_behavior},
                                             {"norm.store_event", stored_event},
                                             {"status.quantity", quantity},
                                             {"queue.enqueue", enqueue}};
  return kGroups;
}

}  // namespace scaler::vectors
