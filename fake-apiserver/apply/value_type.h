// What a value at some place of a document is, as far as merging goes: a place in a schema, or in none.
//
// Values of no known type merge as upstream deduces it: objects member by member, lists whole. A value, two pointers
// wide; the schema must outlive it.
#pragma once

#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <string_view>

#include "fake-apiserver/schema/schema.h"

namespace fakeapi {

// How a value merges.
enum class MergeForm {
  kWhole,   // scalars, and what is atomic
  kObject,  // by the fields of its type
  kMap,     // by whatever keys it has
  kByKey,   // a list of objects that are told apart by keys
  kSet,     // a list of scalars
};

class ValueType {
 public:
  // A document of this type; null: of no known type.
  static ValueType document(const SchemaType* type);

  // Of `value`, which need not have the shape that the type says: then it is replaced whole.
  MergeForm form(const nlohmann::json& value) const;

  // The type of a member; of an object or a map.
  ValueType member(std::string_view name) const;
  // The type of the items of a list.
  ValueType item() const;
  // Whether the type is an object's and declares the member.
  bool declares(std::string_view name) const;
  bool is_object_type() const { return kind_ == Kind::kObject; }
  // Whether it is a collection by the schema, or may be anything.
  bool is_list_type() const;
  bool is_map_type() const;
  bool is_untyped() const { return kind_ == Kind::kUntyped; }
  // The real server holds this object even where nobody wrote it.
  bool is_always_there() const { return always_there_; }

  // How `item` of such a list is named: "k:{...}" or "v:...". nullopt if it cannot be told from others.
  std::optional<std::string> element_of(const nlohmann::json& item) const;

 private:
  enum class Kind { kUntyped, kScalar, kAtomic, kObject, kCollection };

  static ValueType of(const SchemaField& field, bool inside_collection);

  Kind kind_ = Kind::kUntyped;
  bool always_there_ = false;
  const SchemaType* object_ = nullptr;
  const SchemaField* field_ = nullptr;  // of a collection
};

}  // namespace fakeapi
