#include "scaler/client/metrics_json.h"

#include <algorithm>
#include <nlohmann/json.hpp>

#include "scaler/client/json_fields.h"

namespace scaler {
namespace {

using namespace json_fields;

constexpr std::int64_t kLongestWindow = 86'400;  // seconds; more is nonsense that could overflow a time
constexpr std::int64_t kDefaultWindow = 60;      // seconds; as in the HPA's metrics client

base::Error no_quantity(const Json& value, const std::string& of) {
  std::string text = dump(value);
  if (text.size() > 40) text = text.substr(0, 40) + "...";
  return base::Error{base::ErrorCode::kUnavailable, "the value " + text + " of " + of + " is no quantity"};
}

// An absent amount is none; one that does not parse is an error.
base::Result<std::optional<std::int64_t>> amount(const Json& amounts, const char* key, const std::string& of) {
  const Json& value = member(amounts, key);
  if (value.is_null()) return std::optional<std::int64_t>();
  const auto found = milli(amounts, key);
  if (!found) return no_quantity(value, of);
  return std::optional<std::int64_t>(*found);
}

base::Result<PodUsage> decode_pod_usage(const Json& item) {
  PodUsage usage;
  usage.pod = text(member(item, "metadata"), "name");
  usage.timestamp = time(item, "timestamp").value_or(base::Time());
  const base::Duration window = base::parse_duration(text(item, "window")).value_or(base::Duration::zero());
  usage.window = std::clamp<base::Duration>(window, base::Duration::zero(), std::chrono::seconds(kLongestWindow));
  for (const Json& container : member(item, "containers")) {
    const Json& amounts = member(container, "usage");
    ContainerUsage used;
    used.name = text(container, "name");
    const std::string of = " of container " + used.name + " of pod " + usage.pod;
    const auto cpu = amount(amounts, "cpu", "cpu" + of);
    if (!cpu) return cpu.error();
    const auto memory = amount(amounts, "memory", "memory" + of);
    if (!memory) return memory.error();
    used.cpu_milli = *cpu;
    used.memory_milli = *memory;
    usage.containers.push_back(std::move(used));
  }
  return usage;
}

// Of a custom metric, in seconds: v1beta2 calls it windowSeconds, v1beta1 window.
base::Duration window_of(const Json& item) {
  const std::int64_t seconds =
      integer(item, item.contains("windowSeconds") ? "windowSeconds" : "window", kDefaultWindow);
  return std::chrono::seconds(std::clamp(seconds, std::int64_t{0}, kLongestWindow));
}

}  // namespace

base::Result<std::vector<PodUsage>> decode_pod_metrics(std::string_view body) {
  const Json document = parse(body);
  if (!member(document, "items").is_array()) return garbage("a PodMetricsList");
  std::vector<PodUsage> usages;
  usages.reserve(document["items"].size());
  for (const Json& item : document["items"]) {
    auto usage = decode_pod_usage(item);
    if (!usage) return usage.error();
    usages.push_back(std::move(*usage));
  }
  return usages;
}

base::Result<std::vector<PodMetricValue>> decode_metric_values(std::string_view body) {
  const Json document = parse(body);
  if (!member(document, "items").is_array()) return garbage("a MetricValueList");
  std::vector<PodMetricValue> values;
  values.reserve(document["items"].size());
  for (const Json& item : document["items"]) {
    PodMetricValue value;
    value.pod = text(member(item, "describedObject"), "name");
    const auto read = milli(item, "value");
    if (!read) return no_quantity(member(item, "value"), "pod " + value.pod);
    value.value_milli = *read;
    value.timestamp = time(item, "timestamp").value_or(base::Time());
    value.window = window_of(item);
    values.push_back(std::move(value));
  }
  return values;
}

base::Result<MetricValue> decode_object_metric(std::string_view body) {
  const Json document = parse(body);
  const Json& items = member(document, "items");
  if (!items.is_array()) return garbage("a MetricValueList");
  if (items.size() != 1) {
    return base::Error{base::ErrorCode::kUnavailable, "the custom metrics API server returned " +
                                                          std::to_string(items.size()) +
                                                          " results when we asked for exactly one"};
  }
  const auto read = milli(items[0], "value");
  if (!read) return no_quantity(member(items[0], "value"), text(member(items[0], "describedObject"), "name"));
  return MetricValue{*read, time(items[0], "timestamp").value_or(base::Time())};
}

base::Result<std::vector<MetricValue>> decode_external_metric(std::string_view body) {
  const Json document = parse(body);
  if (!member(document, "items").is_array()) return garbage("an ExternalMetricValueList");
  std::vector<MetricValue> values;
  values.reserve(document["items"].size());
  for (const Json& item : document["items"]) {
    const auto read = milli(item, "value");
    if (!read) return no_quantity(member(item, "value"), text(item, "metricName"));
    values.push_back({*read, time(item, "timestamp").value_or(base::Time())});
  }
  return values;
}

std::vector<std::string> decode_group_versions(std::string_view body) {
  const Json document = parse(body);
  std::vector<std::string> versions;
  const std::string preferred = text(member(document, "preferredVersion"), "version");
  if (!preferred.empty()) versions.push_back(preferred);
  for (const Json& entry : member(document, "versions")) {
    std::string version = text(entry, "version");
    if (!version.empty() && version != preferred) versions.push_back(std::move(version));
  }
  return versions;
}

std::string decode_plural(std::string_view body, const std::string& kind) {
  const Json document = parse(body);
  for (const Json& resource : member(document, "resources")) {
    std::string name = text(resource, "name");
    if (text(resource, "kind") == kind && name.find('/') == std::string::npos) return name;
  }
  return "";
}

}  // namespace scaler
