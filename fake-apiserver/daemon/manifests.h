// Manifests from files, applied to a server in an order in which each finds what it needs.
//
// Single-threaded, on the executor of the handler.
#pragma once

#include <filesystem>
#include <vector>

#include "common/base/clock.h"
#include "common/config/document.h"
#include "fake-apiserver/fake_apiserver.h"

namespace fakeapi {

// The objects of a file, or of all *.yaml, *.yml and *.json files of a folder and those below it, in their order. Lists
// are taken apart. That there are none is an error. Complaints say file:line:col.
base::Result<std::vector<config::Document>> load_manifests(const std::filesystem::path& path);

// Namespaces and definitions of resources first, then what others refer to, then workloads, then the rest; otherwise
// as they are.
void sort_manifests(std::vector<config::Document>& manifests);

// Creates each; one that is there is merged into. The first refusal ends it and names file:line:col of what was
// refused; a field that the kind does not have is. Waits on `clock` for resources that a definition has not brought
// yet. `token` proves who asks; it may be empty.
boost::asio::awaitable<base::Result<>> apply_manifests(std::vector<config::Document> manifests, FakeApiServer& server,
                                                       base::Clock& clock, std::string token);

}  // namespace fakeapi
