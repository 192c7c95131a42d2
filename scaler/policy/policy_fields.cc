#include "scaler/policy/policy_fields.h"

#include <fmt/format.h>

#include "common/kube/quantity.h"
#include "scaler/policy/hpa/hpa_defaults.h"
#include "scaler/policy/hpa/hpa_json.h"
#include "scaler/policy/hpa/hpa_types.h"
#include "scaler/policy/hpa/hpa_validation.h"
#include "scaler/policy/hpa/json_values.h"
#include "scaler/policy/hpa/names.h"

namespace scaler {
namespace {

using config::Fields;

// What the user probably meant, where only some words will do.
std::string suggestion(const FieldProblem& problem) {
  if (problem.type != FieldProblem::Type::kNotSupported) return "";
  const std::string meant = config::did_you_mean(problem.bad_value, problem.supported);
  return meant.empty() ? "" : "; did you mean \"" + meant + "\"?";
}

}  // namespace

int read_int(Fields& fields, const std::string& key, int min, int max) {
  return static_cast<int>(fields.integer(key, min, max));
}

int read_int_or(Fields& fields, const std::string& key, int fallback, int min, int max) {
  return static_cast<int>(fields.integer_or(key, fallback, min, max));
}

ReplicaBounds read_bounds(Fields& spec, int most) {
  ReplicaBounds bounds;
  bounds.min = read_int_or(spec, "minReplicas", 1, 1, most);
  bounds.max = read_int(spec, "maxReplicas", 1, most);
  if (bounds.max < bounds.min) {
    spec.fail("maxReplicas", fmt::format("must not be below minReplicas ({})", bounds.min));
  }
  return bounds;
}

std::int64_t read_quantity_milli(Fields& fields, const std::string& key) {
  const auto value = kube::Quantity::parse(json_values::quantity_text(fields.raw(key)));
  if (!value) check_quantity(fields, key);
  return value ? value->milli() : 0;
}

std::int64_t read_positive_milli(Fields& fields, const std::string& key) {
  const std::int64_t milli = read_quantity_milli(fields, key);
  if (milli <= 0) fields.fail(key, "must be positive");
  return milli;
}

std::vector<MetricSpec> read_metrics(Fields& spec) {
  std::vector<MetricSpec> metrics;
  for (Fields& entry : spec.objects_or_none("metrics")) {
    check_metric_types(entry);
    refuse_problems(entry.document(), validate_metric(entry.value(), FieldPath::of_pointer(entry.pointer())));
    metrics.push_back(decode_metric(entry.value()));
  }
  return metrics;
}

std::optional<Behavior> read_behavior(Fields& spec) {
  auto behavior = spec.object_if("behavior");
  if (!behavior) return std::nullopt;
  check_behavior_types(*behavior);
  const config::Json filled = apply_behavior_defaults(behavior->value());
  refuse_problems(behavior->document(), validate_behavior(filled, FieldPath::of_pointer(behavior->pointer())));
  return decode_behavior(filled);
}

std::string read_name(Fields& fields, const std::string& key) {
  std::string name = fields.text(key);
  if (!is_dns_subdomain(name)) {
    fields.fail(key, "must be lower-case letters, digits, '-' and '.', with a letter or digit at both ends");
  }
  return name;
}

void read_target(Fields& spec, const std::vector<std::string>& kinds, PolicySpec& policy) {
  Fields reference = spec.object("scaleTargetRef");
  policy.target.kind = kinds.empty() ? reference.text("kind") : reference.choice("kind", kinds);
  if (policy.target.kind.empty()) reference.fail("kind", "must not be empty");
  policy.target.name = read_name(reference, "name");
  policy.target_where = reference.where("name");
  policy.target.api_version = reference.text_or("apiVersion", "");
  const bool needs_group = kinds.empty() && policy.target.kind != "ReplicationController";
  if (needs_group && policy.target.api_version.find('/') == std::string::npos) {
    reference.fail("apiVersion", "must be a group and a version, such as apps/v1");
  }
}

void refuse_problems(const config::Document& document, const FieldProblems& problems,
                     const std::function<std::string(const std::string&)>& origin_of) {
  if (problems.empty()) return;
  const FieldProblem& first = problems.front();
  const std::string pointer = origin_of ? origin_of(first.path.pointer()) : first.path.pointer();
  // Without a file the place is the field itself.
  const std::string where = document.file.empty() ? "" : document.locate(pointer) + ": ";
  throw config::FieldError(where + first.text() + suggestion(first));
}

}  // namespace scaler
