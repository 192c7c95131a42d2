// Specs of ScalingPolicies and observations for their tests.
//
// Stateless.
#pragma once

#include <chrono>
#include <string>
#include <vector>

#include "scaler/policy/policy_test_support.h"
#include "scaler/policy/scaling/scaling_policy.h"

namespace scaler::testing {

inline constexpr base::Time kKickOff = kStart + std::chrono::hours(12);

inline ScalingPolicySpec on_cpu() {
  ScalingPolicySpec spec;
  spec.min_replicas = 20;
  spec.max_replicas = 600;
  spec.metrics = {cpu_metric(70)};
  spec.cooldown = {.scale_up = std::chrono::seconds(0), .scale_down = std::chrono::minutes(5)};
  return spec;
}

inline CalendarEventSpec derby() {
  CalendarEventSpec event;
  event.name = "derby";
  event.at = kKickOff;
  event.lead = std::chrono::minutes(30);
  event.until = kKickOff + std::chrono::hours(2);
  event.min_replicas = 200;
  return event;
}

inline ScalingPolicySpec with_event() {
  ScalingPolicySpec spec = on_cpu();
  spec.calendar = {derby()};
  return spec;
}

inline MetricSpec queue_metric() {
  MetricSpec metric;
  metric.source = MetricSpec::Source::kExternal;
  metric.name = "queue";
  metric.average_milli = 10000;
  return metric;
}

inline Observation with_queue(Observation observation, double length) {
  const MetricValue value{static_cast<std::int64_t>(length * 1000), observation.now};
  observation.external_metrics.insert_or_assign(MetricNeed{"queue"},
                                                base::Result<std::vector<MetricValue>>(std::vector{value}));
  return observation;
}

inline ScalingPolicySpec on_queue() {
  ScalingPolicySpec spec;
  spec.min_replicas = 1;
  spec.max_replicas = 100;
  spec.metrics = {queue_metric()};
  spec.cooldown = {.scale_up = std::chrono::seconds(0), .scale_down = std::chrono::seconds(0)};
  return spec;
}

inline ScalingPolicySpec sleepy() {
  ScalingPolicySpec spec = on_queue();
  spec.scale_to_zero = ScaleToZeroSpec{};
  return spec;
}

inline ScalingPolicySpec panicky() {
  ScalingPolicySpec spec;
  spec.min_replicas = 20;
  spec.max_replicas = 600;
  spec.metrics = {rps_metric(100)};
  spec.cooldown = {.scale_up = std::chrono::hours(1), .scale_down = std::chrono::seconds(0)};
  spec.panic = PanicSpec{.rise = 2.0, .headroom = 1.2};
  return spec;
}

inline ScalingPolicy policy_of(const ScalingPolicySpec& spec) { return {scaling_policy(spec), {}}; }

inline ScalingPolicy adviser_of(const ScalingPolicySpec& spec) {
  PolicySpec policy = scaling_policy(spec);
  policy.target = {"autoscaling/v2", "HorizontalPodAutoscaler", "api-hpa"};
  return {policy, {}};
}

inline std::string why_unused(const Decision& decision, const std::string& rule) {
  for (const Unused& unused : decision.unused) {
    if (unused.rule == rule) return unused.why;
  }
  return "not told";
}

inline ScalingPolicySpec laddered() {
  ScalingPolicySpec spec;
  spec.min_replicas = 2;
  spec.max_replicas = 100;
  spec.cooldown = {.scale_up = std::chrono::seconds(0), .scale_down = std::chrono::seconds(0)};
  LadderSpec ladder;
  ladder.metric = queue_metric();
  ladder.surge_per_second = 10;
  ladder.start_up = std::chrono::seconds(100);
  ladder.steps = {{0, 5}, {2000, 20}, {5000, 60}};
  spec.ladder = ladder;
  return spec;
}

}  // namespace scaler::testing
