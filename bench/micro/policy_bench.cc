// CPU time of one round of an HPA with `behavior` on one core, from an observation in memory to its decision, and of a
// pass over 10,000 HPAs that read their pods from the informer's cache first. The label names the goal.
#include <benchmark/benchmark.h>
#include <fmt/format.h>

#include <memory>
#include <string>
#include <vector>

#include "scaler/informer/pod_index.h"
#include "scaler/informer/selector_cache.h"
#include "scaler/policy/hpa/hpa_policy.h"

namespace {

using namespace std::chrono_literals;

constexpr base::Time kStart{1'767'225'600s};

std::string pod_name(const std::string& app, std::size_t i) { return fmt::format("{}-7d9c5b6f4d-{:05}", app, i); }

scaler::PodObservation pod_of(std::string name) {
  scaler::PodObservation pod;
  pod.name = std::move(name);
  pod.phase = scaler::PodPhase::kRunning;
  pod.ready = scaler::ConditionStatus::kTrue;
  pod.start_time = pod.ready_transition = kStart - 1h;
  for (const char* container : {"app", "proxy"}) {
    scaler::ContainerObservation requests;
    requests.name = container;
    requests.cpu_request_milli = 500;
    pod.containers.push_back(std::move(requests));
  }
  return pod;
}

scaler::PodUsage usage_of(std::string name, std::int64_t milli) {
  scaler::PodUsage usage{std::move(name), kStart, 30s, {}};
  for (const char* container : {"app", "proxy"}) {
    scaler::ContainerUsage used;
    used.name = container;
    used.cpu_milli = milli;
    usage.containers.push_back(std::move(used));
  }
  return usage;
}

scaler::Observation observation_of(const std::string& app, std::size_t pods, std::int64_t milli) {
  scaler::Observation observation;
  observation.now = kStart;
  observation.scale = {static_cast<int>(pods), static_cast<int>(pods), "app=" + app};
  std::vector<scaler::PodUsage> usage;
  for (std::size_t i = 0; i < pods; ++i) {
    observation.pods.push_back(pod_of(pod_name(app, i)));
    usage.push_back(usage_of(pod_name(app, i), milli));
  }
  observation.resource_metrics = std::move(usage);
  return observation;
}

// 70 % of the CPU, four pods or a tenth a minute up, one pod a minute down.
scaler::PolicySpec hpa_of(const std::string& app) {
  using Type = scaler::RatePolicy::Type;
  scaler::MetricSpec cpu;
  cpu.utilization = 70;
  scaler::Behavior behavior;
  behavior.scale_up.policies = {{Type::kPods, 4, 60s}, {Type::kPercent, 10, 60s}};
  behavior.scale_down.stabilization_window = 300s;
  behavior.scale_down.policies = {{Type::kPods, 1, 60s}};
  scaler::PolicySpec spec;
  spec.name = app;
  spec.target = {"apps/v1", "Deployment", app};
  spec.rules = scaler::HpaSpec{1, 10'000, {cpu}, behavior};
  return spec;
}

void run_rounds(benchmark::State& state, std::int64_t milli, const char* goal) {
  const auto pods = static_cast<std::size_t>(state.range(0));
  scaler::Observation observation = observation_of("checkout", pods, milli);
  scaler::HpaPolicy policy(hpa_of("checkout"), {});
  std::int64_t changes = 0;
  for (auto _ : state) {
    observation.now += 15s;
    const scaler::Decision decision = policy.evaluate(observation);
    if (decision.final == decision.current) continue;
    policy.applied(decision);
    ++changes;
  }
  state.SetLabel(fmt::format("{}, {}", goal, changes > 0 ? "scales up" : "nothing to change"));
}

void BM_QuietRound(benchmark::State& state) {
  run_rounds(state, 350, state.range(0) <= 100 ? "goal 10 us" : "goal 60 us");
}
BENCHMARK(BM_QuietRound)->Arg(100)->Arg(1'000)->Unit(benchmark::kMicrosecond);

void BM_ScalingRound(benchmark::State& state) {
  run_rounds(state, 600, state.range(0) <= 100 ? "goal 10 us" : "goal 60 us");
}
BENCHMARK(BM_ScalingRound)->Arg(100)->Arg(1'000)->Unit(benchmark::kMicrosecond);

void BM_TenThousandHpas(benchmark::State& state) {
  constexpr std::size_t kHpas = 10'000;
  constexpr std::size_t kPods = 10;
  scaler::ObjectCache<scaler::PodObject> cache;
  scaler::PodIndex index(cache);
  scaler::SelectorCache selectors;
  std::vector<std::unique_ptr<scaler::HpaPolicy>> policies;
  std::vector<std::vector<scaler::PodUsage>> metrics(kHpas);
  for (std::size_t i = 0; i < kHpas; ++i) {
    const std::string app = fmt::format("app-{:05}", i);
    policies.push_back(std::make_unique<scaler::HpaPolicy>(hpa_of(app), scaler::ControllerOptions{}));
    for (std::size_t j = 0; j < kPods; ++j) {
      auto pod = std::make_shared<scaler::PodObject>();
      pod->meta.key = {"default", pod_name(app, j)};
      pod->labels = {{"app", app}, {"tier", "web"}};
      pod->observation = pod_of(pod_name(app, j));
      cache.put(std::move(pod));
      metrics[i].push_back(usage_of(pod_name(app, j), i % 10 == 0 ? 600 : 350));
    }
  }
  base::Time now = kStart;
  for (auto _ : state) {
    now += 15s;
    for (std::size_t i = 0; i < kHpas; ++i) {
      scaler::Observation observation;
      observation.now = now;
      observation.scale = {kPods, kPods, fmt::format("app=app-{:05}", i)};
      const auto selector = selectors.parse(observation.scale.selector);
      observation.pods = scaler::select_pods(index, "default", *selector);
      observation.resource_metrics = metrics[i];
      const scaler::Decision decision = policies[i]->evaluate(observation);
      if (decision.final != decision.current) policies[i]->applied(decision);
    }
  }
  state.SetLabel("goal 1000 ms, a tenth of them scales up");
}
BENCHMARK(BM_TenThousandHpas)->Unit(benchmark::kMillisecond);

}  // namespace
