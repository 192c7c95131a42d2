#include "scaler/policy/keda/keda_reader.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <limits>

#include "common/base/number_format.h"
#include "scaler/policy/hpa/field_problem.h"
#include "scaler/policy/keda/keda_formula.h"
#include "scaler/policy/keda/keda_hpa.h"
#include "scaler/policy/keda/keda_trigger_reader.h"
#include "scaler/policy/policy_fields.h"

namespace scaler {
namespace {

using config::Fields;

constexpr std::size_t kLongestName = 63;  // names are the values of labels

base::Duration read_seconds_or(Fields& spec, const std::string& key, int fallback, int least) {
  return std::chrono::seconds(spec.integer_or(key, fallback, least));
}

// Unlike elsewhere, kind and apiVersion may be left out.
void read_scale_target(Fields& spec, PolicySpec& policy) {
  Fields reference = spec.object("scaleTargetRef");
  reference.ignore("envSourceContainerName");
  policy.target.name = read_name(reference, "name");
  policy.target_where = reference.where("name");
  policy.target.kind = reference.text_or("kind", "Deployment");
  policy.target.api_version = reference.text_or("apiVersion", "apps/v1");
  if (policy.target.kind.empty()) reference.fail("kind", "must not be empty");
  if (policy.target.api_version.find('/') == std::string::npos && policy.target.kind != "ReplicationController") {
    reference.fail("apiVersion", "must be a group and a version, such as apps/v1");
  }
}

void read_counts(Fields& spec, KedaSpec& keda) {
  keda.min_replicas = read_int_or(spec, "minReplicaCount", 0, 0);
  keda.max_replicas = read_int_or(spec, "maxReplicaCount", 100, 1);
  // The webhook takes an explicit 0 as the 1 that the HPA gets.
  const int least = spec.has("minReplicaCount") ? std::max(1, keda.min_replicas) : 0;
  if (least > keda.max_replicas) {
    spec.fail("minReplicaCount", fmt::format("must not be above maxReplicaCount ({})", keda.max_replicas));
  }
  if (!spec.has("idleReplicaCount")) return;
  keda.idle_replicas = read_int(spec, "idleReplicaCount", 0);
  if (*keda.idle_replicas >= least) {
    spec.fail("idleReplicaCount", fmt::format("must be below minReplicaCount ({})", least));
  }
}

void check_resource_only(const Fields& spec, const KedaSpec& keda) {
  const bool others = std::any_of(keda.triggers.begin(), keda.triggers.end(),
                                  [](const KedaTrigger& trigger) { return !trigger.is_resource(); });
  if (others) return;
  if (keda.min_replicas == 0) {
    spec.fail("minReplicaCount", "must be at least 1 where cpu and memory are the only triggers");
  }
  if (keda.fallback) spec.fail("fallback", "needs a trigger that is not cpu or memory");
  if (keda.modifiers) spec.fail("advanced", "scalingModifiers needs a trigger that is not cpu or memory");
}

KedaModifiers read_modifiers(Fields& fields, const std::vector<KedaTrigger>& triggers) {
  KedaModifiers modifiers;
  modifiers.formula = fields.text("formula");
  if (modifiers.formula.empty()) fields.fail("formula", "must not be empty");
  if (!fields.has("target") || fields.text("target").empty()) fields.fail("needs a target for its formula");
  modifiers.target = read_number_text(fields, "target", 0);
  if (modifiers.target < 0.001) fields.fail("target", "must be at least a thousandth");
  if (fields.has("activationTarget")) {
    modifiers.activation_target = read_number_text(fields, "activationTarget", std::numeric_limits<double>::lowest());
  }
  modifiers.per_pod = fields.choice_or("metricType", {"AverageValue", "Value"}, "AverageValue") == "AverageValue";
  std::vector<std::string> names;
  for (const KedaTrigger& trigger : triggers) {
    if (!trigger.is_resource() && !trigger.name.empty()) names.push_back(trigger.name);
  }
  const auto formula = KedaFormula::parse(modifiers.formula, names);
  if (!formula) fields.fail("formula", "is no formula: " + formula.error().message);
  return modifiers;
}

KedaFallback read_fallback(Fields& fields, bool has_modifiers) {
  KedaFallback fallback;
  fallback.failure_threshold = read_int(fields, "failureThreshold", 0);
  fallback.replicas = read_int(fields, "replicas", 0);
  static const std::vector<std::string> kBehaviors = {"static", "currentReplicas", "currentReplicasIfHigher",
                                                      "currentReplicasIfLower", "scalingModifiers"};
  const std::string behavior = fields.choice_or("behavior", kBehaviors, kBehaviors.front());
  const auto index = std::find(kBehaviors.begin(), kBehaviors.end(), behavior) - kBehaviors.begin();
  fallback.behavior = static_cast<KedaFallback::Behavior>(index);
  if (fallback.behavior == KedaFallback::Behavior::kScalingModifiers && !has_modifiers) {
    fields.fail("behavior", "scalingModifiers needs advanced.scalingModifiers");
  }
  return fallback;
}

// Empty if KEDA is to make one up.
std::string read_hpa_name(Fields& hpa) {
  if (hpa.text_or("name", "").empty()) return "";
  std::string name = read_name(hpa, "name");
  if (name.size() > kLongestName) {
    hpa.fail("name", fmt::format("has {} characters, {} is the most", name.size(), kLongestName));
  }
  return name;
}

void read_advanced(Fields& spec, KedaSpec& keda) {
  auto advanced = spec.object_if("advanced");
  if (!advanced) return;
  keda.restore_to_original_replica_count = advanced->boolean_or("restoreToOriginalReplicaCount", false);
  if (auto hpa = advanced->object_if("horizontalPodAutoscalerConfig")) {
    keda.hpa_name = read_hpa_name(*hpa);
    keda.behavior = read_behavior(*hpa);
  }
  auto modifiers = advanced->object_if("scalingModifiers");
  if (modifiers && !modifiers->value().empty()) keda.modifiers = read_modifiers(*modifiers, keda.triggers);
}

void check_names(const Fields& spec, const std::string& name, const std::string& hpa_name) {
  const auto complain = [&](const std::string& what) {
    throw config::FieldError(spec.document().locate("/metadata/name") + ": " + what);
  };
  if (name.size() > kLongestName) {
    complain(
        fmt::format("name has {} characters, {} is the most: it is the value of a label", name.size(), kLongestName));
  }
  if (hpa_name.size() > kLongestName) {
    complain(
        fmt::format("the HPA's name {} has {} characters, {} is the most; give it a shorter one in "
                    "advanced.horizontalPodAutoscalerConfig.name",
                    hpa_name, hpa_name.size(), kLongestName));
  }
}

void check_annotations(const Fields& spec, const std::map<std::string, std::string>& annotations) {
  static const std::string kKey = "autoscaling.keda.sh/paused-replicas";
  const auto found = annotations.find(kKey);
  if (found == annotations.end()) return;
  const auto replicas = base::parse_int64(found->second);
  if (replicas && *replicas >= 0 && *replicas <= std::numeric_limits<int>::max()) return;
  throw config::FieldError(fmt::format("{}: {} must be a whole number from 0 on, is \"{}\"",
                                       spec.document().locate(annotation_pointer(kKey)), kKey, found->second));
}

}  // namespace

void read_keda(Fields& spec, PolicySpec& policy) {
  KedaSpec keda;
  read_scale_target(spec, policy);
  keda.triggers = read_keda_triggers(spec);
  read_counts(spec, keda);
  keda.polling_interval = read_seconds_or(spec, "pollingInterval", 30, 1);
  keda.cooldown_period = read_seconds_or(spec, "cooldownPeriod", 300, 0);
  keda.initial_cooldown_period = read_seconds_or(spec, "initialCooldownPeriod", 0, 0);
  read_advanced(spec, keda);
  if (auto fallback = spec.object_if("fallback")) keda.fallback = read_fallback(*fallback, keda.modifiers.has_value());
  check_resource_only(spec, keda);
  if (keda.hpa_name.empty()) keda.hpa_name = "keda-hpa-" + policy.name;
  check_names(spec, policy.name, keda.hpa_name);
  check_annotations(spec, policy.annotations);
  policy.rules = std::move(keda);
}

}  // namespace scaler
