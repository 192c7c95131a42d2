#include "scaler/policy/vectors/validation_vectors.h"

#include <fmt/format.h>

#include "scaler/policy/hpa/hpa_defaults.h"
#include "scaler/policy/hpa/hpa_validation.h"
#include "scaler/policy/hpa/json_values.h"
#include "scaler/policy/vectors/vector_values.h"

namespace scaler::vectors {
namespace {

std::string all_of(const FieldProblems& problems) {
  std::string list;
  for (const FieldProblem& problem : problems) list += (list.empty() ? "" : "; ") + problem.text();
  return list;
}

Outcome compare_first(const FieldProblem& first, const Json& expect) {
  require_keys(expect, {"field", "type", "messageContains"});
  const auto wanted = [&](const char* key) { return json_values::text(expect, key); };
  if (expect.contains("field") && first.path.field() != wanted("field")) {
    return differs("firstError.field", wanted("field"), first.path.field() + " (" + first.text() + ")");
  }
  if (expect.contains("type") && to_string(first.type) != wanted("type")) {
    return differs("firstError.type", wanted("type"), std::string(to_string(first.type)) + " (" + first.text() + ")");
  }
  if (first.text().find(wanted("messageContains")) == std::string::npos) {
    return differs("firstError.messageContains", wanted("messageContains"), first.text());
  }
  return passes();
}

Outcome compare_problems(const FieldProblems& problems, const Json& expect) {
  require_keys(expect, {"valid", "firstError", "errorCount"});
  const bool valid = expect.at("valid").get<bool>();
  if (valid != problems.empty()) {
    return differs("valid", valid ? "true" : "false", valid ? "false (" + all_of(problems) + ")" : "true");
  }
  if (expect.contains("errorCount") && expect["errorCount"] != problems.size()) {
    return differs("errorCount", expect["errorCount"].dump(),
                   fmt::format("{} ({})", problems.size(), all_of(problems)));
  }
  if (valid || !expect.contains("firstError")) return passes();
  return compare_first(problems.front(), expect["firstError"]);
}

// Null is how the file writes that a field is absent.
Json without_nulls(const Json& value) {
  if (value.is_array()) {
    Json list = Json::array();
    for (const Json& element : value) list.push_back(without_nulls(element));
    return list;
  }
  if (!value.is_object()) return value;
  Json object = Json::object();
  for (const auto& [key, field] : value.items()) {
    if (!field.is_null()) object[key] = without_nulls(field);
  }
  return object;
}

}  // namespace

Outcome run_spec_validation(const Json& in, const Json& expect) {
  HpaValidationOptions options;
  options.scale_to_zero = gate(in, "HPAScaleToZero", options.scale_to_zero);
  options.configurable_tolerance = gate(in, "HPAConfigurableTolerance", options.configurable_tolerance);
  const std::string operation = in.value("operation", "create");
  if (operation != "create" && operation != "update") throw MalformedCase("operation is \"" + operation + "\"");
  if (operation == "update") options.old_spec = &in.at("oldSpec");
  return compare_problems(validate_hpa_spec(in.at("spec"), options), expect);
}

Outcome run_scale_validation(const Json& in, const Json& expect) {
  return compare_problems(validate_scale_spec({{"replicas", count(in, "specReplicas")}}), expect);
}

Outcome run_spec_defaulting(const Json& in, const Json& expect) {
  require_keys(expect, {"spec"});
  const Json got = without_nulls(apply_hpa_defaults(in.at("spec")));
  const Json wanted = without_nulls(expect.at("spec"));
  return got == wanted ? passes() : differs("spec", wanted.dump(), got.dump());
}

}  // namespace scaler::vectors
