#include "sim/validation/bedrock_evening.h"

#include <algorithm>
#include <array>
#include <chrono>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <string>
#include <utility>

#include "common/base/check.h"
#include "scaler/policy/policy_factory.h"

namespace sim::bedrock {
namespace {

constexpr std::array<Sample, 20> kEvening = {{
    {0, 38, 43, 0},     {15, 57, 43, 0},    {30, 72, 43, 0},    {45, 73, 45, 6},    {60, 64, 45, 6},
    {75, 11, 51, 21},   {90, 15, 51, 21},   {105, 19, 51, 45},  {120, 19, 51, 45},  {135, 14, 72, 24},
    {150, 49, 72, 24},  {165, 78, 82, 32},  {180, 85, 82, 32},  {195, 85, 96, 27},  {210, 90, 96, 27},
    {225, 81, 108, 26}, {240, 88, 108, 26}, {255, 54, 108, 46}, {270, 36, 108, 46}, {285, 27, 108, 46},
}};
constexpr int kSampleStep = 15;
constexpr int kTargetPercent = 40;

constexpr int kFirstLoop = 10;  // phases, see replay()
constexpr int kFirstCollection = 35;
constexpr int kCollectionDelay = 30;  // from the moment that the metric describes until the HPA is given it

const Sample& sample_at(int at) {
  const int index = std::clamp(at / kSampleStep, 0, static_cast<int>(kEvening.size()) - 1);
  return kEvening[static_cast<std::size_t>(index)];
}

// Between two samples on a line, before the first as the first.
double metric_at(int at) {
  if (at <= 0) return kEvening.front().active_percent;
  const Sample& before = sample_at(at);
  const Sample& after = sample_at(at + kSampleStep);
  return before.active_percent +
         (after.active_percent - before.active_percent) * static_cast<double>(at - before.at) / kSampleStep;
}

// The collection that the HPA is shown at `now`.
int collected_at(int now) {
  const double rounds = std::floor(static_cast<double>(now - kCollectionDelay - kFirstCollection) / kCollection);
  return kFirstCollection + kCollection * static_cast<int>(rounds);
}

scaler::PolicySpec hpa() {
  scaler::PolicySpec spec;
  spec.name = "evening";
  spec.target = {"apps/v1", "Deployment", "app"};
  scaler::MetricSpec metric;
  metric.source = scaler::MetricSpec::Source::kPods;
  metric.name = "active";
  metric.average_milli = kTargetPercent * 1000;
  spec.rules = scaler::HpaSpec{.min_replicas = 1, .max_replicas = 1000, .metrics = {metric}, .behavior = {}};
  return spec;
}

scaler::Observation observation(int now, int replicas) {
  scaler::Observation o;
  o.now = base::Time{} + std::chrono::hours(24 * 365) + std::chrono::seconds(now);
  o.scale = {replicas, replicas, "app=app"};
  const int available = std::min(replicas, sample_at(now).available);
  const auto milli = static_cast<std::int64_t>(std::llround(1000 * metric_at(collected_at(now))));
  std::vector<scaler::PodMetricValue> values;
  for (int i = 0; i < replicas; ++i) {
    scaler::PodObservation pod;
    pod.name = std::to_string(i);
    pod.phase = scaler::PodPhase::kRunning;
    const bool ready = i < available;
    pod.ready = ready ? scaler::ConditionStatus::kTrue : scaler::ConditionStatus::kFalse;
    pod.start_time = pod.ready_transition = o.now - std::chrono::hours(ready ? 24 : 0);
    if (ready) {
      scaler::PodMetricValue value;
      value.pod = pod.name;
      value.value_milli = milli;
      value.timestamp = o.now;
      values.push_back(std::move(value));
    }
    o.pods.push_back(std::move(pod));
  }
  // The reader of the policy looks pods up by name.
  std::sort(o.pods.begin(), o.pods.end(), [](const auto& a, const auto& b) { return a.name < b.name; });
  o.pod_metrics.insert_or_assign(scaler::MetricNeed{"active"},
                                 base::Result<std::vector<scaler::PodMetricValue>>(std::move(values)));
  return o;
}

}  // namespace

std::span<const Sample> evening() { return kEvening; }

std::vector<Step> replay() {
  const auto policy = scaler::make_policy(hpa());
  std::vector<Step> steps = {{0, kEvening.front().available}};
  for (int now = kFirstLoop; now <= kEvening.back().at; now += kLoop) {
    const scaler::Decision decision = policy->evaluate(observation(now, steps.back().replicas));
    CHECK(decision.error.empty(), decision.error);
    if (decision.final == decision.current) continue;
    policy->applied(decision);
    steps.push_back({now, decision.final});
  }
  return steps;
}

}  // namespace sim::bedrock
