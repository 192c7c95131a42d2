#include "scaler/policy/policy_file.h"

#include <algorithm>
#include <map>
#include <tuple>

#include "scaler/policy/policy_fields.h"

namespace scaler {
namespace {

using config::Fields;

constexpr const char* kHpa = "HorizontalPodAutoscaler";
constexpr const char* kTuner = "HpaTuner";
constexpr const char* kPolicy = "ScalingPolicy";

bool is_dns_subdomain(const std::string& name) {
  const auto alphanumeric = [](char c) { return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9'); };
  if (name.empty() || name.size() > 253 || !alphanumeric(name.front()) || !alphanumeric(name.back())) return false;
  return std::all_of(name.begin(), name.end(), [&](char c) { return alphanumeric(c) || c == '-' || c == '.'; });
}

std::string read_name(Fields& fields, const std::string& key) {
  std::string name = fields.text(key);
  if (!is_dns_subdomain(name)) {
    fields.fail(key, "must be lower-case letters, digits, '-' and '.', with a letter or digit at both ends");
  }
  return name;
}

void read_metadata(Fields& root, PolicySpec& spec) {
  Fields metadata = root.object("metadata");
  spec.name = read_name(metadata, "name");
  if (metadata.has("namespace")) spec.ns = read_name(metadata, "namespace");
  metadata.ignore("labels");
  metadata.ignore("annotations");
}

// `kinds`: empty if any will do.
void read_target(Fields& fields, const std::vector<std::string>& kinds, PolicySpec& spec) {
  Fields reference = fields.object("scaleTargetRef");
  spec.target.kind = kinds.empty() ? reference.text("kind") : reference.choice("kind", kinds);
  if (spec.target.kind.empty()) reference.fail("kind", "must not be empty");
  spec.target.name = read_name(reference, "name");
  spec.target_where = reference.where("name");
  spec.target.api_version = reference.text_or("apiVersion", "");
  const bool needs_group = kinds.empty() && spec.target.kind != "ReplicationController";
  if (needs_group && spec.target.api_version.find('/') == std::string::npos) {
    reference.fail("apiVersion", "must be a group and a version, such as apps/v1");
  }
}

HpaSpec read_hpa(Fields& spec) {
  HpaSpec hpa;
  const ReplicaBounds bounds = read_bounds(spec, std::numeric_limits<int>::max());
  hpa.min_replicas = bounds.min;
  hpa.max_replicas = bounds.max;
  hpa.metrics = read_metrics(spec);
  constexpr int kDefaultCpuUtilization = 80;
  if (hpa.metrics.empty()) hpa.metrics.push_back({.container = {}, .utilization = kDefaultCpuUtilization});
  hpa.behavior = read_behavior(spec);
  return hpa;
}

Tolerance read_tolerance(Fields& spec) {
  Tolerance tolerance;
  if (!spec.has("tolerance")) return tolerance;
  if (!spec.value().at("tolerance").is_object()) {
    tolerance.scale_up = tolerance.scale_down = spec.quantity("tolerance");
    return tolerance;
  }
  Fields sides = spec.object("tolerance");
  tolerance.scale_up = sides.quantity_or("scaleUp", tolerance.scale_up);
  tolerance.scale_down = sides.quantity_or("scaleDown", tolerance.scale_down);
  return tolerance;
}

CooldownSpec read_cooldown(Fields& spec, bool has_behavior) {
  CooldownSpec cooldown;
  // `behavior` has windows of its own.
  if (has_behavior) cooldown.scale_down = base::Duration::zero();
  if (auto fields = spec.object_if("cooldown")) {
    cooldown.scale_up = fields->duration_or("scaleUp", cooldown.scale_up);
    cooldown.scale_down = fields->duration_or("scaleDown", cooldown.scale_down);
  }
  return cooldown;
}

ScalingPolicySpec read_scaling_policy(Fields& spec) {
  ScalingPolicySpec policy;
  const ReplicaBounds bounds = read_bounds(spec, std::numeric_limits<int>::max());
  policy.min_replicas = bounds.min;
  policy.max_replicas = bounds.max;
  policy.metrics = read_metrics(spec);
  policy.tolerance = read_tolerance(spec);
  policy.behavior = read_behavior(spec);
  policy.cooldown = read_cooldown(spec, policy.behavior.has_value());
  policy.schedules = read_schedules(spec, bounds);
  policy.prediction = read_prediction(spec);
  if (policy.metrics.empty() && policy.schedules.empty()) spec.fail("needs metrics, schedules or both");
  if (policy.prediction && policy.metrics.empty()) spec.fail("prediction", "needs metrics that it can foresee");
  return policy;
}

HpaTunerSpec read_tuner(Fields& spec) {
  HpaTunerSpec tuner;
  const ReplicaBounds bounds = read_bounds(spec, 1000);
  tuner.min_replicas = bounds.min;
  tuner.max_replicas = bounds.max;
  tuner.downscale_forbidden_window =
      std::chrono::seconds(spec.integer_or("downscaleForbiddenWindowSeconds", 300, 1, 6000));
  tuner.upscale_forbidden_window_after_downscale =
      std::chrono::seconds(spec.integer_or("upscaleForbiddenWindowAfterDownscaleSeconds", 300, 1, 600));
  // The kind declares these two and its controller never used them; they are checked and change nothing.
  spec.integer_or("scaleUpLimitFactor", 2, 1, 10);
  spec.integer_or("scaleUpLimitMinimum", 4, 1, 20);
  tuner.cpu_idling_percentage = read_int_or(spec, "cpuIdlingPercentage", 0, 0, 90);
  if (!spec.has("useDecisionService")) spec.fail("useDecisionService", "is required");
  tuner.use_decision_service = spec.boolean_or("useDecisionService", false);
  return tuner;
}

PolicySpec read_root(Fields& root) {
  PolicySpec policy;
  const std::string kind = root.choice("kind", {kHpa, kTuner, kPolicy});
  const std::string version = kind == kHpa     ? "autoscaling/v2"
                              : kind == kTuner ? "webapp.streamotion.com.au/v1"
                                               : "gamenight/v1";
  root.choice("apiVersion", {version});
  read_metadata(root, policy);
  root.ignore("status");
  Fields spec = root.object("spec");
  if (kind == kHpa) {
    policy.rules = read_hpa(spec);
  } else if (kind == kTuner) {
    policy.rules = read_tuner(spec);
  } else {
    policy.rules = read_scaling_policy(spec);
  }
  read_target(spec, kind == kTuner ? std::vector<std::string>{kHpa} : std::vector<std::string>{}, policy);
  return policy;
}

}  // namespace

base::Result<PolicySpec> read_policy(const config::Document& document, config::Strictness strictness) {
  return config::read(document, read_root, strictness);
}

base::Result<std::vector<PolicySpec>> load_policies(const std::filesystem::path& path) {
  auto documents = config::load_yaml(path);
  if (!documents) return documents.error();
  if (documents->empty()) {
    return base::Error{base::ErrorCode::kInvalid, path.string() + ":1:1: the file holds no policy"};
  }
  std::vector<PolicySpec> policies;
  std::map<std::tuple<std::size_t, std::string, std::string>, std::string> seen;
  for (const config::Document& document : *documents) {
    auto policy = read_policy(document);
    if (!policy) return policy.error();
    const std::string where = document.locate("/metadata/name");
    const auto [first, is_new] = seen.emplace(std::tuple(policy->rules.index(), policy->ns, policy->name), where);
    if (!is_new) {
      return base::Error{base::ErrorCode::kInvalid, where + ": name: is taken by the policy at " + first->second};
    }
    policies.push_back(std::move(*policy));
  }
  return policies;
}

}  // namespace scaler
