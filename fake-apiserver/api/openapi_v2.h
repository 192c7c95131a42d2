// OpenAPI 2 made of OpenAPI 3: what clients before Kubernetes 1.27 read. Pure functions.
#pragma once

#include <string>

#include "fake-apiserver/store/object_store.h"

namespace fakeapi {

// Adds the paths and schemas of an OpenAPI 3 document to the "paths" and "definitions" of an OpenAPI 2 one. What
// version 2 has no words for (choices between schemas, null) is left out, so that a schema says less, never something
// else.
void add_to_swagger(const Json& document, Json& swagger);

// An OpenAPI 2 document, with its info, paths and definitions, as the message openapi.v2.Document, which is the form
// that clients ask for.
std::string swagger_to_protobuf(const Json& swagger);

}  // namespace fakeapi
