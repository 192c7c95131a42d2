// What the validators of an HPA's parts share.
//
// Stateless.
#pragma once

#include <cstdint>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "scaler/policy/hpa/field_problem.h"

namespace scaler::validation {

using Json = nlohmann::json;

void required(FieldProblems& problems, const FieldPath& path, std::string detail = "");
void forbidden(FieldProblems& problems, const FieldPath& path, std::string detail);
void invalid(FieldProblems& problems, const FieldPath& path, const Json& value, std::string detail);
// One of `supported`, which are listed in this order.
void check_choice(FieldProblems& problems, const FieldPath& path, const std::string& value,
                  const std::vector<std::string>& supported);

struct ReferenceRules {
  bool any_api_version = false;
  bool empty_group = false;
};
// A reference to an object by kind, name and apiVersion.
void check_reference(FieldProblems& problems, const FieldPath& path, const Json& reference, ReferenceRules rules);
// What is wrong with an apiVersion; empty if nothing.
std::string api_version_problem(const std::string& api_version, ReferenceRules rules);

// spec.metrics[i]; `objects` says what the object of an Object metric may be.
void check_metric(FieldProblems& problems, const FieldPath& path, const Json& metric, ReferenceRules objects);

}  // namespace scaler::validation
