// The tools of the files that fill in defaults, and their parts. Pure functions.
#pragma once

#include "fake-apiserver/store/json_access.h"
#include "fake-apiserver/store/object_store.h"

namespace fakeapi {

// Gives object[key] the value if it has none; nothing to what is no object.
void fill(Json& object, const char* key, Json value);
// The object under `key`, made if absent; null if something else stands there.
Json* child(Json& object, const char* key);

void default_pod_spec(Json& spec);
// What only pods get, and templates don't.
void default_pod(Json& spec);
// The template under spec.template.
void default_template(Json& spec);

// By resource: of what makes pods, which must have a spec, and of the rest.
void default_workload(const Resource& resource, Json& object);
void default_object(const Resource& resource, Json& object);

}  // namespace fakeapi
