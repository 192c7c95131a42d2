#include "scaler/policy/hpa/validation_rules.h"

#include <algorithm>

#include "scaler/policy/hpa/json_values.h"
#include "scaler/policy/hpa/names.h"

namespace scaler::validation {
namespace {

using json_values::text;

// Texts of a user may be no UTF-8.
std::string shown(const Json& value) { return value.dump(-1, ' ', false, Json::error_handler_t::replace); }

void check_path_segment(FieldProblems& problems, const FieldPath& path, const std::string& name) {
  if (name.empty()) required(problems, path);
  for (std::string& problem : path_segment_problems(name)) invalid(problems, path, name, std::move(problem));
}

}  // namespace

void required(FieldProblems& problems, const FieldPath& path, std::string detail) {
  problems.push_back({FieldProblem::Type::kRequired, path, "", std::move(detail)});
}

void forbidden(FieldProblems& problems, const FieldPath& path, std::string detail) {
  problems.push_back({FieldProblem::Type::kForbidden, path, "", std::move(detail)});
}

void invalid(FieldProblems& problems, const FieldPath& path, const Json& value, std::string detail) {
  problems.push_back({FieldProblem::Type::kInvalid, path, shown(value), std::move(detail)});
}

void check_choice(FieldProblems& problems, const FieldPath& path, const std::string& value,
                  const std::vector<std::string>& supported) {
  if (std::find(supported.begin(), supported.end(), value) != supported.end()) return;
  problems.push_back({FieldProblem::Type::kNotSupported, path, shown(value), "", supported});
}

std::string api_version_problem(const std::string& api_version, ReferenceRules rules) {
  if (rules.any_api_version) return "";
  const auto slashes = std::count(api_version.begin(), api_version.end(), '/');
  if (slashes > 1) return "unexpected GroupVersion string: " + api_version;
  const bool has_group = slashes == 1 && api_version.front() != '/';
  return has_group || rules.empty_group ? "" : "apiVersion must specify API group";
}

void check_reference(FieldProblems& problems, const FieldPath& path, const Json& reference, ReferenceRules rules) {
  check_path_segment(problems, path.child("kind"), text(reference, "kind"));
  check_path_segment(problems, path.child("name"), text(reference, "name"));
  const std::string api_version = text(reference, "apiVersion");
  std::string problem = api_version_problem(api_version, rules);
  if (!problem.empty()) invalid(problems, path.child("apiVersion"), api_version, std::move(problem));
}

}  // namespace scaler::validation
