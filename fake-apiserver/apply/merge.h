// Putting an applied configuration into an object, and taking out what is no longer applied. Pure functions.
#pragma once

#include <string>
#include <vector>

#include "fake-apiserver/apply/field_set.h"
#include "fake-apiserver/apply/value_type.h"

namespace fakeapi {

// What keeps `configuration` from being applied, in upstream's words: ".spec.foo: field not declared in schema". Types
// that are not `closed` may have members that they do not declare.
std::vector<std::string> configuration_problems(const nlohmann::json& configuration, ValueType type, bool closed);

// `live` with everything that `configuration` states. Items of lists take the order of the configuration; those that
// only the live list has stay behind what they followed.
nlohmann::json merge_configuration(const nlohmann::json& live, const nlohmann::json& configuration, ValueType type);

// Removes from `object` what is in `last` and not in `owned`; of a list or map, whole items alone.
void prune(nlohmann::json& object, const FieldSet& last, const FieldSet& owned, ValueType type);

}  // namespace fakeapi
