// The whole state of a server as one JSON document: objects with their uids and revisions, the revision counter, and
// the time.
#pragma once

#include "common/base/result.h"
#include "fake-apiserver/store/object_store.h"

namespace fakeapi {

struct Snapshot {
  base::Time time{};
  Revision revision = 0;
  std::vector<std::pair<Resource, Json>> objects;
};

std::string write_snapshot(const ObjectStore& store, base::Time now);

// kInvalid for what is no snapshot, is of another version of the format, or holds what no server can.
base::Result<Snapshot> parse_snapshot(const std::string& text);

}  // namespace fakeapi
