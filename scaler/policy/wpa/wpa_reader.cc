#include "scaler/policy/wpa/wpa_reader.h"

#include <fmt/format.h>

#include <limits>

#include "common/kube/quantity.h"
#include "scaler/policy/hpa/field_problem.h"
#include "scaler/policy/hpa/hpa_json.h"
#include "scaler/policy/policy_fields.h"

namespace scaler {
namespace {

using config::Fields;

constexpr const char* kLifecycle = "wpa.datadoghq.com/lifecycle-control.enabled";

// 0 means something in each of them.
std::int64_t read_milli(Fields& fields, const std::string& key) {
  const std::int64_t milli = read_quantity_milli(fields, key);
  if (milli < 0) fields.fail(key, "must not be negative, is " + kube::format_milli(milli));
  return milli;
}

void read_watermarks(Fields& body, WpaMetric& metric) {
  const bool high = body.has("highWatermark");
  const bool low = body.has("lowWatermark");
  if (!high && !low) body.fail("needs highWatermark or lowWatermark");
  if (high) metric.high_milli = read_milli(body, "highWatermark");
  if (low) metric.low_milli = read_milli(body, "lowWatermark");
  if (!high) metric.high_milli = metric.low_milli;
  if (!low) metric.low_milli = metric.high_milli;
  if (metric.high_milli < metric.low_milli) {
    body.fail("highWatermark",
              fmt::format("must not be below lowWatermark ({})", kube::format_milli(metric.low_milli)));
  }
}

void read_selector(Fields& body, WpaMetric& metric) {
  if (!body.has("metricSelector")) body.fail("metricSelector", "must be given in every metric");
  SelectorText selector = selector_text(body.raw("metricSelector"));
  if (!selector.problem.empty()) body.fail("metricSelector", "is no label selector: " + selector.problem);
  metric.selector = std::move(selector.text);
}

std::string read_external_name(Fields& body) {
  if (body.has("metricName")) return body.text("metricName");
  if (!body.has("metric")) body.fail("metricName", "must be given");
  Fields identifier = body.object("metric");
  return identifier.text("name");
}

WpaMetric read_metric(Fields& entry) {
  WpaMetric metric;
  const std::string type = entry.choice("type", {"External", "Resource"});
  const bool external = type == "External";
  metric.source = external ? WpaMetric::Source::kExternal : WpaMetric::Source::kResource;
  const std::string key = external ? "external" : "resource";
  const std::string other = external ? "resource" : "external";
  if (!entry.has(key)) entry.fail(key, "must be given in a metric of type " + type);
  if (entry.has(other)) entry.fail(other, "may not be set in a metric of type " + type);
  Fields body = entry.object(key);
  metric.name = external ? read_external_name(body) : body.choice("name", {"cpu", "memory"});
  if (metric.name.empty()) body.fail("metricName", "must not be empty");
  read_selector(body, metric);
  read_watermarks(body, metric);
  return metric;
}

void refuse_other_modes(Fields& spec, const PolicySpec& policy) {
  if (spec.has("recommender")) {
    spec.fail("recommender", spec.has("metrics")
                                 ? "may not be set together with metrics"
                                 : "is not supported: no recommender service is asked; give metrics with watermarks");
  }
  const auto lifecycle = policy.annotations.find(kLifecycle);
  if (lifecycle == policy.annotations.end() || lifecycle->second != "true") return;
  throw config::FieldError(spec.document().locate(annotation_pointer(kLifecycle)) + ": " + kLifecycle +
                           " is not supported: no DatadogMonitor is asked; remove it or set it to \"false\"");
}

// Seconds of which 0 means the default.
base::Duration read_window(Fields& spec, const std::string& key, int fallback) {
  const int seconds = read_int_or(spec, key, fallback, 0);
  return std::chrono::seconds(seconds == 0 ? fallback : seconds);
}

void read_limits(Fields& spec, WpaSpec& wpa) {
  wpa.min_replicas = read_int_or(spec, "minReplicas", 1, 0);
  wpa.max_replicas = read_int(spec, "maxReplicas", 1);
  if (wpa.max_replicas < wpa.min_replicas) {
    spec.fail("maxReplicas", fmt::format("must not be below minReplicas ({})", wpa.min_replicas));
  }
  if (spec.has("tolerance")) {
    const std::int64_t tolerance = read_milli(spec, "tolerance");
    if (tolerance > 1000) spec.fail("tolerance", "must be between 0 and 1, is " + kube::format_milli(tolerance));
    if (tolerance != 0) wpa.tolerance_milli = tolerance;
  }
  if (spec.has("scaleUpLimitFactor")) wpa.scale_up_limit = read_milli(spec, "scaleUpLimitFactor");
  if (spec.has("scaleDownLimitFactor")) wpa.scale_down_limit = read_milli(spec, "scaleDownLimitFactor");
  if (wpa.scale_down_limit >= 100'000) {
    spec.fail("scaleDownLimitFactor",
              "must be below 100 (percent of the replicas), is " + kube::format_milli(wpa.scale_down_limit));
  }
  wpa.modulo = read_int_or(spec, "replicaScalingAbsoluteModulo", 1, 1);
  wpa.min_available_percentage = read_int_or(spec, "minAvailableReplicaPercentage", 0, 0, 100);
}

void read_times(Fields& spec, WpaSpec& wpa) {
  const auto seconds = [&](const char* key) { return std::chrono::seconds(read_int_or(spec, key, 0, 0)); };
  wpa.upscale_forbidden_window = read_window(spec, "upscaleForbiddenWindowSeconds", 60);
  wpa.downscale_forbidden_window = read_window(spec, "downscaleForbiddenWindowSeconds", 300);
  wpa.upscale_delay = seconds("upscaleDelayAboveWatermarkSeconds");
  wpa.downscale_delay = seconds("downscaleDelayBelowWatermarkSeconds");
  wpa.readiness_delay = seconds("readinessDelaySeconds");
}

}  // namespace

void read_wpa(Fields& spec, PolicySpec& policy) {
  refuse_other_modes(spec, policy);
  WpaSpec wpa;
  read_limits(spec, wpa);
  read_times(spec, wpa);
  wpa.average = spec.choice_or("algorithm", {"absolute", "average", ""}, "absolute") == "average";
  const std::string converge = spec.choice_or("convergeTowardsWatermark", {"highwatermark", "lowwatermark", ""}, "");
  if (converge == "highwatermark") wpa.converge = WpaSpec::Converge::kHighWatermark;
  if (converge == "lowwatermark") wpa.converge = WpaSpec::Converge::kLowWatermark;
  wpa.tolerate_zero = spec.boolean_or("tolerateZero", false);
  wpa.dry_run = spec.boolean_or("dryRun", false);
  for (Fields& entry : spec.objects_or_none("metrics")) wpa.metrics.push_back(read_metric(entry));
  if (wpa.metrics.empty()) spec.fail("metrics", "must hold at least one metric: without one every round would shrink");
  policy.rules = std::move(wpa);
}

}  // namespace scaler
