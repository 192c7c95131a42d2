#include "sim/run/policy_inputs.h"

#include <algorithm>

#include "common/base/check.h"
#include "scaler/policy/keda/keda_hpa.h"
#include "scaler/policy/policy_factory.h"

namespace sim {
namespace {

bool is_rate(const scaler::MetricNeed& need) { return need.name == "requests_per_second"; }

void add_triggers(const scaler::PolicySpec& spec, const scaler::KedaSpec& keda, PolicyInputs& inputs) {
  for (const scaler::KedaExternalTrigger& trigger : scaler::external_triggers(keda, spec.name)) {
    TriggerMetric metric;
    metric.ns = spec.ns;
    metric.name = trigger.metric;
    metric.labels = trigger.labels;
    metric.workload = spec.target.name;
    metric.nothing_is_zero = trigger.null_is_zero;
    if (trigger.type == scaler::to_string(scaler::KedaTrigger::Type::kPrometheus)) {
      auto query = PromQuery::parse(trigger.query);
      CHECK(query.has_value(), "the scenario's loader has read the query");
      metric.query = std::move(*query);
    }
    inputs.held = true;
    inputs.triggers.push_back(std::move(metric));
  }
}

}  // namespace

PolicyInputs inputs_of(const PolicyFile& file) {
  PolicyInputs inputs;
  for (const scaler::PolicySpec& spec : file.specs) {
    const scaler::MetricNeeds needs = scaler::make_policy(spec)->needs();
    inputs.held = inputs.held || !needs.pods.empty() || !needs.objects.empty() || !needs.externals.empty();
    inputs.rates = inputs.rates || std::any_of(needs.objects.begin(), needs.objects.end(), is_rate) ||
                   std::any_of(needs.externals.begin(), needs.externals.end(), is_rate);
    if (const auto* keda = std::get_if<scaler::KedaSpec>(&spec.rules)) add_triggers(spec, *keda, inputs);
  }
  return inputs;
}

std::vector<scaler::PolicySpec> policies_without_objects(const PolicyFile& file) {
  std::vector<scaler::PolicySpec> specs;
  for (const scaler::PolicySpec& spec : file.specs) {
    if (std::holds_alternative<scaler::HumanOperatorSpec>(spec.rules)) specs.push_back(spec);
  }
  return specs;
}

bool has_advice(const PolicyFile& file) {
  return std::any_of(file.specs.begin(), file.specs.end(), [](const scaler::PolicySpec& spec) {
    return std::holds_alternative<scaler::ScalingPolicySpec>(spec.rules) &&
           spec.target.kind == "HorizontalPodAutoscaler";
  });
}

}  // namespace sim
