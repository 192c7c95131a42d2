// metadata.managedFields: the managers of an object and the fields that each of them owns. Values.
#pragma once

#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <vector>

#include "fake-apiserver/apply/field_set.h"

namespace fakeapi {

struct Manager {
  std::string name;
  bool applies = false;     // operation Apply, or else Update
  std::string api_version;  // in which its fields are named
  std::string subresource;  // "" for the object itself
  std::string time{};       // RFC 3339; may be empty
  FieldSet fields{};

  // An applier is the same one in every version.
  bool is_same(const Manager& other) const;
  // "\"kubectl\" using apps/v1", as conflicts name it.
  std::string text() const;
};

using Managers = std::vector<Manager>;

// nullopt if the list is not one of managers: then it is as if there were none.
std::optional<Managers> parse_managers(const nlohmann::json& managed_fields);
// One of managedFields, with these FieldsV1 in place of the manager's own.
nlohmann::json manager_entry(const Manager& manager, nlohmann::json fields_v1);
// Null if there are none. Appliers first, the oldest first.
nlohmann::json to_json(const Managers& managers);

// Drops managers without fields.
void drop_idle(Managers& managers);
// Keeps at most ten that update: the oldest of a version become one, "ancient-changes".
void merge_ancient(Managers& managers);

// The fields of an object that nobody owns: its name, its revision and what else the server says.
void strip_system_fields(FieldSet& fields);
void strip_system_fields(nlohmann::json& fields_v1);

}  // namespace fakeapi
