// The notation in which the tables of the messages are written, and its reader.
//
//   package apps = io.k8s.api.apps.v1 serves apps/v1     what follows belongs to it; others call it "apps"
//   kind Deployment: What the kind is for.               has apiVersion and kind of its own
//   type Foo atomic variant: What it is for.             see MergeRule::kAtomic and SchemaType::variant
//     1 name string; 2 spec core.PodSpec!  # What it is for.
//
// A field is its protobuf number, its JSON name and its type, `[]` before it for a list and `{}` for a map, `?` after
// it if presence is marked, `!` if JSON always has it. Then, in any order: @key,key a list by key, @set, @atomic,
// @granular (of an atomic type, but merged here), +key the merge key of strategic merge, ~ retainKeys, - replaced by
// strategic merge, ="x" the default as JSON. `inline Foo` instead of a type is a message among its parent's fields.
#pragma once

#include <deque>
#include <vector>

#include "fake-apiserver/schema/schema.h"

namespace fakeapi {

extern const char* const kMetaTypes;
extern const char* const kCorePodsTypes;
extern const char* const kCoreVolumesTypes;
extern const char* const kCoreClusterTypes;
extern const char* const kAppsTypes;
extern const char* const kAutoscalingTypes;
extern const char* const kClusterTypes;
extern const char* const kExtensionsTypes;
extern const char* const kNetworkingTypes;
extern const char* const kSecurityTypes;

// The types of `texts`, complete and linked with each other. A deque: pointers to its elements last.
// REQUIRES: the texts keep to the notation and name no type that none of them has.
std::deque<SchemaType> read_notation(const std::vector<const char*>& texts);

}  // namespace fakeapi
