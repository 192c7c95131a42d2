#include "fake-apiserver/controllers/object_fields.h"

#include <algorithm>
#include <utility>

#include "common/base/time_format.h"

namespace fakeapi {

const Json* field_at(const Json& object, FieldPath path) {
  const Json& field = at_path(object, path);
  return field.is_null() ? nullptr : &field;
}

std::int64_t int_at(const Json& object, FieldPath path, std::int64_t otherwise) {
  return integer_at(object, path).value_or(otherwise);
}

bool bool_at(const Json& object, FieldPath path, bool otherwise) {
  const Json& field = at_path(object, path);
  return field.is_boolean() ? field.get<bool>() : otherwise;
}

std::string text_or(const Json& object, FieldPath path, const char* otherwise) {
  const Json& field = at_path(object, path);
  return field.is_string() ? field.get<std::string>() : otherwise;
}

std::optional<base::Time> time_at(const Json& object, FieldPath path) {
  const Json& field = at_path(object, path);
  return field.is_string() ? base::parse_rfc3339(field.get_ref<const std::string&>()) : std::nullopt;
}

Json& object_in(Json& parent, const char* key) {
  Json& child = parent[key];
  if (!child.is_object()) child = Json::object();
  return child;
}

void append_field(Json& object, const char* key, Json value) {
  auto& fields = object.get_ref<Json::object_t&>();
  fields.emplace_hint(fields.end(), key, std::move(value));
}

std::string uid_of(const Json& object) { return text_at(object, {"metadata", "uid"}); }

bool is_being_deleted(const Json& object) { return field_at(object, {"metadata", "deletionTimestamp"}) != nullptr; }

std::optional<OwnerReference> controller_of(const Json& object) {
  const Json* owners = field_at(object, {"metadata", "ownerReferences"});
  if (!owners || !owners->is_array()) return std::nullopt;
  for (const Json& owner : *owners) {
    if (!bool_at(owner, {"controller"})) continue;
    return OwnerReference{text_at(owner, {"apiVersion"}), text_at(owner, {"kind"}), text_at(owner, {"name"}),
                          text_at(owner, {"uid"})};
  }
  return std::nullopt;
}

bool is_controlled_by(const Json& object, const std::string& uid) {
  const auto controller = controller_of(object);
  return controller && controller->uid == uid;
}

Json controller_reference(const Json& owner, const std::string& api_version, const std::string& kind) {
  return {{"apiVersion", api_version}, {"kind", kind},       {"name", text_at(owner, {"metadata", "name"})},
          {"uid", uid_of(owner)},      {"controller", true}, {"blockOwnerDeletion", true}};
}

Json reference_to(const Json& object, const std::string& api_version, const std::string& kind) {
  const Json& metadata = member(object, "metadata");
  Json reference = Json::object();
  append_field(reference, "apiVersion", api_version);
  append_field(reference, "kind", kind);
  append_field(reference, "name", text_of(member(metadata, "name")));
  if (std::string ns = text_of(member(metadata, "namespace")); !ns.empty()) {
    append_field(reference, "namespace", std::move(ns));
  }
  append_field(reference, "resourceVersion", text_of(member(metadata, "resourceVersion")));
  append_field(reference, "uid", text_of(member(metadata, "uid")));
  return reference;
}

const Json* find_condition(const Json& object, const char* type) {
  const Json* conditions = field_at(object, {"status", "conditions"});
  if (!conditions || !conditions->is_array()) return nullptr;
  for (const Json& condition : *conditions) {
    if (text_at(condition, {"type"}) == type) return &condition;
  }
  return nullptr;
}

void set_condition(Json& status, const Condition& condition, base::Time now) {
  Json& conditions = status["conditions"];
  if (!conditions.is_array()) conditions = Json::array();
  const auto says = [](const Json& entry, const char* field, const std::string& text) {
    const Json& value = member(entry, field);
    return value.is_string() && value.get_ref<const std::string&>() == text;
  };
  const auto existing = std::find_if(conditions.begin(), conditions.end(),
                                     [&](const Json& entry) { return says(entry, "type", condition.type); });
  const bool same_status = existing != conditions.end() && says(*existing, "status", condition.status);
  const Json* since = same_status ? field_at(*existing, {"lastTransitionTime"}) : nullptr;
  Json entry = Json::object();
  append_field(entry, "lastTransitionTime", since ? *since : Json(base::format_rfc3339(now)));
  if (!condition.message.empty()) append_field(entry, "message", condition.message);
  if (!condition.reason.empty()) append_field(entry, "reason", condition.reason);
  append_field(entry, "status", condition.status);
  append_field(entry, "type", condition.type);
  if (existing != conditions.end()) {
    *existing = std::move(entry);
  } else {
    conditions.push_back(std::move(entry));
  }
}

void remove_condition(Json& status, const std::string& type) {
  const auto found = status.find("conditions");
  if (found == status.end() || !found->is_array()) return;
  Json kept = Json::array();
  for (const Json& condition : *found) {
    if (text_at(condition, {"type"}) != type) kept.push_back(condition);
  }
  if (kept.size() == found->size()) return;
  if (kept.empty()) {
    status.erase("conditions");
  } else {
    *found = std::move(kept);
  }
}

void set_unless_zero(Json& object, const char* key, std::int64_t value) {
  if (value != 0) {
    object[key] = value;
  } else {
    object.erase(key);
  }
}

}  // namespace fakeapi
