// The history of a set's pod template: a ControllerRevision for each, numbered, the oldest forgotten in time.
//
// Functions over the store, for StatefulSets and DaemonSets; revisions that nobody controls and that the set selects
// are adopted.
#pragma once

#include <set>
#include <string>

#include "fake-apiserver/store/object_store.h"

namespace fakeapi {

inline constexpr const char* kRevisionHashLabel = "controller-revision-hash";

// Whose history it is.
struct Historian {
  const char* kind;        // of apps/v1
  const char* hash_label;  // of its revisions
};

// The name of the revision of the present template, which is the newest: made, or found and renumbered.
std::string ensure_revision(ObjectStore& store, const Historian& historian, const Json& set);

// The template that the revision keeps; null if there is no such revision.
const Json& template_of_revision(const Json& revision);

// Removes the oldest beyond spec.revisionHistoryLimit, not counting those whose names are in `live`.
void forget_revisions(ObjectStore& store, const Json& set, const std::set<std::string>& live);

}  // namespace fakeapi
