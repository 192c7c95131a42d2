// metadata.managedFields: who last wrote which field, for updates and patches of the spec, labels and annotations, and
// for the scale. Creations, statuses and server-side apply leave no entry. Pure functions.
#pragma once

#include <string>

#include "fake-apiserver/store/object_store.h"

namespace fakeapi {

struct FieldWriter {
  std::string manager;
  std::string api_version;  // of the object
  std::string subresource;  // "scale" or empty
  std::string time;         // RFC 3339
};

// ?fieldManager=, or else the name of the client as its User-Agent begins.
std::string manager_of(const std::string& field_manager, const std::string& user_agent);

// The fields by which `after` differs from `before`, as fieldsV1: {"f:spec":{"f:replicas":{}}}. Lists are atomic.
Json changed_fields(const Json& before, const Json& after);

// Enters the writer of what changed into `after`, and takes it from whoever had it. Without entries of its own, `after`
// keeps those of `before`.
void record_writer(const Json& before, Json& after, const FieldWriter& writer);

}  // namespace fakeapi
