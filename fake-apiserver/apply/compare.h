// Which fields a document has, and by which two documents differ. Pure functions.
#pragma once

#include "fake-apiserver/apply/field_set.h"
#include "fake-apiserver/apply/value_type.h"

namespace fakeapi {

// The fields that `value` states: its leaves, the items of its lists and maps, and empty objects.
FieldSet fields_of(const nlohmann::json& value, ValueType type);

// FieldsV1 of what compare() has as added when there was an empty object before.
nlohmann::json fields_created(const nlohmann::json& object, ValueType type);

struct Difference {
  FieldSet added;    // with each object and list that was not there at all
  FieldSet removed;  // the same the other way round
  FieldSet modified;

  bool empty() const { return added.empty() && removed.empty() && modified.empty(); }
  // What the writer of the change is answerable for.
  FieldSet written() const;
};

// A null is nothing there. Lists whose items cannot be told apart are compared whole.
Difference compare(const nlohmann::json& before, const nlohmann::json& after, ValueType type);

}  // namespace fakeapi
