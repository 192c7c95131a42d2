#include "scaler/policy/scaling/usable_metrics.h"

#include <fmt/format.h>

#include <algorithm>

#include "common/base/number_format.h"
#include "common/base/time_format.h"
#include "scaler/policy/setting_text.h"

namespace scaler {
namespace {

class Judge {
 public:
  Judge(base::Time now, base::Duration max_age) : now_(now), max_age_(max_age) {}

  // Empty if the value may be used.
  std::string fault(std::int64_t value_milli, base::Time at) const {
    if (value_milli < 0) {
      return fmt::format("the value {} is negative", base::format_number(static_cast<double>(value_milli) / 1000.0));
    }
    if (now_ - at <= max_age_) return {};
    return fmt::format("{} old, older than {}", duration_text(now_ - at), base::format_duration(max_age_));
  }
  std::string operator()(const MetricValue& value) const { return fault(value.value_milli, value.timestamp); }
  std::string operator()(const PodMetricValue& value) const { return fault(value.value_milli, value.timestamp); }
  std::string operator()(const PodUsage& usage) const {
    for (const ContainerUsage& container : usage.containers) {
      for (const auto& value : {container.cpu_milli, container.memory_milli}) {
        if (value && *value < 0) return fault(*value, usage.timestamp);
      }
    }
    return fault(0, usage.timestamp);
  }

  bool all_good(const MetricValue& value) const { return (*this)(value).empty(); }
  template <class Value>
  bool all_good(const std::vector<Value>& values) const {
    return std::all_of(values.begin(), values.end(), [&](const Value& value) { return (*this)(value).empty(); });
  }

 private:
  base::Time now_;
  base::Duration max_age_;
};

base::Error unusable(const std::string& why) { return {base::ErrorCode::kUnavailable, "unusable: " + why}; }

// Of a list with a sample a pod.
template <class Value>
void clean_pods(const Judge& judge, const std::string& name, base::Result<std::vector<Value>>& values,
                std::vector<std::string>& left_out) {
  if (!values || judge.all_good(*values)) return;
  const std::size_t all = values->size();
  std::string why;
  std::erase_if(*values, [&](const Value& value) {
    std::string fault = judge(value);
    const bool is_bad = !fault.empty();
    if (why.empty()) why = std::move(fault);
    return is_bad;
  });
  const std::size_t left = all - values->size();
  if (values->empty()) {
    values = unusable(fmt::format("all {} samples: {}", all, why));
  } else {
    left_out.push_back(fmt::format("{}: {} of {} samples: {}", name, left, all, why));
  }
}

// Of a total, in which a bad part makes all of it wrong.
void clean_total(const Judge& judge, base::Result<MetricValue>& value) {
  if (!value) return;
  if (const std::string why = judge(*value); !why.empty()) value = unusable(why);
}
void clean_total(const Judge& judge, base::Result<std::vector<MetricValue>>& values) {
  if (!values) return;
  std::string why;
  for (const MetricValue& value : *values) {
    if (why.empty()) why = judge(value);
  }
  if (!why.empty()) values = unusable(why);
}

template <class Metrics>
bool all_good(const Judge& judge, const Metrics& metrics) {
  return std::all_of(metrics.begin(), metrics.end(),
                     [&](const auto& metric) { return !metric.second || judge.all_good(*metric.second); });
}

}  // namespace

std::optional<UsableMetrics> without_unusable(const Observation& observation, base::Duration max_age) {
  const Judge judge(observation.now, max_age);
  if ((!observation.resource_metrics || judge.all_good(*observation.resource_metrics)) &&
      all_good(judge, observation.pod_metrics) && all_good(judge, observation.object_metrics) &&
      all_good(judge, observation.external_metrics)) {
    return std::nullopt;
  }
  UsableMetrics usable{.observation = observation, .left_out = {}};
  clean_pods(judge, "resource metrics", usable.observation.resource_metrics, usable.left_out);
  for (auto& [need, values] : usable.observation.pod_metrics) clean_pods(judge, need.name, values, usable.left_out);
  for (auto& [need, value] : usable.observation.object_metrics) clean_total(judge, value);
  for (auto& [need, values] : usable.observation.external_metrics) clean_total(judge, values);
  return usable;
}

}  // namespace scaler
