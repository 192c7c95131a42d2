// What JSON values the fields of the schema take, and how a decoder of typed structures names both. Pure functions.
#pragma once

#include <optional>
#include <string>

#include "fake-apiserver/schema/schema.h"
#include "fake-apiserver/store/object_store.h"

namespace fakeapi {

// "string", "number 1.5", "bool", "object", "array".
std::string json_type_name(const Json& value);
// "DeploymentSpec" of io.k8s.api.apps.v1.DeploymentSpec.
std::string short_name(const SchemaType& type);
// "int32", "[]v1.Container", "map[string]string"; of an element: without the list or map.
std::string go_type(const SchemaField& field);
std::string go_element_type(const SchemaField& field);

// Whether `value` can stand in a field of the scalar `type`.
bool fits(FieldType type, const Json& value);
// What is wrong with the text as base64; nullopt if nothing is, or if it is no text.
std::optional<std::string> base64_fault(const Json& value);

// What stands for a null in a list or map; null if a null may stay.
Json zero_of(const SchemaField& field);
// Whether `value` of a field without presence says no more than its absence.
bool is_left_out(const SchemaField& field, const Json& value);

}  // namespace fakeapi
