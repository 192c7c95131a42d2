// Reads the few facts about pods and nodes that the bridge needs from their JSON. Missing fields mean no.
#pragma once

#include <string>
#include <string_view>

#include "fake-apiserver/store/object_store.h"

namespace sim {

bool condition_is_true(const fakeapi::Json& object, std::string_view type);
bool is_running(const fakeapi::Json& pod);
bool is_deleting(const fakeapi::Json& object);
// Whether the first container has a status, and does not run.
bool has_ended_container(const fakeapi::Json& pod);
std::string node_of(const fakeapi::Json& pod);
// "app", the label by which a workload knows its pods.
std::string app_of(const fakeapi::Json& pod);

}  // namespace sim
