#include "fake-apiserver/controllers/pod_claims.h"

#include <utility>
#include <vector>

#include "fake-apiserver/controllers/claims.h"
#include "fake-apiserver/controllers/object_fields.h"
#include "fake-apiserver/controllers/resources.h"

namespace fakeapi {
namespace {

bool has_other_labels(const Pod* before, const Pod& now) {
  if (!before) return true;
  if (before->labels == now.labels) return false;
  return !before->labels || !now.labels || *before->labels != *now.labels;
}

}  // namespace

PodClaims::PodClaims(const Resource& sets, const char* kind, ObjectStore& store, PodCache& pods, WorkQueue& queue)
    : sets_(sets), kind_(kind), store_(store), pods_(pods), queue_(queue) {
  for (const ObjectPtr& set : store.list(sets_)) uids_.insert(uid_of(*set));
}

void PodClaims::note_set(const StoreEvent& event) {
  if (event.type == EventType::kDeleted) {
    uids_.erase(uid_of(*event.object));
  } else if (event.type == EventType::kAdded) {
    uids_.insert(uid_of(*event.object));
  }
}

void PodClaims::note(const Pod* before, const Pod* after) {
  if (!after) {
    if (!orphans_.empty()) orphans_.erase(before->name);
    if (!relabeled_.empty()) relabeled_.erase(before->name);
    return;
  }
  const ObjectName& name = after->name;
  if (!after->owner_uid.empty()) {
    if (!orphans_.empty()) orphans_.erase(name);
    if (uids_.contains(after->owner_uid) && has_other_labels(before, *after) && relabeled_.insert(name).second) {
      queue_.add(ObjectName{name.ns, after->owner_name});
    }
    return;
  }
  if (!relabeled_.empty()) relabeled_.erase(name);
  if (!orphans_.insert(name).second && !has_other_labels(before, *after)) return;
  for (const ObjectPtr& set : store_.list(sets_, name.ns)) {
    if (selects(*set, *after->object)) queue_.add(name_of(*set));
  }
}

void PodClaims::settle(const ObjectName& name, const std::function<bool(const Json& pod)>& belongs) {
  if (orphans_.empty() && relabeled_.empty()) return;
  // As it is in the store now: one that is going adopts nothing.
  const ObjectPtr set = store_.find(sets_, name);
  if (!set) return;
  std::vector<ObjectPtr> candidates;
  for (std::set<ObjectName>* names : {&orphans_, &relabeled_}) {
    for (auto at = names->lower_bound(ObjectName{name.ns, ""}); at != names->end() && at->ns == name.ns;) {
      const Pod* pod = pods_.find(*at);
      const bool ours = pod && (names == &orphans_ || pod->owner_uid == uid_of(*set));
      if (ours) candidates.push_back(pod->object);
      at = ours && names == &relabeled_ ? names->erase(at) : std::next(at);
    }
  }
  if (!candidates.empty()) {
    (void)claim(store_, {*set, "apps/v1", kind_}, resources::kPods, std::move(candidates), belongs);
  }
}

}  // namespace fakeapi
