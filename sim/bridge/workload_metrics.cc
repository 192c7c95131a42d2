#include "sim/bridge/workload_metrics.h"

#include <algorithm>
#include <cmath>

namespace sim {
namespace {

using namespace std::chrono_literals;

constexpr const char* kRate = "requests_per_second";
constexpr const char* kConcurrency = "concurrency";
constexpr const char* kInFlight = "requests_in_flight";
const std::vector<std::string> kTotals{kConcurrency, kInFlight, kRate};

bool may_describe(const fakeapi::DescribedResource& object) {
  return (object.group == "apps" && object.resource == "deployments") ||
         (object.group.empty() && object.resource == "services") ||
         (object.group == "networking.k8s.io" && object.resource == "ingresses");
}

base::Duration window_of(const std::string& metric) { return metric == kRate ? base::Duration(1s) : base::Duration(); }

}  // namespace

WorkloadMetrics::WorkloadMetrics(fakeapi::MetricsSource& pods, SystemBridge& bridge, Prometheus& prometheus,
                                 base::Clock& clock)
    : pods_(pods),
      bridge_(bridge),
      prometheus_(prometheus),
      clock_(clock),
      rates_(bridge.workloads().size()),
      timers_(clock) {}

void WorkloadMetrics::measure_rates() {
  if (rated_at_ != base::Time()) return;
  tick();
}

void WorkloadMetrics::tick() {
  rated_at_ = clock_.now();
  timers_.call_after(1s, [this] { tick(); });
  for (std::size_t i = 0; i < rates_.size(); ++i) {
    const double received = bridge_.workloads()[i]->traffic(rated_at_).received;
    if (rates_[i].received) rates_[i].per_second = received - *rates_[i].received;
    rates_[i].received = received;
  }
}

void WorkloadMetrics::add(TriggerMetric trigger) {
  if (trigger.query) prometheus_.watch(*trigger.query);
  triggers_.push_back(std::move(trigger));
}

std::optional<double> WorkloadMetrics::total(std::size_t workload, const std::string& metric) {
  if (metric == kRate) return rates_[workload].per_second;
  return bridge_.workloads()[workload]->traffic(clock_.now()).held;
}

base::Time WorkloadMetrics::timestamp(const std::string& metric) const {
  return metric == kRate ? rated_at_ : clock_.now();
}

std::optional<fakeapi::ObjectMetricValue> WorkloadMetrics::object_value(const std::string& ns,
                                                                        const fakeapi::DescribedResource& object,
                                                                        const std::string& metric,
                                                                        const std::string& /*selector*/) {
  if (!may_describe(object) || std::find(kTotals.begin(), kTotals.end(), metric) == kTotals.end()) return std::nullopt;
  for (std::size_t i = 0; i < rates_.size(); ++i) {
    const WorkloadSpec& workload = bridge_.workloads()[i]->workload();
    if (workload.ns != ns || workload.name != object.name) continue;
    const auto value = total(i, metric);
    if (!value) return std::nullopt;
    return fakeapi::ObjectMetricValue{timestamp(metric), window_of(metric), *value};
  }
  return std::nullopt;
}

// What the trigger measures now; nullopt: it has no data.
std::optional<double> WorkloadMetrics::measured(const TriggerMetric& trigger) {
  if (!trigger.query) return bridge_.workload(trigger.workload).traffic(clock_.now()).held;
  const PromValue answer = prometheus_.answer(*trigger.query);
  if (answer.elements.size() > 1) return std::nullopt;
  const bool found = !answer.elements.empty() && std::isfinite(answer.elements.front().value);
  if (found) return answer.elements.front().value;
  return trigger.nothing_is_zero ? std::optional(0.0) : std::nullopt;
}

std::optional<std::vector<fakeapi::ExternalMetricValue>> WorkloadMetrics::external_values(const std::string& ns,
                                                                                          const std::string& metric,
                                                                                          const std::string& selector) {
  std::vector<fakeapi::ExternalMetricValue> values;
  if (std::find(kTotals.begin(), kTotals.end(), metric) != kTotals.end()) {
    for (std::size_t i = 0; i < rates_.size(); ++i) {
      const WorkloadSpec& workload = bridge_.workloads()[i]->workload();
      if (workload.ns != ns || (selector.empty() && i > 0)) continue;
      const auto value = total(i, metric);
      if (!value) continue;
      const std::map<std::string, std::string> labels = {
          {"namespace", ns}, {"deployment", workload.name}, {"app", workload.name}};
      values.push_back({labels, timestamp(metric), window_of(metric), *value});
    }
    return values;
  }
  bool known = false;
  for (const TriggerMetric& trigger : triggers_) {
    if (trigger.ns != ns || trigger.name != metric) continue;
    known = true;
    if (const auto value = measured(trigger)) values.push_back({trigger.labels, clock_.now(), {}, *value});
  }
  if (!known) return std::nullopt;
  return values;
}

std::vector<fakeapi::ObjectMetricName> WorkloadMetrics::object_value_names() {
  std::vector<fakeapi::ObjectMetricName> names;
  for (const auto& [group, resource] :
       {std::pair("", "services"), {"apps", "deployments"}, {"networking.k8s.io", "ingresses"}}) {
    for (const std::string& metric : kTotals) names.push_back({group, resource, metric});
  }
  return names;
}

std::vector<std::string> WorkloadMetrics::external_value_names() {
  std::vector<std::string> names = kTotals;
  for (const TriggerMetric& trigger : triggers_) names.push_back(trigger.name);
  std::sort(names.begin(), names.end());
  names.erase(std::unique(names.begin(), names.end()), names.end());
  return names;
}

}  // namespace sim
