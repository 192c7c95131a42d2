#include "scaler/policy/vectors/validation_vectors.h"

#include <fmt/format.h>

#include "scaler/policy/hpa/hpa_defaults.h"
#include "scaler/policy/hpa/hpa_validation.h"

namespace scaler::vectors {
namespace {

std::string all_of(const FieldProblems& problems) {
  std::string list;
  for (const FieldProblem& problem : problems) list += (list.empty() ? "" : "; ") + problem.text();
  return list;
}

Outcome compare_first(const FieldProblem& first, const Json& expect) {
  const auto wanted = [&](const char* key) { return expect.value(key, ""); };
  if (expect.contains("field") && first.path.field() != wanted("field")) {
    return fails(fmt::format("the first problem is \"{}\", expected one of {}", first.text(), wanted("field")));
  }
  if (expect.contains("type") && to_string(first.type) != wanted("type")) {
    return fails(fmt::format("\"{}\" is {}, expected {}", first.text(), to_string(first.type), wanted("type")));
  }
  if (first.text().find(wanted("messageContains")) == std::string::npos) {
    return fails(fmt::format("the first problem is \"{}\", expected \"{}\"", first.text(), wanted("messageContains")));
  }
  return passes();
}

Outcome compare(const FieldProblems& problems, const Json& expect) {
  const bool valid = expect.at("valid").get<bool>();
  if (valid != problems.empty()) return fails(valid ? "refused: " + all_of(problems) : "accepted, expected a refusal");
  if (expect.contains("errorCount") && expect["errorCount"] != problems.size()) {
    return fails(
        fmt::format("{} problems, expected {}: {}", problems.size(), expect["errorCount"].dump(), all_of(problems)));
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
  const Json gates = in.value("featureGates", Json::object());
  options.scale_to_zero = gates.value("HPAScaleToZero", options.scale_to_zero);
  options.configurable_tolerance = gates.value("HPAConfigurableTolerance", options.configurable_tolerance);
  const bool update = in.value("operation", "create") == "update";
  if (update) options.old_spec = &in.at("oldSpec");
  return compare(validate_hpa_spec(in.at("spec"), options), expect);
}

Outcome run_scale_validation(const Json& in, const Json& expect) {
  return compare(validate_scale_spec({{"replicas", in.at("specReplicas")}}), expect);
}

Outcome run_spec_defaulting(const Json& in, const Json& expect) {
  const Json got = without_nulls(apply_hpa_defaults(in.at("spec")));
  const Json wanted = without_nulls(expect.at("spec"));
  if (got == wanted) return passes();
  return fails("the spec becomes " + got.dump() + ", expected " + wanted.dump());
}

}  // namespace scaler::vectors
