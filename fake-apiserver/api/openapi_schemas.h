// Types of the schema as components of an OpenAPI 3 document. Pure functions.
#pragma once

#include <string>

#include "fake-apiserver/schema/schema.h"
#include "fake-apiserver/store/object_store.h"

namespace fakeapi {

// {"$ref": "#/components/schemas/NAME"}
Json openapi_reference(const std::string& name);

// Adds `type` and all that it is made of to `components`, each under its name.
void add_component(const SchemaType& type, Json& components);

// The list of a kind, whose objects are described by `item`: metadata and items. Returns its name, which is that of the
// item with "List" at its end, and adds it to `components`.
std::string add_list_component(const std::string& item, const SchemaKind& kind, const std::string& list_kind,
                               Json& components);

// A custom resource by the schema that its definition gives; any object, if it gives none. Returns its name.
std::string add_custom_component(const SchemaKind& kind, const Json& schema, Json& components);

// x-kubernetes-group-version-kind of one kind.
Json openapi_kind(const SchemaKind& kind);

}  // namespace fakeapi
