#include "fake-apiserver/apply/value_type.h"

#include "fake-apiserver/apply/field_set.h"
#include "fake-apiserver/store/json_access.h"

namespace fakeapi {
namespace {

using nlohmann::json;

// A list key that is left out has its default, by which the item is told apart all the same.
json default_of_key(const SchemaField& list, std::string_view key) {
  const SchemaField* field = list.message ? list.message->field(key) : nullptr;
  if (!field || field->default_json.empty()) return json();
  json value = json::parse(field->default_json, nullptr, false);
  return value.is_discarded() ? json() : value;
}

}  // namespace

ValueType ValueType::document(const SchemaType* type) {
  ValueType result;
  if (!type) return result;
  result.kind_ = Kind::kObject;
  result.object_ = type;
  return result;
}

ValueType ValueType::of(const SchemaField& field, bool inside_collection) {
  ValueType result;
  if (!inside_collection && field.shape != Shape::kSingle) {
    result.kind_ = field.merge == MergeRule::kAtomic ? Kind::kAtomic : Kind::kCollection;
    result.field_ = &field;
    return result;
  }
  if (field.type == FieldType::kMessage && field.message) {
    const bool atomic = inside_collection ? field.message->atomic : field.merge == MergeRule::kAtomic;
    result.kind_ = atomic ? Kind::kAtomic : Kind::kObject;
    result.object_ = field.message;
    result.always_there_ = !inside_collection && !field.optional;
  } else if (field.type != FieldType::kRaw) {
    result.kind_ = Kind::kScalar;
  }
  return result;
}

MergeForm ValueType::form(const json& value) const {
  switch (kind_) {
    case Kind::kUntyped: return value.is_object() ? MergeForm::kMap : MergeForm::kWhole;
    case Kind::kObject: return value.is_object() ? MergeForm::kObject : MergeForm::kWhole;
    case Kind::kCollection: break;
    default: return MergeForm::kWhole;
  }
  if (field_->shape == Shape::kMap) return value.is_object() ? MergeForm::kMap : MergeForm::kWhole;
  if (!value.is_array()) return MergeForm::kWhole;
  if (field_->merge == MergeRule::kListByKey) return MergeForm::kByKey;
  return field_->merge == MergeRule::kSet ? MergeForm::kSet : MergeForm::kWhole;
}

ValueType ValueType::member(std::string_view name) const {
  if (kind_ == Kind::kCollection) return of(*field_, true);
  const SchemaField* field = kind_ == Kind::kObject ? object_->field(name) : nullptr;
  return field ? of(*field, false) : ValueType();
}

ValueType ValueType::item() const { return kind_ == Kind::kCollection ? of(*field_, true) : ValueType(); }

bool ValueType::declares(std::string_view name) const { return kind_ == Kind::kObject && object_->field(name); }

bool ValueType::is_list_type() const { return field_ && field_->shape == Shape::kList; }
bool ValueType::is_map_type() const { return field_ && field_->shape == Shape::kMap; }

std::optional<std::string> ValueType::element_of(const json& item) const {
  if (kind_ != Kind::kCollection) return std::nullopt;
  if (field_->merge == MergeRule::kSet) {
    if (item.is_structured() || item.is_null()) return std::nullopt;
    return value_element(item);
  }
  if (!item.is_object()) return std::nullopt;
  json keys = json::object();
  for (const std::string& key : field_->keys) {
    const auto found = item.find(key);
    json value = found == item.end() ? default_of_key(*field_, key) : *found;
    if (value.is_structured()) return std::nullopt;
    if (!value.is_null()) keys[key] = std::move(value);
  }
  if (keys.empty()) return std::nullopt;
  return key_element(keys);
}

}  // namespace fakeapi
