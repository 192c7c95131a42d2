// Reading and writing the few fields of schemaless objects that controllers understand. Pure functions.
//
// A field that is absent, null or of another type reads as the given default: documents come from clients.
#pragma once

#include <cstdint>
#include <initializer_list>
#include <optional>
#include <string>
#include <string_view>

#include "common/base/time.h"
#include "fake-apiserver/store/json_access.h"
#include "fake-apiserver/store/object_store.h"

namespace fakeapi {

using FieldPath = std::initializer_list<std::string_view>;

// nullptr if the path leads nowhere or to null.
const Json* field_at(const Json& object, FieldPath path);
std::int64_t int_at(const Json& object, FieldPath path, std::int64_t otherwise = 0);
bool bool_at(const Json& object, FieldPath path, bool otherwise = false);
std::string text_or(const Json& object, FieldPath path, const char* otherwise);
std::optional<base::Time> time_at(const Json& object, FieldPath path);

// The member `key` of `parent`, made an empty object first if it is none: what clients wrote there may be anything.
Json& object_in(Json& parent, const char* key);

// Adds a field to an object that has none of that name. Quick if the names come in their alphabetical order.
void append_field(Json& object, const char* key, Json value);

std::string uid_of(const Json& object);
bool is_being_deleted(const Json& object);

struct OwnerReference {
  std::string api_version;
  std::string kind;
  std::string name;
  std::string uid;
};

// The owner with `controller: true`.
std::optional<OwnerReference> controller_of(const Json& object);
bool is_controlled_by(const Json& object, const std::string& uid);
// An entry of metadata.ownerReferences that makes `owner` the controller.
Json controller_reference(const Json& owner, const std::string& api_version, const std::string& kind);

// What an Event's involvedObject holds.
Json reference_to(const Json& object, const std::string& api_version, const std::string& kind);

struct Condition {
  std::string type;
  std::string status;
  std::string reason;
  std::string message;
};

const Json* find_condition(const Json& object, const char* type);
// Adds or replaces the condition in `status.conditions`; lastTransitionTime moves only when the status changes.
// A replaced condition keeps its place.
void set_condition(Json& status, const Condition& condition, base::Time now);

// Nothing is left of the list when it was the last one.
void remove_condition(Json& status, const std::string& type);

// `value`, or no such field when it is 0: how Go writes counters with omitempty.
void set_unless_zero(Json& object, const char* key, std::int64_t value);

}  // namespace fakeapi
