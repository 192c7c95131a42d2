#include "fake-apiserver/api/metrics_api.h"

#include <algorithm>
#include <cmath>

#include "common/base/time_format.h"
#include "fake-apiserver/store/json_access.h"

namespace fakeapi {
namespace {

constexpr const char* kResourceGroup = "metrics.k8s.io";
constexpr const char* kCustomGroup = "custom.metrics.k8s.io";
constexpr const char* kExternalGroup = "external.metrics.k8s.io";
const std::vector<std::string> kResourceVersions{"v1beta1"};
const std::vector<std::string> kCustomVersions{"v1beta2", "v1beta1"};
const std::vector<std::string> kExternalVersions{"v1beta1"};
const Resource kPodMetrics{kResourceGroup, "pods"};
const Resource kNodeMetrics{kResourceGroup, "nodes"};

std::string memory_quantity(std::uint64_t bytes) {
  return bytes % 1024 == 0 ? std::to_string(bytes / 1024) + "Ki" : std::to_string(bytes);
}

Json usage(std::uint64_t cpu_nanocores, std::uint64_t memory_bytes) {
  return {{"cpu", std::to_string(cpu_nanocores) + "n"}, {"memory", memory_quantity(memory_bytes)}};
}

// In thousandths, as the adapters of custom metrics do. What is no number reaches the client as none.
std::string value_quantity(double value) {
  if (!std::isfinite(value)) return "NaN";
  constexpr double kLargest = 9e15;  // of what is still exact in thousandths
  value = std::clamp(value, -kLargest, kLargest);
  const auto milli = static_cast<std::int64_t>(std::llround(value * 1000));
  return milli % 1000 == 0 ? std::to_string(milli / 1000) : std::to_string(milli) + "m";
}

// Labels are those of the object that was measured.
Json measured(const char* kind, const ObjectName& name, const ObjectPtr& object, base::Time at, base::Duration window) {
  Json metadata = {{"name", name.name}, {"creationTimestamp", base::format_rfc3339(at)}};
  if (!name.ns.empty()) metadata["namespace"] = name.ns;
  const Json labels = object ? at_path(*object, {"metadata", "labels"}) : Json();
  if (!labels.is_null()) metadata["labels"] = labels;
  return {{"kind", kind},
          {"apiVersion", "metrics.k8s.io/v1beta1"},
          {"metadata", metadata},
          {"timestamp", base::format_rfc3339(at)},
          {"window", base::format_duration(window)}};
}

bool selected(const LabelSelector& selector, const ObjectPtr& object) {
  return selector.empty() || (object && selector.matches(*object));
}

Json list_of(const std::string& kind, const std::string& api_version, Json items) {
  return {{"kind", kind}, {"apiVersion", api_version}, {"metadata", Json::object()}, {"items", std::move(items)}};
}

Json pod_json(const PodMetrics& pod, const ObjectPtr& object) {
  Json document = measured("PodMetrics", {pod.ns, pod.name}, object, pod.timestamp, pod.window);
  document["containers"] = Json::array();
  for (const ContainerUsage& container : pod.containers) {
    document["containers"].push_back(
        {{"name", container.name}, {"usage", usage(container.cpu_nanocores, container.memory_bytes)}});
  }
  return document;
}

}  // namespace

std::vector<VirtualResource> MetricsApi::resources() const {
  if (!source_) return {};
  std::vector<VirtualResource> all{
      {kResourceGroup, kResourceVersions, "nodes", "", "NodeMetrics", false},
      {kResourceGroup, kResourceVersions, "pods", "", "PodMetrics", true},
  };
  // The groups are there even without a metric.
  all.push_back({kCustomGroup, kCustomVersions, "", "", "", true});
  for (const std::string& name : source_->pod_value_names()) {
    all.push_back({kCustomGroup, kCustomVersions, "pods/" + name, "", "MetricValueList", true});
  }
  for (const ObjectMetricName& name : source_->object_value_names()) {
    const std::string of = display_name(Resource{name.group, name.resource});
    all.push_back({kCustomGroup, kCustomVersions, of + "/" + name.metric, "", "MetricValueList", true});
  }
  all.push_back({kExternalGroup, kExternalVersions, "", "", "", true});
  for (const std::string& name : source_->external_value_names()) {
    all.push_back({kExternalGroup, kExternalVersions, name, "", "ExternalMetricValueList", true});
  }
  return all;
}

bool MetricsApi::serves(const std::string& group, const std::string& version) const {
  if (!source_) return false;
  return (group == kResourceGroup && version == "v1beta1") ||
         (group == kCustomGroup && (version == "v1beta1" || version == "v1beta2")) ||
         (group == kExternalGroup && version == "v1beta1");
}

ApiResult<Json> MetricsApi::get(const std::string& group, const std::string& version,
                                const std::vector<std::string>& rest, const http::Target& target) const {
  const std::string text(target.get("labelSelector").value_or(""));
  const std::string metric_text(target.get("metricLabelSelector").value_or(""));
  const auto selector = LabelSelector::parse(text);
  if (!selector) return selector.error();
  if (group == kResourceGroup) return resource_metrics(rest, *selector);
  if (group == kExternalGroup) return external_metrics(rest, *selector, text);
  const auto metric_selector = LabelSelector::parse(metric_text);
  if (!metric_selector) return metric_selector.error();
  return custom_metrics(version, rest, *selector, metric_text);
}

ApiResult<Json> MetricsApi::resource_metrics(const std::vector<std::string>& rest,
                                             const LabelSelector& selector) const {
  const std::string name = rest.size() % 2 == 0 ? rest.back() : "";
  if (rest.size() <= 2 && rest[0] == "nodes") return node_metrics(name, selector);
  if (rest.size() == 1 && rest[0] == "pods") return pod_metrics("", "", selector);
  const bool namespaced = rest.size() >= 3 && rest.size() <= 4 && rest[0] == "namespaces" && rest[2] == "pods";
  if (namespaced) return pod_metrics(rest[1], name, selector);
  return unknown_resource();
}

ApiResult<Json> MetricsApi::pod_metrics(const std::string& ns, const std::string& name,
                                        const LabelSelector& selector) const {
  Json items = Json::array();
  for (const PodMetrics& pod : source_->pod_metrics(ns)) {
    if (!name.empty() && pod.name != name) continue;
    const ObjectPtr object = store_.find({"", "pods"}, {pod.ns, pod.name});
    if (!selected(selector, object)) continue;
    items.push_back(pod_json(pod, object));
    if (!name.empty()) return items.back();
  }
  if (!name.empty()) return not_found(kPodMetrics, ns + "/" + name);
  return list_of("PodMetricsList", "metrics.k8s.io/v1beta1", std::move(items));
}

ApiResult<Json> MetricsApi::node_metrics(const std::string& name, const LabelSelector& selector) const {
  Json items = Json::array();
  for (const NodeMetrics& node : source_->node_metrics()) {
    if (!name.empty() && node.name != name) continue;
    const ObjectPtr object = store_.find({"", "nodes"}, {"", node.name});
    if (!selected(selector, object)) continue;
    items.push_back(measured("NodeMetrics", {"", node.name}, object, node.timestamp, node.window));
    items.back()["usage"] = usage(node.cpu_nanocores, node.memory_bytes);
    if (!name.empty()) return items.back();
  }
  if (!name.empty()) return not_found(kNodeMetrics, name);
  return list_of("NodeMetricsList", "metrics.k8s.io/v1beta1", std::move(items));
}

namespace {

// "deployments.apps", as paths of custom metrics name a resource.
Resource resource_of(const std::string& text) {
  const std::size_t dot = text.find('.');
  if (dot == std::string::npos) return Resource{"", text};
  return Resource{text.substr(dot + 1), text.substr(0, dot)};
}

StatusError no_metric(const std::string& metric, const std::string& of) {
  StatusError error = unknown_resource();
  error.message = "the server could not find the metric " + metric + " for " + of;
  return error;
}

// One item of a MetricValueList.
Json value_item(const std::string& version, const std::string& metric, Json described, base::Time at,
                base::Duration window, double value) {
  Json item = {{"describedObject", std::move(described)},
               {"timestamp", base::format_rfc3339(at)},
               {"value", value_quantity(value)}};
  const bool is_first = version == "v1beta1";
  item[is_first ? "window" : "windowSeconds"] = std::chrono::duration_cast<std::chrono::seconds>(window).count();
  if (is_first) {
    item["metricName"] = metric;
    item["selector"] = nullptr;
  } else {
    item["metric"] = {{"name", metric}, {"selector", nullptr}};
  }
  return item;
}

}  // namespace

// namespaces/<ns>/<resource>/<name or, of pods, *>/<metric>, or namespaces/<ns>/metrics/<metric>
ApiResult<Json> MetricsApi::custom_metrics(const std::string& version, const std::vector<std::string>& rest,
                                           const LabelSelector& selector, const std::string& metric_selector) const {
  if (rest.size() < 4 || rest.size() > 5 || rest[0] != "namespaces") return unknown_resource();
  Json items;
  if (rest.size() == 5 && rest[2] == "pods") {
    auto values = pod_values(version, rest, selector);
    if (!values) return values.error();
    items = std::move(*values);
  } else {
    const bool of_namespace = rest.size() == 4;
    if (of_namespace && rest[2] != "metrics") return unknown_resource();
    const Resource resource = of_namespace ? Resource{"", "namespaces"} : resource_of(rest[2]);
    const std::string& name = of_namespace ? rest[1] : rest[3];
    const DescribedResource object{resource.group, resource.plural, name};
    const auto value = source_->object_value(rest[1], object, rest.back(), metric_selector);
    if (!value) return no_metric(rest.back(), display_name(resource) + " " + name);
    Json described = describe(resource, rest[1], name);
    items.push_back(
        value_item(version, rest.back(), std::move(described), value->timestamp, value->window, value->value));
  }
  return list_of("MetricValueList", std::string(kCustomGroup) + "/" + version, std::move(items));
}

ApiResult<Json> MetricsApi::pod_values(const std::string& version, const std::vector<std::string>& rest,
                                       const LabelSelector& selector) const {
  const std::string& metric = rest[4];
  const bool all = rest[3] == "*";
  const auto values = source_->pod_values(rest[1], metric);
  Json items = Json::array();
  for (const PodMetricValue& value : values) {
    const ObjectPtr object = store_.find({"", "pods"}, {value.ns, value.pod});
    if (all ? !selected(selector, object) : value.pod != rest[3]) continue;
    Json described = {{"kind", "Pod"}, {"namespace", value.ns}, {"name", value.pod}, {"apiVersion", "/v1"}};
    items.push_back(value_item(version, metric, std::move(described), value.timestamp, value.window, value.value));
  }
  if (values.empty() || (!all && items.empty())) return no_metric(metric, all ? "pods" : "pods " + rest[3]);
  return items;
}

Json MetricsApi::describe(const Resource& resource, const std::string& ns, const std::string& name) const {
  const ResourceInfo* info = registry_.find(resource);
  Json described = {{"kind", info ? info->kind : resource.plural},
                    {"name", name},
                    {"apiVersion", info ? info->stored_api_version() : resource.group}};
  if (!info || info->namespaced) described["namespace"] = ns;
  return described;
}

// namespaces/<ns>/<metric>
ApiResult<Json> MetricsApi::external_metrics(const std::vector<std::string>& rest, const LabelSelector& selector,
                                             const std::string& selector_text) const {
  if (rest.size() != 3 || rest[0] != "namespaces") return unknown_resource();
  const auto series = source_->external_values(rest[1], rest[2], selector_text);
  if (!series) return no_metric(rest[2], "namespaces");
  Json items = Json::array();
  for (const ExternalMetricValue& value : *series) {
    const Json labels(value.labels);
    if (!selector.matches_labels(labels)) continue;
    items.push_back({{"metricName", rest[2]},
                     {"metricLabels", labels},
                     {"timestamp", base::format_rfc3339(value.timestamp)},
                     {"window", std::chrono::duration_cast<std::chrono::seconds>(value.window).count()},
                     {"value", value_quantity(value.value)}});
  }
  return list_of("ExternalMetricValueList", std::string(kExternalGroup) + "/v1beta1", std::move(items));
}

}  // namespace fakeapi
