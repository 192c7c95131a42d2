#include "sim/scenario/goal_reader.h"

#include "common/base/number_format.h"
#include "sim/scenario/common_fields.h"

namespace sim {
namespace {

using config::Fields;

double read_percentile(Fields& slo) {
  const std::string text = slo.text("percentile");
  const auto number = base::parse_double(text.starts_with('p') ? std::string_view(text).substr(1) : std::string_view());
  if (!number || *number <= 0 || *number >= 100) {
    slo.fail("percentile", "must be p and a number between 0 and 100, such as p95 or p99.9, is \"" + text + "\"");
  }
  return *number / 100.0;
}

void read_slo(Fields& spec, Scenario& scenario) {
  auto fields = spec.object_if("slo");
  if (!fields) return;
  SloOptions& slo = scenario.system.slo;
  slo.latency = read_ticks(*fields, "latency", 1);
  if (fields->has("percentile")) slo.percentile = read_percentile(*fields);
  if (fields->has("target")) {
    const double target = fields->number("target", 0, 100);
    if (target <= 0 || target >= 100) {
      fields->fail("target", "must be a percentage of good requests between 0 and 100, such as 99.9");
    }
    scenario.error_budget = 1.0 - target / 100.0;
  }
}

bool is_metric(const std::string& name) {
  const bool known =
      name.find_first_not_of("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789.") == std::string::npos;
  return known && !name.empty() && name.front() != '.' && name.back() != '.' && name.find("..") == std::string::npos;
}

Expectation read_expectation(Fields& fields) {
  Expectation e;
  e.policy = fields.text_or("policy", "");
  e.metric = fields.text("metric");
  if (!is_metric(e.metric)) {
    fields.fail("metric", "must be a number of the summary, such as degradationSeconds or latencyMs.p95, is \"" +
                              e.metric + "\"");
  }
  constexpr double kLeast = -std::numeric_limits<double>::max();
  if (fields.has("atLeast")) e.at_least = fields.number("atLeast", kLeast);
  if (fields.has("atMost")) e.at_most = fields.number("atMost", kLeast);
  if (!e.at_least && !e.at_most) fields.fail("needs atLeast, atMost or both");
  if (e.at_least && e.at_most && *e.at_most < *e.at_least) fields.fail("atMost", "must not be below atLeast");
  e.where = fields.where("metric");
  return e;
}

}  // namespace

void read_goals(Fields& spec, Scenario& scenario) {
  read_slo(spec, scenario);
  if (auto apdex = spec.object_if("apdex")) {
    scenario.system.slo.apdex_threshold = read_ticks(*apdex, "threshold", 1);
  }
  if (auto cost = spec.object_if("cost")) {
    scenario.cost = CostSpec{cost->number_or("podHour", 0, 0, 1e9), cost->number_or("nodeHour", 0, 0, 1e9)};
  }
}

void read_expectations(Fields& spec, bool check_policies, Scenario& scenario) {
  std::vector<std::string> names;
  for (const PolicyFile& policy : scenario.policies) names.push_back(policy.name);
  if (names.empty()) names.emplace_back("none");
  for (Fields& fields : spec.objects_or_none("expect")) {
    scenario.expectations.push_back(read_expectation(fields));
    if (check_policies && fields.has("policy")) read_index(fields, "policy", names, "policies");
  }
}

}  // namespace sim
