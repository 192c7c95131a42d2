#include "fake-apiserver/api/managed_fields.h"

#include "fake-apiserver/store/json_access.h"

namespace fakeapi {
namespace {

constexpr std::size_t kLongestManager = 128;

// Of two values, each of which may be null for not there; null if they are equal.
Json difference(const Json& before, const Json& after) {
  if (before == after) return {};
  if (!after.is_object() || (after.empty() && !before.is_object())) return Json::object();
  Json fields = Json::object();
  for (const auto& [key, value] : after.items()) {
    Json below = difference(member(before, key), value);
    if (!below.is_null()) fields["f:" + key] = std::move(below);
  }
  return fields.empty() ? Json() : fields;
}

// What is no longer there, null if all is. A field that was removed has no owner any more.
Json removal(const Json& before, const Json& after) {
  if (!before.is_object()) return {};
  Json fields = Json::object();
  for (const auto& [key, value] : before.items()) {
    const Json& now = member(after, key);
    Json below = now.is_null() && !value.is_null() ? Json::object() : removal(value, now);
    if (!below.is_null()) fields["f:" + key] = std::move(below);
  }
  return fields.empty() ? Json() : fields;
}

Json removed_fields(const Json& before, const Json& after) {
  const Json wholly = removal(before, after);
  Json fields = Json::object();
  if (wholly.contains("f:spec")) fields["f:spec"] = wholly["f:spec"];
  for (const char* key : {"f:annotations", "f:labels"}) {
    const Json& below = at_path(wholly, {"f:metadata", key});
    if (!below.is_null()) fields["f:metadata"][key] = below;
  }
  return fields;
}

void put_difference(const Json& before, const Json& after, const char* key, Json& fields) {
  Json below = difference(member(before, key), member(after, key));
  const bool is_removed = member(after, key).is_null();  // then it is none of the writer's
  if (!below.is_null() && !is_removed) fields[std::string("f:") + key] = std::move(below);
}

void merge(Json& fields, const Json& more) {
  for (const auto& [key, value] : more.items()) {
    Json& below = fields[key];
    if (below.is_null()) below = Json::object();
    merge(below, value);
  }
}

void take(Json& fields, const Json& taken) {
  for (const auto& [key, value] : taken.items()) {
    const auto found = fields.find(key);
    if (found == fields.end()) continue;
    if (!value.empty()) take(*found, value);
    if (value.empty() || found->empty()) fields.erase(found);
  }
}

bool is_of(const Json& entry, const FieldWriter& writer) {
  return text_at(entry, {"manager"}) == writer.manager && text_at(entry, {"operation"}) == "Update" &&
         text_at(entry, {"apiVersion"}) == writer.api_version && text_at(entry, {"subresource"}) == writer.subresource;
}

}  // namespace

std::string manager_of(const std::string& field_manager, const std::string& user_agent) {
  if (!field_manager.empty()) return field_manager;
  const std::string prefix = user_agent.substr(0, user_agent.find('/')).substr(0, kLongestManager);
  return prefix.empty() ? "unknown" : prefix;
}

Json changed_fields(const Json& before, const Json& after) {
  Json fields = Json::object();
  put_difference(before, after, "spec", fields);
  Json metadata = Json::object();
  for (const char* key : {"annotations", "labels"}) {
    put_difference(member(before, "metadata"), member(after, "metadata"), key, metadata);
  }
  if (!metadata.empty()) fields["f:metadata"] = std::move(metadata);
  return fields;
}

void record_writer(const Json& before, Json& after, const FieldWriter& writer) {
  const Json fields = changed_fields(before, after);
  const Json removed = removed_fields(before, after);
  Json entries = at_path(after, {"metadata", "managedFields"});
  if (!entries.is_array()) entries = at_path(before, {"metadata", "managedFields"});
  if (!entries.is_array()) entries = Json::array();
  Json kept = Json::array();
  bool entered = fields.empty();
  for (Json& entry : entries) {
    const bool has_fields = entry.is_object() && member(entry, "fieldsV1").is_object();
    if (has_fields) take(entry["fieldsV1"], removed);
    if (!entered && is_of(entry, writer)) {
      merge(entry["fieldsV1"], fields);
      entry["time"] = writer.time;
      entered = true;
    } else if (has_fields) {
      take(entry["fieldsV1"], fields);
      if (entry["fieldsV1"].empty()) continue;
    }
    kept.push_back(std::move(entry));
  }
  if (!entered) {
    Json entry = {{"manager", writer.manager}, {"operation", "Update"},    {"apiVersion", writer.api_version},
                  {"time", writer.time},       {"fieldsType", "FieldsV1"}, {"fieldsV1", fields}};
    if (!writer.subresource.empty()) entry["subresource"] = writer.subresource;
    kept.push_back(std::move(entry));
  }
  if (!kept.empty()) {
    after["metadata"]["managedFields"] = std::move(kept);
  } else if (after.contains("metadata")) {
    after["metadata"].erase("managedFields");
  }
}

}  // namespace fakeapi
