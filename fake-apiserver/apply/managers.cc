#include "fake-apiserver/apply/managers.h"

#include <algorithm>
#include <array>
#include <tuple>

#include "fake-apiserver/store/json_access.h"

namespace fakeapi {
namespace {

using nlohmann::json;

constexpr std::size_t kMostUpdaters = 10;
constexpr const char* kAncient = "ancient-changes";

// Besides these: apiVersion, kind, and metadata itself.
constexpr std::array<const char*, 9> kSystemMetadata = {"f:name",       "f:namespace",     "f:creationTimestamp",
                                                        "f:selfLink",   "f:uid",           "f:clusterName",
                                                        "f:generation", "f:managedFields", "f:resourceVersion"};

std::optional<Manager> parse_manager(const json& entry) {
  const std::string operation = text_at(entry, {"operation"});
  if (operation != "Apply" && operation != "Update") return std::nullopt;
  if (text_at(entry, {"fieldsType"}) != "FieldsV1") return std::nullopt;
  Manager manager{text_at(entry, {"manager"}), operation == "Apply", text_at(entry, {"apiVersion"}),
                  text_at(entry, {"subresource"})};
  if (manager.api_version.empty()) return std::nullopt;
  manager.time = text_at(entry, {"time"});
  const json& fields = member(entry, "fieldsV1");
  if (fields.is_null()) return manager;
  auto set = FieldSet::parse(fields);
  if (!set) return std::nullopt;
  manager.fields = std::move(*set);
  return manager;
}

}  // namespace

bool Manager::is_same(const Manager& other) const {
  return name == other.name && applies == other.applies && subresource == other.subresource &&
         (applies || api_version == other.api_version);
}

std::string Manager::text() const {
  std::string text = to_text(name);
  if (!subresource.empty()) text += " with subresource " + to_text(subresource);
  if (!applies) text += " using " + api_version;
  return text;
}

std::optional<Managers> parse_managers(const json& managed_fields) {
  if (!managed_fields.is_array()) return std::nullopt;
  Managers managers;
  for (const json& entry : managed_fields) {
    auto manager = parse_manager(entry);
    if (!manager) return std::nullopt;
    const auto known =
        std::find_if(managers.begin(), managers.end(), [&](const Manager& m) { return m.is_same(*manager); });
    if (known == managers.end()) {
      managers.push_back(std::move(*manager));
    } else {
      *known = std::move(*manager);
    }
  }
  return managers;
}

json manager_entry(const Manager& manager, json fields_v1) {
  json::object_t entry;
  entry["manager"] = manager.name;
  entry["operation"] = manager.applies ? "Apply" : "Update";
  entry["apiVersion"] = manager.api_version;
  entry["fieldsType"] = "FieldsV1";
  entry["fieldsV1"] = std::move(fields_v1);
  if (!manager.time.empty()) entry["time"] = manager.time;
  if (!manager.subresource.empty()) entry["subresource"] = manager.subresource;
  return json(std::move(entry));
}

json to_json(const Managers& managers) {
  if (managers.empty()) return json();
  std::vector<const Manager*> sorted;
  for (const Manager& manager : managers) sorted.push_back(&manager);
  std::sort(sorted.begin(), sorted.end(), [](const Manager* a, const Manager* b) {
    return std::make_tuple(!a->applies, std::cref(a->time), std::cref(a->name), std::cref(a->api_version),
                           std::cref(a->subresource)) < std::make_tuple(!b->applies, std::cref(b->time),
                                                                        std::cref(b->name), std::cref(b->api_version),
                                                                        std::cref(b->subresource));
  });
  json list = json::array();
  for (const Manager* manager : sorted) {
    list.push_back(manager_entry(*manager, manager->fields.to_json()));
  }
  return list;
}

void drop_idle(Managers& managers) {
  std::erase_if(managers, [](const Manager& manager) { return manager.fields.empty(); });
}

void merge_ancient(Managers& managers) {
  const auto updaters = [&] {
    return static_cast<std::size_t>(
        std::count_if(managers.begin(), managers.end(), [](const Manager& m) { return !m.applies; }));
  };
  if (updaters() <= kMostUpdaters) return;
  std::stable_sort(managers.begin(), managers.end(),
                   [](const Manager& a, const Manager& b) { return a.time < b.time; });
  std::size_t count = updaters();
  for (std::size_t i = 0; i < managers.size() && count > kMostUpdaters; ++i) {
    if (managers[i].applies) continue;
    for (std::size_t j = i + 1; j < managers.size() && count > kMostUpdaters;) {
      if (managers[j].applies || managers[j].api_version != managers[i].api_version) {
        ++j;
        continue;
      }
      managers[i].fields.unite(managers[j].fields);
      managers[i].time = managers[j].time;
      managers[i].name = kAncient;
      managers[i].subresource.clear();
      managers.erase(managers.begin() + static_cast<std::ptrdiff_t>(j));
      --count;
    }
  }
}

void strip_system_fields(FieldSet& fields) {
  static const FieldSet kSystem = [] {
    FieldSet set = FieldSet::of({"f:apiVersion"});
    set.unite(FieldSet::of({"f:kind"}));
    set.unite(FieldSet::of({"f:metadata"}));
    for (const char* name : kSystemMetadata) set.unite(FieldSet::of({"f:metadata", name}));
    return set;
  }();
  fields.subtract(kSystem);
}

void strip_system_fields(json& fields_v1) {
  fields_v1.erase("f:apiVersion");
  fields_v1.erase("f:kind");
  const auto metadata = fields_v1.find("f:metadata");
  if (metadata == fields_v1.end()) return;
  metadata->erase(".");
  for (const char* name : kSystemMetadata) metadata->erase(name);
  if (metadata->empty()) fields_v1.erase(metadata);
}

}  // namespace fakeapi
