#include "fake-apiserver/apply/ownership.h"

#include <algorithm>

#include "fake-apiserver/apply/compare.h"
#include "fake-apiserver/apply/conflict.h"
#include "fake-apiserver/apply/last_applied.h"
#include "fake-apiserver/apply/merge.h"
#include "fake-apiserver/store/json_access.h"

namespace fakeapi {
namespace {

constexpr std::size_t kLongestManager = 128;
constexpr const char* kBeforeFirstApply = "before-first-apply";

const Json& managed_fields(const Json& object) { return at_path(object, {"metadata", "managedFields"}); }

bool is_reset(const Json& list) {
  return list.is_array() && (list.empty() || (list.size() == 1 && list[0] == Json::object()));
}

// The fields that a write of this kind is answerable for.
void limit(FieldSet& fields, const FieldWriter& writer) {
  if (writer.subresource == "status") {
    const FieldSet* status = fields.find("f:status");
    FieldSet kept;
    if (status) kept.put("f:status", *status);
    fields = std::move(kept);
  } else if (writer.ignores_status) {
    fields.erase("f:status");
  }
}

// The part of a configuration that a write of this kind may state.
Json limited(const Json& configuration, const FieldWriter& writer) {
  Json stated = configuration;
  if (writer.subresource == "status") {
    stated = Json::object();
    if (configuration.contains("status")) stated["status"] = configuration["status"];
  } else if (writer.ignores_status) {
    stated.erase("status");
  }
  return stated;
}

Difference difference(const Json& before, const Json& after, ValueType type, const FieldWriter& writer) {
  Difference result = compare(before, after, type);
  for (FieldSet* set : {&result.added, &result.removed, &result.modified}) limit(*set, writer);
  return result;
}

// One change of an object, as it looks in each version.
class Change {
 public:
  Change(const Json& before, const Json& after, const FieldWriter& writer, const FieldTypes& types)
      : before_(before), after_(after), writer_(writer), types_(types) {
    const auto type = types.of(writer.api_version);
    in_versions_.emplace_back(writer.api_version, difference(before, after, type ? *type : ValueType(), writer));
  }

  // What the writer owns now, in its own version; the change is of no use afterwards.
  FieldSet take_written() {
    Difference& own = *in_versions_.front().second;
    own.added.unite(own.modified);
    return std::move(own.added);
  }

  // Null if the object is not served in that version.
  const Difference* in(const std::string& api_version) {
    for (const auto& [version, known] : in_versions_) {
      if (version == api_version) return known ? &*known : nullptr;
    }
    const auto type = types_.of(api_version);
    std::optional<Difference> converted;
    if (type) {
      converted = difference(types_.convert(before_, api_version), types_.convert(after_, api_version), *type, writer_);
    }
    in_versions_.emplace_back(api_version, std::move(converted));
    return in(api_version);
  }

 private:
  const Json& before_;
  const Json& after_;
  const FieldWriter& writer_;
  const FieldTypes& types_;
  std::vector<std::pair<std::string, std::optional<Difference>>> in_versions_;
};

// What each manager but `self` owns of what changed.
Managers conflicts_with(const Managers& managers, const Manager* self, Change& change) {
  Managers conflicts;
  for (const Manager& manager : managers) {
    const Difference* difference = &manager == self ? nullptr : change.in(manager.api_version);
    if (!difference) continue;
    Manager conflict = manager;
    conflict.fields.intersect(difference->written());
    if (!conflict.fields.empty()) conflicts.push_back(std::move(conflict));
  }
  return conflicts;
}

// Leaves to `self` what changed. Managers of versions that are no longer served go.
void take_from_others(Managers& managers, const Manager* self, Change& change) {
  for (Manager& manager : managers) {
    if (&manager == self) continue;
    if (const Difference* difference = change.in(manager.api_version)) {
      if (difference->empty()) continue;
      manager.fields.subtract(difference->written());
      manager.fields.subtract(difference->removed);
    } else {
      manager.fields = FieldSet();
    }
  }
}

void put_managers(const Managers& managers, Json& object) {
  Json list = to_json(managers);
  if (!list.is_null()) {
    object["metadata"]["managedFields"] = std::move(list);
  } else if (object.contains("metadata")) {
    object["metadata"].erase("managedFields");
  }
}

// What track_update() does for an object that nobody owns a field of yet.
void enter_creator(Json& object, const FieldWriter& writer, ValueType type) {
  Json fields = fields_created(object, type);
  if (writer.ignores_status) fields.erase("f:status");
  strip_system_fields(fields);
  if (fields.empty()) return put_managers({}, object);
  const Manager creator{writer.manager, false, writer.api_version, writer.subresource, writer.time};
  object["metadata"]["managedFields"] = Json::array({manager_entry(creator, std::move(fields))});
}

Manager& find_or_add(Managers& managers, Manager manager) {
  const auto known =
      std::find_if(managers.begin(), managers.end(), [&](const Manager& m) { return m.is_same(manager); });
  if (known != managers.end()) return *known;
  managers.push_back(std::move(manager));
  return managers.back();
}

Manager manager_for(const FieldWriter& writer, bool applies) {
  return Manager{writer.manager, applies, writer.api_version, writer.subresource};
}

// Whoever wrote an object of which nobody knows that.
Manager before_first_apply(const Json& live, const FieldWriter& writer, ValueType type) {
  Manager manager{kBeforeFirstApply, false, writer.api_version, writer.subresource, writer.time};
  manager.fields = difference(Json::object(), live, type, writer).added;
  strip_system_fields(manager.fields);
  return manager;
}

// Takes out of `merged` what the manager stated when it applied in the version of `last`, and nobody owns now.
void prune_version(Json& merged, const Manager& last, const Managers& managers, const FieldWriter& writer,
                   const FieldTypes& types) {
  const auto type = types.of(last.api_version);
  if (last.fields.empty() || !type) return;
  FieldSet owned;
  for (const Manager& manager : managers) owned.unite(manager.fields);
  const bool same = last.api_version == writer.api_version;
  if (!same) merged = types.convert(merged, last.api_version);
  prune(merged, last.fields, owned, *type);
  if (!same) merged = types.convert(merged, writer.api_version);
}

std::optional<StatusError> refuse(const Json& configuration, const FieldWriter& writer, ValueType type,
                                  const FieldTypes& types) {
  const std::string version = text_at(configuration, {"apiVersion"});
  if (version != writer.api_version) {
    return bad_request("Incorrect version specified in apply patch. Specified patch version: " + version +
                       ", expected: " + writer.api_version);
  }
  if (!managed_fields(configuration).is_null()) return bad_request("metadata.managedFields must be nil");
  const auto problems = configuration_problems(configuration, type, types.closed);
  if (problems.empty()) return std::nullopt;
  return not_typed(configuration, problems);
}

}  // namespace

std::string manager_of(const std::string& field_manager, const std::string& user_agent) {
  if (!field_manager.empty()) return field_manager;
  const std::string prefix = user_agent.substr(0, user_agent.find('/')).substr(0, kLongestManager);
  return prefix.empty() ? "unknown" : prefix;
}

void track_update(const Json& before, Json& after, const FieldWriter& writer, const FieldTypes& types) {
  const bool creates = before.is_null();
  const Json& written = managed_fields(after);
  const bool subresource = !writer.subresource.empty();
  if (!subresource && !creates && is_reset(written)) return put_managers({}, after);
  if (!subresource && creates && written.is_null()) {
    return enter_creator(after, writer, types.of(writer.api_version).value_or(ValueType()));
  }
  std::optional<Managers> managers;
  if (!subresource) managers = parse_managers(written);
  if (!managers || managers->empty()) managers = parse_managers(managed_fields(before));
  if (!managers) managers.emplace();

  const Json nothing = Json::object();
  Change change(creates ? nothing : before, after, writer, types);
  take_from_others(*managers, nullptr, change);
  FieldSet fields = change.take_written();
  strip_system_fields(fields);
  if (!fields.empty()) {
    Manager& self = find_or_add(*managers, manager_for(writer, false));
    if (self.fields.empty()) {
      self.fields = std::move(fields);
    } else {
      self.fields.unite(fields);
    }
    self.time = writer.time;
  }
  drop_idle(*managers);
  merge_ancient(*managers);
  put_managers(*managers, after);
}

ApiResult<Json> apply_configuration(const Json& live, const Json& configuration, const FieldWriter& writer, bool force,
                                    const FieldTypes& types) {
  const ValueType type = types.of(writer.api_version).value_or(ValueType());
  if (auto refused = refuse(configuration, writer, type, types)) return *refused;
  auto managers = parse_managers(managed_fields(live)).value_or(Managers());
  Json base = live.is_null() ? Json::object() : live;
  if (base.contains("metadata")) base["metadata"].erase("managedFields");
  drop_idle(managers);
  if (managers.empty() && !live.is_null()) managers.push_back(before_first_apply(base, writer, type));

  Manager& self = find_or_add(managers, manager_for(writer, true));
  const Manager last = self;
  self.api_version = writer.api_version;
  self.fields = fields_of(configuration, type);
  limit(self.fields, writer);
  Json stated = limited(configuration, writer);
  if (types.normalize) types.normalize(stated);
  Json merged = merge_configuration(base, stated, type);
  prune_version(merged, last, managers, writer, types);

  Change change(base, merged, writer, types);
  Managers conflicts = force ? Managers() : conflicts_with(managers, &self, change);
  excuse_last_applied(conflicts, base, writer, type);
  if (!conflicts.empty()) return apply_conflict(conflicts);
  take_from_others(managers, &self, change);
  strip_system_fields(self.fields);
  const bool same = merged == base && self.fields == last.fields && self.api_version == last.api_version;
  self.time = same ? last.time : writer.time;
  drop_idle(managers);
  keep_last_applied(merged, configuration, writer);
  put_managers(managers, merged);
  return merged;
}

}  // namespace fakeapi
