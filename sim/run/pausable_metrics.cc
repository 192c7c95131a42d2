#include "sim/run/pausable_metrics.h"

#include <algorithm>
#include <iterator>

namespace sim {
namespace {

template <class T>
std::vector<T> of_namespace(const std::vector<T>& all, const std::string& ns) {
  std::vector<T> found;
  std::copy_if(all.begin(), all.end(), std::back_inserter(found),
               [&ns](const T& entry) { return ns.empty() || entry.ns == ns; });
  return found;
}

}  // namespace

void PausableMetrics::set_mode(Mode mode) {
  mode_ = mode;
  pods_.clear();
  nodes_.clear();
  values_.clear();
  if (mode != Mode::kStale) return;
  for (auto& [key, value] : objects_) {
    const auto& [ns, group, resource, name, metric, selector] = key;
    value = inner_.object_value(ns, {group, resource, name}, metric, selector);
  }
  for (auto& [key, value] : externals_) {
    const auto& [ns, metric, selector] = key;
    value = inner_.external_values(ns, metric, selector);
  }
  pods_ = inner_.pod_metrics("");
  nodes_ = inner_.node_metrics();
  for (const std::string& name : inner_.pod_value_names()) values_[name] = inner_.pod_values("", name);
}

std::vector<fakeapi::PodMetrics> PausableMetrics::pod_metrics(const std::string& ns) {
  return mode_ == Mode::kLive ? inner_.pod_metrics(ns) : of_namespace(pods_, ns);
}

std::vector<fakeapi::NodeMetrics> PausableMetrics::node_metrics() {
  return mode_ == Mode::kLive ? inner_.node_metrics() : nodes_;
}

std::vector<fakeapi::PodMetricValue> PausableMetrics::pod_values(const std::string& ns, const std::string& metric) {
  if (mode_ == Mode::kLive) return inner_.pod_values(ns, metric);
  const auto found = values_.find(metric);
  return found == values_.end() ? std::vector<fakeapi::PodMetricValue>() : of_namespace(found->second, ns);
}

std::optional<fakeapi::ObjectMetricValue> PausableMetrics::object_value(const std::string& ns,
                                                                        const fakeapi::DescribedResource& object,
                                                                        const std::string& metric,
                                                                        const std::string& selector) {
  auto& known = objects_[{ns, object.group, object.resource, object.name, metric, selector}];
  if (mode_ == Mode::kLive) return inner_.object_value(ns, object, metric, selector);
  return mode_ == Mode::kStale ? known : std::nullopt;
}

std::optional<std::vector<fakeapi::ExternalMetricValue>> PausableMetrics::external_values(const std::string& ns,
                                                                                          const std::string& metric,
                                                                                          const std::string& selector) {
  auto& known = externals_[{ns, metric, selector}];
  if (mode_ == Mode::kLive) return inner_.external_values(ns, metric, selector);
  return mode_ == Mode::kStale ? known : std::nullopt;
}

std::vector<std::string> PausableMetrics::pod_value_names() {
  if (mode_ == Mode::kLive) return inner_.pod_value_names();
  std::vector<std::string> names;
  for (const auto& [name, values] : values_) names.push_back(name);
  return names;
}

}  // namespace sim
