#include "fake-apiserver/controllers/claims.h"

#include <utility>

#include "fake-apiserver/api/selector.h"
#include "fake-apiserver/controllers/object_fields.h"

namespace fakeapi {
namespace {

// Empty if there is none, or none that can be read.
LabelSelector selector_of(const Json& controller) {
  const Json* selector = field_at(controller, {"spec", "selector"});
  if (!selector || !selector->is_object()) return {};
  auto parsed = LabelSelector::parse(selector_text(*selector));
  return parsed ? *std::move(parsed) : LabelSelector();
}

// Null if somebody was faster.
ObjectPtr adopt(ObjectStore& store, const Claimant& claimant, const Resource& resource, const ObjectName& name) {
  const auto adopted = store.update(resource, name, Part::kSpec, [&](Json& object) -> base::Result<> {
    Json& owners = object_in(object, "metadata")["ownerReferences"];
    if (!owners.is_array()) owners = Json::array();
    owners.push_back(controller_reference(claimant.object, claimant.api_version, claimant.kind));
    return {};
  });
  return adopted ? *adopted : nullptr;
}

void release(ObjectStore& store, const std::string& owner_uid, const Resource& resource, const ObjectName& name) {
  (void)store.update(resource, name, Part::kSpec, [&](Json& object) -> base::Result<> {
    Json& metadata = object_in(object, "metadata");
    Json kept = Json::array();
    for (Json& owner : metadata["ownerReferences"]) {
      if (text_at(owner, {"uid"}) != owner_uid) kept.push_back(std::move(owner));
    }
    if (kept.empty()) {
      metadata.erase("ownerReferences");
    } else {
      metadata["ownerReferences"] = std::move(kept);
    }
    return {};
  });
}

}  // namespace

bool selects(const Json& controller, const Json& object) {
  const LabelSelector selector = selector_of(controller);
  return !selector.empty() && selector.matches(object);
}

std::vector<ObjectPtr> claim(ObjectStore& store, const Claimant& claimant, const Resource& resource,
                             std::vector<ObjectPtr> candidates,
                             const std::function<bool(const Json& object)>& belongs) {
  const std::string uid = uid_of(claimant.object);
  const bool adopts = !is_being_deleted(claimant.object);
  const LabelSelector selector = selector_of(claimant.object);
  std::vector<ObjectPtr> claimed;
  for (ObjectPtr& candidate : candidates) {
    const auto controller = controller_of(*candidate);
    if (controller && controller->uid != uid) continue;
    const bool selected = !selector.empty() && selector.matches(*candidate) && (!belongs || belongs(*candidate));
    if (controller) {
      // Without a selector there is nothing to tell that it is another's.
      if (selected || selector.empty() || !adopts) {
        claimed.push_back(std::move(candidate));
      } else {
        release(store, uid, resource, name_of(*candidate));
      }
      continue;
    }
    if (!selected || !adopts || is_being_deleted(*candidate)) continue;
    if (ObjectPtr adopted = adopt(store, claimant, resource, name_of(*candidate))) claimed.push_back(adopted);
  }
  return claimed;
}

}  // namespace fakeapi
