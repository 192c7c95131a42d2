// The rules by which a write moves fields from manager to manager, and what an applied configuration makes of an
// object. Pure functions.
#pragma once

#include <functional>
#include <optional>
#include <string>

#include "fake-apiserver/api/status.h"
#include "fake-apiserver/apply/managers.h"
#include "fake-apiserver/apply/value_type.h"

namespace fakeapi {

// The types by which an object's fields are told apart, in each version in which it is served.
struct FieldTypes {
  // nullopt if the object is not served in that version.
  std::function<std::optional<ValueType>(const std::string& api_version)> of;
  // The object in version `to`; its own apiVersion says what it is in.
  std::function<Json(const Json& object, const std::string& to)> convert;
  // Brings a configuration into the spelling in which the server keeps documents; may be empty.
  std::function<void(Json& configuration)> normalize;
  bool closed = false;  // a configuration must not have fields that the type does not declare
};

// Who writes what part of an object.
struct FieldWriter {
  std::string manager;
  std::string api_version;      // of the documents that are given
  std::string subresource;      // "" (the object itself), "status" or "scale"
  std::string time;             // RFC 3339
  bool ignores_status = false;  // the object's status is written through its subresource alone
};

// ?fieldManager=, or else the name of the client as its User-Agent begins.
std::string manager_of(const std::string& field_manager, const std::string& user_agent);

// Enters the writer of what changed into `after`, and takes it from whoever had it; `before` is null for a creation.
// A writer may put managedFields in place, or empty them by [] or [{}]; without any, those of `before` stay.
void track_update(const Json& before, Json& after, const FieldWriter& writer, const FieldTypes& types);

// What `live` (null: there is none yet) becomes when `writer` applies `configuration`: with what it states, without
// what it stated before and nobody owns, and with its managers. 400 for what is no configuration of the object, 409 for
// fields of others with other values, unless `force`.
ApiResult<Json> apply_configuration(const Json& live, const Json& configuration, const FieldWriter& writer, bool force,
                                    const FieldTypes& types);

}  // namespace fakeapi
