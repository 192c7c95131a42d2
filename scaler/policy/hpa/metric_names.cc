#include "scaler/policy/hpa/metric_names.h"

#include <algorithm>
#include <string_view>
#include <vector>

#include "scaler/policy/hpa/metric_proposals.h"

namespace scaler {
namespace {

using Source = MetricSpec::Source;

std::string_view trim(std::string_view text) {
  const std::size_t first = text.find_first_not_of(' ');
  if (first == std::string_view::npos) return {};
  return text.substr(first, text.find_last_not_of(' ') - first + 1);
}

// At commas outside of parentheses.
std::vector<std::string_view> split_requirements(std::string_view text) {
  std::vector<std::string_view> parts;
  std::size_t start = 0;
  int depth = 0;
  for (std::size_t i = 0; i <= text.size(); ++i) {
    if (i < text.size() && text[i] == '(') ++depth;
    if (i < text.size() && text[i] == ')') --depth;
    if (i < text.size() && (text[i] != ',' || depth != 0)) continue;
    const std::string_view part = trim(text.substr(start, i - start));
    if (!part.empty()) parts.push_back(part);
    start = i + 1;
  }
  return parts;
}

std::string requirement(std::string_view key, const char* op, std::string_view values) {
  std::string list(values);
  std::replace(list.begin(), list.end(), ',', ' ');
  return "LabelSelectorRequirement{Key:" + std::string(key) + ",Operator:" + op + ",Values:[" + list + "],},";
}

// "a in (b,c)", "a notin (b)", "a" or "!a".
std::string dump_requirement(std::string_view text) {
  if (text.front() == '!') return requirement(trim(text.substr(1)), "DoesNotExist", "");
  const std::size_t space = text.find(' ');
  if (space == std::string_view::npos) return requirement(text, "Exists", "");
  const std::string_view rest = trim(text.substr(space));
  const std::size_t open = rest.find('(');
  const std::size_t close = rest.rfind(')');
  if (open == std::string_view::npos || close == std::string_view::npos || close < open) return {};
  const char* op = rest.substr(0, 5) == "notin" ? "NotIn" : "In";
  return requirement(text.substr(0, space), op, rest.substr(open + 1, close - open - 1));
}

}  // namespace

std::string type_name(const MetricSpec& metric) {
  switch (metric.source) {
    case Source::kResource: return "Resource";
    case Source::kContainerResource: return "ContainerResource";
    case Source::kPods: return "Pods";
    case Source::kObject: return "Object";
    case Source::kExternal: return "External";
    case Source::kUnknown: break;
  }
  return metric.type;
}

std::string failure_reason(const MetricSpec& metric) {
  return metric.source == Source::kUnknown ? "InvalidMetricSourceType" : "FailedGet" + type_name(metric) + "Metric";
}

std::string dump_selector(const MetricSpec& metric) {
  if (metric.selector.empty() && !metric.selector_given) return "nil";
  std::string labels;
  std::string expressions;
  for (const std::string_view part : split_requirements(metric.selector)) {
    const std::size_t equals = part.find('=');
    if (equals == std::string_view::npos) {
      expressions += dump_requirement(part);
    } else {
      labels += std::string(part.substr(0, equals)) + ": " + std::string(part.substr(equals + 1)) + ",";
    }
  }
  return "&LabelSelector{MatchLabels:map[string]string{" + labels + "},MatchExpressions:[]LabelSelectorRequirement{" +
         expressions + "},}";
}

std::string reason_name(const MetricSpec& metric) {
  const TargetForm form = target_form(metric);
  switch (metric.source) {
    case Source::kResource:
      return metric.name +
             (form == TargetForm::kUtilization ? " resource utilization (percentage of request)" : " resource");
    case Source::kContainerResource:
      return metric.name + (form == TargetForm::kUtilization ? " container resource utilization (percentage of request)"
                                                             : " resource");
    case Source::kPods: return "pods metric " + metric.name;
    case Source::kObject:
      if (form == TargetForm::kValue) return metric.object.kind + " metric " + metric.name;
      [[fallthrough]];  // upstream names an average over an object as if it was external
    case Source::kExternal: return "external metric " + metric.name + "(" + dump_selector(metric) + ")";
    case Source::kUnknown: break;
  }
  return metric.type;
}

}  // namespace scaler
