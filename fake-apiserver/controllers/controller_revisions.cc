#include "fake-apiserver/controllers/controller_revisions.h"

#include <algorithm>
#include <tuple>
#include <utility>
#include <vector>

#include "fake-apiserver/controllers/claims.h"
#include "fake-apiserver/controllers/object_fields.h"
#include "fake-apiserver/controllers/replica_sets.h"

namespace fakeapi {
namespace {

const Resource kControllerRevisions{"apps", "controllerrevisions"};
constexpr const char* kApiVersion = "apps/v1";

std::int64_t number_of(const Json& revision) { return int_at(revision, {"revision"}); }

const Json& template_of(const Json& set) { return at_path(set, {"spec", "template"}); }

// Those of the set, oldest first.
std::vector<ObjectPtr> history_of(ObjectStore& store, const Json& set) {
  std::vector<ObjectPtr> history;
  for (ObjectPtr& revision : store.list(kControllerRevisions, name_of(set).ns)) {
    if (is_controlled_by(*revision, uid_of(set))) history.push_back(std::move(revision));
  }
  std::stable_sort(history.begin(), history.end(), [](const ObjectPtr& a, const ObjectPtr& b) {
    const auto key = [](const Json& r) {
      return std::tuple(number_of(r), text_at(r, {"metadata", "creationTimestamp"}));
    };
    return key(*a) < key(*b);
  });
  return history;
}

void adopt_orphans(ObjectStore& store, const Historian& historian, const Json& set) {
  std::vector<ObjectPtr> orphans;
  for (ObjectPtr& revision : store.list(kControllerRevisions, name_of(set).ns)) {
    if (!controller_of(*revision)) orphans.push_back(std::move(revision));
  }
  if (!orphans.empty())
    (void)claim(store, {set, kApiVersion, historian.kind}, kControllerRevisions, std::move(orphans));
}

Json new_revision(const Historian& historian, const Json& set, const std::string& hash, std::int64_t number) {
  const ObjectName name = name_of(set);
  Json metadata{{"name", name.name + "-" + hash},
                {"namespace", name.ns},
                {"ownerReferences", Json::array({controller_reference(set, kApiVersion, historian.kind)})}};
  if (const Json* labels = field_at(template_of(set), {"metadata", "labels"})) metadata["labels"] = *labels;
  object_in(metadata, "labels")[historian.hash_label] = hash;
  if (const Json* annotations = field_at(set, {"metadata", "annotations"})) metadata["annotations"] = *annotations;
  // As a patch of the set: its template is replaced by this one.
  Json kept = template_of(set);
  if (kept.is_object()) kept["$patch"] = "replace";
  return {{"apiVersion", kApiVersion},
          {"kind", "ControllerRevision"},
          {"metadata", std::move(metadata)},
          {"data", {{"spec", {{"template", std::move(kept)}}}}},
          {"revision", number}};
}

}  // namespace

std::string ensure_revision(ObjectStore& store, const Historian& historian, const Json& set) {
  const std::string hash = template_hash(template_of(set), 0);
  const ObjectName name{name_of(set).ns, name_of(set).name + "-" + hash};
  adopt_orphans(store, historian, set);
  const std::vector<ObjectPtr> history = history_of(store, set);
  const std::int64_t newest = history.empty() ? 0 : number_of(*history.back());
  const ObjectPtr present = store.find(kControllerRevisions, name);
  if (!present) {
    (void)store.create(kControllerRevisions, new_revision(historian, set, hash, newest + 1));
  } else if (is_controlled_by(*present, uid_of(set)) && number_of(*present) < newest) {
    (void)store.update(kControllerRevisions, name, Part::kAll, [&](Json& object) -> base::Result<> {
      object["revision"] = newest + 1;
      return {};
    });
  }
  return name.name;
}

const Json& template_of_revision(const Json& revision) { return at_path(revision, {"data", "spec", "template"}); }

void forget_revisions(ObjectStore& store, const Json& set, const std::set<std::string>& live) {
  std::vector<ObjectPtr> old = history_of(store, set);
  std::erase_if(old, [&](const ObjectPtr& revision) { return live.contains(name_of(*revision).name); });
  const std::int64_t limit = std::max<std::int64_t>(0, int_at(set, {"spec", "revisionHistoryLimit"}, 10));
  const std::int64_t surplus = static_cast<std::int64_t>(old.size()) - limit;
  for (std::int64_t i = 0; i < surplus; ++i) {
    const ObjectPtr& oldest = old[static_cast<std::size_t>(i)];
    const Preconditions same{.uid = uid_of(*oldest), .resource_version = std::nullopt};
    (void)store.remove(kControllerRevisions, name_of(*oldest), same);
  }
}

}  // namespace fakeapi
