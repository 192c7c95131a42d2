// What KEDA makes of a ScaledObject: the names of its metrics, and the HorizontalPodAutoscaler that it creates.
//
// Pure functions.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "scaler/model/observation_types.h"
#include "scaler/policy/policy_spec.h"

namespace scaler {

// A trigger whose value somebody has to serve under external.metrics.k8s.io. Cron triggers are none: the policy knows
// their values.
struct KedaExternalTrigger {
  std::string metric;                         // "s0-prometheus"
  std::string selector;                       // "scaledobject.keda.sh/name=web"
  std::map<std::string, std::string> labels;  // of the series that the selector finds
  std::string type;                           // "prometheus" or "external-push"
  std::string query;                          // of prometheus
  bool null_is_zero = true;                   // no value means 0
  std::map<std::string, std::string> metadata;
};
// `name`: of the ScaledObject.
std::vector<KedaExternalTrigger> external_triggers(const KedaSpec& spec, const std::string& name);

// "cpu", "memory", "prometheus", "cron", "external-push"
const char* to_string(KedaTrigger::Type type);

// The name that KEDA gives the metric of the trigger at `index`: "s1-cron-Etc-UTC-018xx5-023xx5". REQUIRES: no cpu or
// memory trigger.
std::string keda_metric_name(std::size_t index, const KedaTrigger& trigger);
MetricNeed keda_need(const std::string& metric, const std::string& name);
// "requests (s0-prometheus)", or the metric's name alone for a trigger without one.
std::string keda_label(const KedaTrigger& trigger);

inline constexpr const char* kKedaCompositeMetric = "composite-metric";

// What annotations autoscaling.keda.sh/... say.
struct KedaPause {
  bool paused = false;
  std::optional<int> replicas;  // paused-replicas
  bool scale_in = false;
  bool scale_out = false;
  bool force_activation = false;

  bool stops_everything() const { return paused || replicas; }
};
// REQUIRES: paused-replicas is a whole number, as the reader has checked.
KedaPause keda_pause(const std::map<std::string, std::string>& annotations);

struct KedaHpa {
  PolicySpec spec;                  // its rules are an HpaSpec
  std::vector<std::string> labels;  // of its metrics, as users know the triggers
};
// REQUIRES: the rules of `scaled_object` are a KedaSpec.
KedaHpa keda_hpa(const PolicySpec& scaled_object);

}  // namespace scaler
