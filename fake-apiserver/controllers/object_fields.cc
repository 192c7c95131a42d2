#include "fake-apiserver/controllers/object_fields.h"

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
  Json reference{{"apiVersion", api_version},
                 {"kind", kind},
                 {"name", text_at(object, {"metadata", "name"})},
                 {"uid", uid_of(object)},
                 {"resourceVersion", text_at(object, {"metadata", "resourceVersion"})}};
  const std::string ns = text_at(object, {"metadata", "namespace"});
  if (!ns.empty()) reference["namespace"] = ns;
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
  Json entry{{"type", condition.type}, {"status", condition.status}, {"lastTransitionTime", base::format_rfc3339(now)}};
  if (!condition.reason.empty()) entry["reason"] = condition.reason;
  if (!condition.message.empty()) entry["message"] = condition.message;
  for (Json& existing : conditions) {
    if (text_at(existing, {"type"}) != condition.type) continue;
    if (text_at(existing, {"status"}) == condition.status && existing.contains("lastTransitionTime")) {
      entry["lastTransitionTime"] = existing["lastTransitionTime"];
    }
    existing = std::move(entry);
    return;
  }
  conditions.push_back(std::move(entry));
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
