#include "fake-apiserver/custom/definitions.h"

#include <algorithm>

#include "common/base/time_format.h"
#include "fake-apiserver/custom/custom_definition.h"
#include "fake-apiserver/store/json_access.h"

namespace fakeapi {
namespace {

bool is_deleting(const Json& object) { return at_path(object, {"metadata", "deletionTimestamp"}).is_string(); }

// Keeps the transition time of a condition that says what it said before.
void set_condition(Json& status, const char* type, bool holds, const std::string& reason, const std::string& message,
                   base::Time now) {
  Json& conditions = status["conditions"];
  if (!conditions.is_array()) conditions = Json::array();
  auto found =
      std::find_if(conditions.begin(), conditions.end(), [&](const Json& c) { return text_at(c, {"type"}) == type; });
  if (found == conditions.end()) {
    conditions.push_back({{"type", type}});
    found = std::prev(conditions.end());
  }
  const char* value = holds ? "True" : "False";
  if (text_at(*found, {"status"}) != value) (*found)["lastTransitionTime"] = base::format_rfc3339(now);
  (*found)["status"] = value;
  (*found)["reason"] = reason;
  (*found)["message"] = message;
}

bool is_true(const Json& object, const char* type) {
  const Json& conditions = at_path(object, {"status", "conditions"});
  return conditions.is_array() && std::any_of(conditions.begin(), conditions.end(), [&](const Json& c) {
           return text_at(c, {"type"}) == type && text_at(c, {"status"}) == "True";
         });
}

}  // namespace

Definitions::Definitions(ObjectStore& store, ResourceRegistry& registry, Callbacks callbacks)
    : store_(store), registry_(registry), callbacks_(std::move(callbacks)) {
  subscription_ = store_.subscribe(kDefinitionResource, [this](const StoreEvent& event) { on_event(event); });
}

Definitions::~Definitions() {
  store_.unsubscribe(subscription_);
  for (const auto& [name, subscription] : waiting_) store_.unsubscribe(subscription);
}

void Definitions::on_event(const StoreEvent& event) {
  const Json& object = *event.object;
  const std::string name = text_at(object, {"metadata", "name"});
  if (event.type == EventType::kDeleted) return forget(name);
  if (is_deleting(object)) {
    if (!waiting_.contains(name)) begin_deletion(object);
    return;
  }
  if (event.previous && member(*event.previous, "spec") == member(object, "spec")) return;
  establish(object);
}

std::pair<std::string, std::string> Definitions::conflict(const Json& object) const {
  const Json& names = at_path(object, {"spec", "names"});
  const std::string group = text_at(object, {"spec", "group"});
  const Resource own{group, text_at(names, {"plural"})};
  const auto taken = [](const char* reason, const std::string& name) {
    return std::pair<std::string, std::string>(reason, to_text(name) + " is already in use");
  };
  for (const ResourceInfo& other : registry_.all()) {
    if (other.served_group() != group || other.resource == own) continue;
    const auto has = [&](const std::string& name) {
      return other.resource.plural == name || other.singular == name ||
             std::find(other.short_names.begin(), other.short_names.end(), name) != other.short_names.end();
    };
    if (has(own.plural)) return taken("PluralConflict", own.plural);
    const std::string singular = text_at(names, {"singular"});
    if (has(singular)) return taken("SingularConflict", singular);
    const Json& short_names = member(names, "shortNames");
    for (const Json& name : short_names.is_array() ? short_names : Json::array()) {
      if (has(text_of(name))) return taken("ShortNamesConflict", text_of(name));
    }
    for (const char* key : {"kind", "listKind"}) {
      const std::string kind = text_at(names, {key});
      if (kind != other.kind && kind != other.kind_of_list()) continue;
      return taken(key[0] == 'k' ? "KindConflict" : "ListKindConflict", kind);
    }
  }
  const ResourceInfo* same = registry_.find(own);
  // Only a built-in row of a custom resource gives way.
  if (same && !same->custom) return taken("PluralConflict", own.plural);
  return {};
}

void Definitions::establish(const Json& object) {
  // Whoever writes past the API may write anything.
  if (!check_definition(object, nullptr).errors.empty()) return;
  const std::string name = text_at(object, {"metadata", "name"});
  const auto taken = conflict(object);
  if (taken.first.empty()) {
    ResourceInfo info = info_of_definition(object);
    const Resource resource = info.resource;
    const bool known = served_.contains(name);
    registry_.install(std::move(info));
    served_[name] = resource;
    if (known) callbacks_.end_watches(resource);
    callbacks_.changed();
  }
  write_status(name, taken);
}

void Definitions::write_status(const std::string& name, const std::pair<std::string, std::string>& taken) {
  const base::Time now = store_.clock().now();
  const bool accepted = taken.first.empty();
  (void)store_.update(kDefinitionResource, {"", name}, Part::kAll, [&](Json& object) -> base::Result<> {
    Json& finalizers = object["metadata"]["finalizers"];
    if (!finalizers.is_array()) finalizers = Json::array();
    if (std::find(finalizers.begin(), finalizers.end(), kDefinitionFinalizer) == finalizers.end()) {
      finalizers.push_back(kDefinitionFinalizer);
    }
    Json& status = object["status"];
    if (!status.is_object()) status = Json::object();
    Json& stored = status["storedVersions"];
    if (!stored.is_array()) stored = Json::array();
    for (const Json& version : at_path(object, {"spec", "versions"})) {
      const Json& version_name = member(version, "name");
      if (member(version, "storage") != Json(true)) continue;
      if (std::find(stored.begin(), stored.end(), version_name) == stored.end()) stored.push_back(version_name);
    }
    if (accepted) {
      status["acceptedNames"] = at_path(object, {"spec", "names"});
      set_condition(status, "NamesAccepted", true, "NoConflicts", "no conflicts found", now);
      set_condition(status, "Established", true, "InitialNamesAccepted", "the initial names have been accepted", now);
      return {};
    }
    if (!status.contains("acceptedNames")) status["acceptedNames"] = {{"kind", ""}, {"plural", ""}};
    set_condition(status, "NamesAccepted", false, taken.first, taken.second, now);
    if (!is_true(object, "Established")) {
      set_condition(status, "Established", false, "NotAccepted", "not all names are accepted", now);
    }
    return {};
  });
}

void Definitions::begin_deletion(const Json& object) {
  const std::string name = text_at(object, {"metadata", "name"});
  const auto served = served_.find(name);
  waiting_[name] = 0;
  const base::Time now = store_.clock().now();
  (void)store_.update(kDefinitionResource, {"", name}, Part::kAll, [&](Json& stored) -> base::Result<> {
    set_condition(stored["status"], "Terminating", true, "InstanceDeletionInProgress",
                  "CustomResource deletion is in progress", now);
    return {};
  });
  if (served != served_.end()) {
    const ResourceInfo* info = registry_.install(info_of_definition(object));  // now refuses creations
    waiting_[name] = store_.subscribe(served->second, [this, name](const StoreEvent& event) {
      if (event.type == EventType::kDeleted) finish_if_empty(name);
    });
    for (const ObjectPtr& instance : store_.list(served->second)) callbacks_.remove(*info, name_of(*instance));
  }
  finish_if_empty(name);
}

void Definitions::finish_if_empty(const std::string& name) {
  const auto served = served_.find(name);
  if (served != served_.end() && !store_.list(served->second).empty()) return;
  (void)store_.update(kDefinitionResource, {"", name}, Part::kAll, [](Json& object) -> base::Result<> {
    Json& finalizers = object["metadata"]["finalizers"];
    if (finalizers.is_array()) {
      finalizers.erase(std::remove(finalizers.begin(), finalizers.end(), Json(kDefinitionFinalizer)), finalizers.end());
    }
    if (finalizers.empty()) object["metadata"].erase("finalizers");
    return {};
  });
}

void Definitions::forget(const std::string& name) {
  if (const auto waiting = waiting_.find(name); waiting != waiting_.end()) {
    store_.unsubscribe(waiting->second);
    waiting_.erase(waiting);
  }
  const auto served = served_.find(name);
  if (served == served_.end()) return;
  const Resource resource = served->second;
  served_.erase(served);
  registry_.withdraw(resource);
  callbacks_.end_watches(resource);
  callbacks_.changed();
  retry_refused();
}

void Definitions::retry_refused() {
  for (const ObjectPtr& object : store_.list(kDefinitionResource)) {
    if (!is_deleting(*object) && !is_true(*object, "NamesAccepted")) establish(*object);
  }
}

}  // namespace fakeapi
